"""Why there is no https, each with what to do."""

from typing import ClassVar


class TlsError(Exception):
    error_id: ClassVar[str] = "tls"


class CertificateUnusableError(TlsError):
    """A certificate or key that was named, or kept, cannot be used."""

    error_id = "tls.certificate_unusable"
