"""Which source is asked, in which order, and that a failure changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from telephony.asterisk.errors import InstallFailedError, PbxNotInstalledError
from telephony.asterisk.install import Sources, install, new_enough
from telephony.asterisk.tree import Tree
from telephony.debian.apt import Apt
from telephony.debian.errors import FetchError
from telephony.debian.store import PackageStore


@dataclass(frozen=True)
class NoNetwork(Apt):
    """An apt that is asked and can fetch nothing."""

    host_has: str = ""
    asked: list[str] = field(default_factory=list)

    def fetch(self, packages: Sequence[str], suite: str, store: PackageStore) -> None:
        self.asked.append(suite or "host")
        raise FetchError("packages can't be fetched; check the network")

    def candidate(self, package: str) -> str:
        return self.host_has


def offline(folder: Path, *, host_has: str = "", bundle: PackageStore | None = None) -> tuple[Sources, list[str]]:
    apt = NoNetwork(folder / "apt", host_has=host_has)
    return Sources(None, bundle, PackageStore(folder / "packages"), apt), apt.asked


async def test_sid_is_asked_when_the_host_has_none(tmp_path: Path) -> None:
    where, asked = offline(tmp_path)
    with pytest.raises(InstallFailedError, match="check the network"):
        await install(tmp_path / "pbx", where)
    assert asked == ["sid"]
    assert not (tmp_path / "pbx/tree").exists()
    assert not (tmp_path / "pbx/tree.new").exists()


@pytest.mark.parametrize(("host_has", "asked"), [("1:22.10.1~dfsg-1", ["host", "sid"]), ("1:20.6.0-1", ["sid"])])
async def test_the_hosts_own_suite_comes_before_sid_if_it_is_new_enough(
    tmp_path: Path, host_has: str, asked: list[str]
) -> None:
    where, really = offline(tmp_path, host_has=host_has)
    with pytest.raises(InstallFailedError):
        await install(tmp_path / "pbx", where)
    assert really == asked


async def test_a_damaged_bundle_is_an_error_and_not_a_reason_to_use_the_network(tmp_path: Path) -> None:
    bundle = PackageStore(tmp_path / "bundle")
    bundle.folder.mkdir()
    bundle.write_manifest({"asterisk_1_all.deb": "0" * 64})
    where, asked = offline(tmp_path, bundle=bundle)
    with pytest.raises(InstallFailedError, match=r"asterisk_1_all\.deb is missing or damaged"):
        await install(tmp_path / "pbx", where)
    assert asked == []


async def test_a_damaged_cache_is_fetched_anew(tmp_path: Path) -> None:
    where, asked = offline(tmp_path)
    where.cache.folder.mkdir()
    where.cache.write_manifest({"asterisk_1_all.deb": "0" * 64})
    with pytest.raises(InstallFailedError):
        await install(tmp_path / "pbx", where)
    assert asked == ["sid"]


async def test_what_was_there_stays_when_nothing_better_comes(tmp_path: Path) -> None:
    where, _ = offline(tmp_path)
    (tmp_path / "pbx/tree").mkdir(parents=True)
    (tmp_path / "pbx/tree/mine").touch()
    (tmp_path / "pbx/tree.new/half").mkdir(parents=True)  # an interrupted run
    with pytest.raises(InstallFailedError):
        await install(tmp_path / "pbx", where)
    assert (tmp_path / "pbx/tree/mine").exists()
    assert not (tmp_path / "pbx/tree.new").exists()


async def test_a_given_asterisk_that_is_none_is_refused(tmp_path: Path) -> None:
    where = Sources(tmp_path, None, PackageStore(tmp_path), NoNetwork(tmp_path))
    with pytest.raises(PbxNotInstalledError, match="RINGSIDE_ASTERISK"):
        await install(tmp_path / "pbx", where)


def fake_tree(root: Path, says: str) -> Path:
    binary = root / "usr/sbin/asterisk"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho '{says}'\n")
    binary.chmod(0o755)
    (root / "usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    return binary


@pytest.mark.parametrize("given_as", ["binary", "root"])
def test_a_given_asterisk_may_be_a_binary_or_a_tree(tmp_path: Path, given_as: str) -> None:
    binary = fake_tree(tmp_path, "Asterisk 22.10.1+dfsg")
    tree = Tree.at(binary if given_as == "binary" else tmp_path)
    assert tree.root == tmp_path
    assert tree.check_version() == (22, 10, 1)


@pytest.mark.parametrize("says", ["Asterisk 20.6.0~dfsg", "Asterisk 22.2.9", "Asterisk certified-18.9-cert4"])
def test_one_that_is_too_old_is_refused_with_both_versions(tmp_path: Path, says: str) -> None:
    fake_tree(tmp_path, says)
    with pytest.raises(PbxNotInstalledError, match=r"Ringside needs 22\.3 or newer"):
        Tree(tmp_path).check_version()


def test_a_program_that_tells_no_version_is_refused(tmp_path: Path) -> None:
    fake_tree(tmp_path, "hello")
    with pytest.raises(PbxNotInstalledError, match="does not tell its version"):
        Tree(tmp_path).check_version()


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("1:22.10.1+dfsg+~cs6.17-1", True),
        ("1:22.3.0~dfsg-1", True),
        ("23.0", True),
        ("1:22.2.0-1", False),
        ("1:20.6.0~dfsg+~cs6.13-2", False),
        ("", False),
        ("rubbish", False),
    ],
)
def test_which_debian_versions_are_new_enough(version: str, enough: bool) -> None:
    assert new_enough(version) is enough
