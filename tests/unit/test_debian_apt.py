"""What apt-get says becomes one sentence with what to do; a program that says it stands for apt-get."""

from pathlib import Path

import pytest

from telephony.debian.apt import Apt
from telephony.debian.errors import (
    DebianError,
    DiskFullError,
    FetchError,
    NoAptError,
    NoPackageError,
    UntrustedError,
)
from telephony.debian.store import PackageStore


def apt_that_says(folder: Path, text: str, status: int = 100) -> Apt:
    """An apt-get that prints `text` and fails."""
    program = folder / "apt-get"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
    program.chmod(0o755)
    etc = folder / "etc"
    etc.mkdir()
    (etc / "sources.list").write_text("deb http://mirror.example/debian bookworm main\n")
    keyring = folder / "keyring.gpg"
    keyring.touch()
    return Apt(folder / "apt", etc=etc, keyring=keyring, program=str(program))


@pytest.mark.parametrize(
    ("said", "kind", "advice"),
    [
        ("Err:1 http://m InRelease\n  Temporary failure resolving 'm'", FetchError, "check the network"),
        ("E: Failed to fetch http://m/x.deb  Connection failed [IP: 10.0.0.1 80]", FetchError, "BUNDLE=file"),
        ("E: Failed to fetch http://m/x.deb  Hash Sum mismatch", UntrustedError, "nothing was installed"),
        ("W: GPG error: http://m sid InRelease: NO_PUBKEY 0123", UntrustedError, "signature"),
        ("E: Unable to locate package asterisk", NoPackageError, "RINGSIDE_ASTERISK"),
        ("E: Package 'asterisk' has no installation candidate", NoPackageError, "bundle"),
        ("E: You don't have enough free space: No space left on device", DiskFullError, "free some"),
        (
            "asterisk : Depends: libx but it is not going to be installed\nE: unmet dependencies",
            FetchError,
            "few hours",
        ),
        ("something nobody has seen before", FetchError, "something nobody has seen before"),
    ],
)
def test_its_complaint_becomes_one_sentence(tmp_path: Path, said: str, kind: type[DebianError], advice: str) -> None:
    store = PackageStore(tmp_path / "packages")
    with pytest.raises(kind, match=advice) as caught:
        apt_that_says(tmp_path, said).fetch(["asterisk"], "sid", store)
    assert "\n" not in str(caught.value)
    assert store.manifest() == {}


def test_no_apt_at_all(tmp_path: Path) -> None:
    with pytest.raises(NoAptError, match="set RINGSIDE_ASTERISK"):
        Apt(tmp_path, program="apt-get-of-nowhere").fetch(["asterisk"], "sid", PackageStore(tmp_path / "packages"))


def test_a_host_without_debian_sources(tmp_path: Path) -> None:
    apt = apt_that_says(tmp_path, "")
    (tmp_path / "etc/sources.list").write_text("deb http://mirror.example/ubuntu noble main\n")
    with pytest.raises(NoAptError, match="no Debian mirror"):
        apt.fetch(["asterisk"], "sid", PackageStore(tmp_path / "packages"))


def test_without_the_archives_keyring_nothing_is_fetched(tmp_path: Path) -> None:
    apt = apt_that_says(tmp_path, "")
    (tmp_path / "keyring.gpg").unlink()
    with pytest.raises(NoAptError, match="install debian-archive-keyring"):
        apt.fetch(["asterisk"], "sid", PackageStore(tmp_path / "packages"))


def test_the_mirror_is_the_hosts_own_and_the_signature_is_asked_for(tmp_path: Path) -> None:
    apt = apt_that_says(tmp_path, "Err: no", 100)
    with pytest.raises(FetchError):
        apt.fetch(["asterisk"], "sid", PackageStore(tmp_path / "packages"))
    text = (tmp_path / "apt/sid/ringside.sources").read_text()
    mirror = "http://mirror.example/debian"
    assert f"URIs: {mirror}\nSuites: sid\nComponents: main\n" in text
    assert f"Signed-By: {tmp_path}/keyring.gpg" in text


def test_a_fetch_that_brings_other_bytes_is_refused(tmp_path: Path) -> None:
    """apt-get says it is done, but the file is not what the signed list says."""
    apt = apt_that_says(tmp_path, f"'http://m/x_1_all.deb' x_1_all.deb 4 SHA256:{'0' * 64}", 0)
    store = PackageStore(tmp_path / "packages")
    store.folder.mkdir()
    (store.folder / "x_1_all.deb").write_text("evil")
    with pytest.raises(UntrustedError, match=r"x_1_all\.deb came damaged"):
        apt.fetch(["x"], "sid", store)
    assert not (store.folder / "x_1_all.deb").exists()
