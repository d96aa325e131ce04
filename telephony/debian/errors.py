"""What can go wrong while packages are fetched. Every message is one sentence with what to do next."""

from typing import ClassVar


class DebianError(Exception):
    """Base of this folder's errors."""

    error_id: ClassVar[str] = "debian"


class NoAptError(DebianError):
    """This machine has no apt-get, dpkg-deb, or Debian mirror in its sources."""

    error_id: ClassVar[str] = "debian-no-apt"


class NoPackageError(DebianError):
    """The archive has no such package for this machine's architecture."""

    error_id: ClassVar[str] = "debian-no-package"


class FetchError(DebianError):
    """The network or the mirror failed."""

    error_id: ClassVar[str] = "debian-fetch"


class UntrustedError(DebianError):
    """A signature or a checksum is wrong."""

    error_id: ClassVar[str] = "debian-untrusted"


class DiskFullError(DebianError):
    """There is not enough room."""

    error_id: ClassVar[str] = "debian-disk-full"
