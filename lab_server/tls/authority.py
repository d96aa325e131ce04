"""The lab's own certificate authority, and the certificate it makes for this machine.

Its key stays in `var/secrets`, readable by us alone. It may only vouch for this machine's names and for private
addresses (name constraints, RFC 5280 4.2.1.10): who trusts it trusts the lab, and nobody who steals the key can play
another site. `cryptography` makes keys and certificates: OpenSSL's own, without its command line.
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from lab_server.tls.errors import CertificateUnusableError
from lab_server.tls.names import Names
from telephony.clock import Clock

AUTHORITY_DAYS, DAYS, RENEW_DAYS = 3650, 397, 30
"""397 days is the longest that every browser takes."""

_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7")
_PRIVATE_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")


@dataclass(frozen=True)
class Served:
    """What the pages are served with. `authority` is what visitors have to trust; None where they do already."""

    certificate: Path
    key: Path
    authority: Path | None


class Authority:
    """`folder` is `var/secrets/tls`. Works in several processes at once."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self.file = folder / "authority.pem"

    def serve(self, names: Names) -> Served:
        """A certificate for these names that lasts for another month at least; made anew if it must be.

        Raises `CertificateUnusableError` for damaged files, `OSError` if nothing can be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        served = Served(self._folder / "server.pem", self._folder / "server.key", self.file)
        with FileLock(self._folder / "lock", timeout=30):
            key, authority = self._authority(names)
            if not self._good(served, names, authority):
                self._issue(served, names, key, authority)
        return served

    def _good(self, served: Served, names: Names, authority: x509.Certificate) -> bool:
        try:
            kept = x509.load_pem_x509_certificate(served.certificate.read_bytes())
            kept.verify_directly_issued_by(authority)
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(served.certificate, served.key)
            said = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
            return False
        lasts = kept.not_valid_after_utc - self._clock.utc() > timedelta(days=RENEW_DAYS)
        return lasts and set(_alternatives(names, authority)) <= set(said)

    def _authority(self, names: Names) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key_file = self._folder / "authority.key"
        if not self.file.exists() and not key_file.exists():
            self._make_authority(names, key_file)
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            authority = x509.load_pem_x509_certificate(self.file.read_bytes())
            if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != authority.public_key():
                raise ValueError("key and certificate do not belong together")
        except (OSError, ValueError, TypeError) as error:
            raise CertificateUnusableError(
                f"the lab's certificate authority in {self._folder} is damaged ({error}): restore the folder, or "
                "delete it for a new one, which every visitor then has to trust anew"
            ) from error
        return key, authority

    def _make_authority(self, names: Names, key_file: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ringside"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Ringside {names.dns[-1]} {self._clock.utc():%Y-%m-%d}"[:64]),
            ]
        )
        builder = self._begun(own, own, key.public_key(), AUTHORITY_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        builder = builder.add_extension(x509.NameConstraints(_allowed(names), None), critical=True)
        _write(key_file, _pem(key))
        _write(self.file, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), 0o644)

    def _issue(
        self, served: Served, names: Names, key: ec.EllipticCurvePrivateKey, authority: x509.Certificate
    ) -> None:
        own = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.dns[-1][:64])])
        builder = self._begun(subject, authority.subject, own.public_key(), DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(_alternatives(names, authority)), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        signed = builder.sign(key, hashes.SHA256())
        _write(served.key, _pem(own))
        chain = [signed, authority]
        _write(served.certificate, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain), 0o644)

    def _begun(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
    ) -> x509.CertificateBuilder:
        now = self._clock.utc()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_whole(now - timedelta(days=1)))  # a visitor's clock may be behind
            .not_valid_after(_whole(now + timedelta(days=days)))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )


def served_with(cert: str, key: str, folder: Path, names: Names, clock: Clock) -> Served:
    """A certificate that was named, with its key; else the lab's own in `folder`. Raises `CertificateUnusableError`."""
    if not cert:
        return Authority(folder, clock).serve(names)
    named = Served(Path(cert).absolute(), Path(key).absolute(), None)
    loaded(named)
    return named


def loaded(served: Served) -> ssl.SSLContext:
    """For a server: TLS 1.2 or newer. Raises `CertificateUnusableError`, which says what is wrong with which file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(served.certificate, served.key, password=_no_password)
    except (OSError, ValueError) as error:
        raise CertificateUnusableError(
            f"tls_cert={served.certificate}, tls_key={served.key}: not usable together ({error}): expected a PEM file "
            "with the certificate and its chain, and a PEM file with its key, without a password"
        ) from error
    return context


def _no_password() -> bytes:
    raise ValueError("the key is locked with a password")


def fingerprint(authority: Path) -> str:
    """SHA-256 of the authority's certificate, in pairs: to be compared with what a visitor's system shows."""
    digest = x509.load_pem_x509_certificate(authority.read_bytes()).fingerprint(hashes.SHA256())
    return ":".join(f"{byte:02X}" for byte in digest)


def in_der(authority: Path) -> bytes:
    """The certificate as Windows, Android and iOS like to be given it."""
    return x509.load_pem_x509_certificate(authority.read_bytes()).public_bytes(serialization.Encoding.DER)


def _alternatives(names: Names, authority: x509.Certificate) -> list[x509.GeneralName]:
    """Every name the authority may vouch for: a name that came after it was made cannot be added."""
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    suffixes = [each.value for each in allowed if isinstance(each, x509.DNSName)]
    networks = [ipaddress.ip_network(str(each.value)) for each in allowed if isinstance(each, x509.IPAddress)]
    dns = [name for name in names.dns if any(name == one or name.endswith(f".{one}") for one in suffixes)]
    ips = [ip for ip in names.addresses if any(ip in net for net in networks)]
    return [*(x509.DNSName(name) for name in dns), *(x509.IPAddress(ip) for ip in ips)]


def _allowed(names: Names) -> list[x509.GeneralName]:
    networks = [ipaddress.ip_network(net) for net in _PRIVATE]
    outside = [ip for ip in names.addresses if not any(ip in net for net in networks)]
    networks += [ipaddress.ip_network(ip) for ip in outside]
    dns = dict.fromkeys((*_PRIVATE_NAMES, *names.dns))
    return [*(x509.DNSName(name) for name in dns), *(x509.IPAddress(net) for net in networks)]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _write(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
