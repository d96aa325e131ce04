"""The lab's own certificates: a browser's own checks accept them for this machine, and for nothing else."""

import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab_server.tls.authority import Authority, fingerprint, loaded, served_with
from lab_server.tls.errors import CertificateUnusableError
from lab_server.tls.names import Names, machine_names

HERE = Names(("localhost", "lab7", "lab7.local"), tuple(map(ipaddress.ip_address, ("127.0.0.1", "::1", "192.168.7.2"))))


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def utc(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Hand:
    return Hand()


def shake(context: ssl.SSLContext, trusted: Path, name: str) -> None:
    """A TLS handshake in memory; raises what a visitor's TLS library says of it."""
    visitor = ssl.create_default_context(cafile=str(trusted))
    ways = [ssl.MemoryBIO() for _ in range(4)]
    theirs = visitor.wrap_bio(ways[0], ways[1], server_hostname=name)
    ours = context.wrap_bio(ways[2], ways[3], server_side=True)
    for _ in range(6):
        for end, out, into in ((theirs, ways[1], ways[2]), (ours, ways[3], ways[0])):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
            into.write(out.read())
    theirs.do_handshake()


@pytest.mark.parametrize("name", ["localhost", "lab7", "lab7.local", "127.0.0.1", "::1", "192.168.7.2"])
def test_visitors_accept_every_name_and_address_of_the_machine(tmp_path: Path, clock: Hand, name: str) -> None:
    served = Authority(tmp_path, clock).serve(HERE)
    assert served.authority is not None
    shake(loaded(served), served.authority, name)


def test_it_is_good_for_nothing_else(tmp_path: Path, clock: Hand) -> None:
    served = Authority(tmp_path, clock).serve(HERE)
    assert served.authority is not None
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(loaded(served), served.authority, "example.org")
    # A name that came later and is no lab's cannot be added: who stole the key could play nobody else either.
    later = Names((*HERE.dns, "bank.example.org"), HERE.addresses)
    again = Authority(tmp_path, clock).serve(later)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(loaded(again), served.authority, "bank.example.org")
    shake(loaded(again), served.authority, "lab7.local")


def test_it_is_kept_until_a_month_before_its_end_and_the_authority_stays(tmp_path: Path, clock: Hand) -> None:
    def made() -> tuple[bytes, str]:
        served = Authority(tmp_path, clock).serve(HERE)
        assert served.authority is not None
        return served.certificate.read_bytes(), fingerprint(served.authority)

    first = made()
    assert made() == first
    clock.now += timedelta(days=360)
    assert made() == first
    clock.now += timedelta(days=10)
    renewed = made()
    assert renewed[0] != first[0]
    assert renewed[1] == first[1]


def test_another_address_makes_another_certificate(tmp_path: Path, clock: Hand) -> None:
    Authority(tmp_path, clock).serve(HERE)
    moved = Authority(tmp_path, clock).serve(Names(HERE.dns, (*HERE.addresses, ipaddress.ip_address("10.3.2.1"))))
    assert moved.authority is not None
    shake(loaded(moved), moved.authority, "10.3.2.1")


def test_keys_are_readable_by_us_alone(tmp_path: Path, clock: Hand) -> None:
    folder = tmp_path / "tls"
    Authority(folder, clock).serve(HERE)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.glob("*.key")} == {0o600}
    assert len(list(folder.glob("*.key"))) == 2


def test_a_damaged_authority_is_told_and_not_replaced_in_silence(tmp_path: Path, clock: Hand) -> None:
    Authority(tmp_path, clock).serve(HERE)
    (tmp_path / "authority.key").write_text("rubbish")
    with pytest.raises(CertificateUnusableError, match="delete it for a new one"):
        Authority(tmp_path, clock).serve(HERE)


def test_a_damaged_certificate_is_made_anew(tmp_path: Path, clock: Hand) -> None:
    served = Authority(tmp_path, clock).serve(HERE)
    served.certificate.write_text("rubbish")
    assert served.authority is not None
    shake(loaded(Authority(tmp_path, clock).serve(HERE)), served.authority, "lab7")


def test_ones_own_certificate_is_used_and_a_wrong_one_named(tmp_path: Path, clock: Hand) -> None:
    own = Authority(tmp_path / "own", clock).serve(HERE)
    named = served_with(str(own.certificate), str(own.key), tmp_path / "lab", HERE, clock)
    assert named.certificate == own.certificate and named.authority is None
    assert not (tmp_path / "lab").exists()
    other = Authority(tmp_path / "other", clock).serve(HERE)
    with pytest.raises(CertificateUnusableError, match=r"tls_cert=.*server\.pem"):
        served_with(str(own.certificate), str(other.key), tmp_path / "lab", HERE, clock)


def test_this_machine_has_names() -> None:
    names = machine_names()
    assert names.dns[0] == "localhost"
    assert ipaddress.ip_address("127.0.0.1") in names.addresses
