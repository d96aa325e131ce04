"""A real installation from the packages fetched before: damaged ones are refused, sound ones give a working PBX."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from telephony.asterisk.errors import InstallFailedError
from telephony.asterisk.install import Sources, install
from telephony.debian.apt import Apt
from telephony.debian.errors import FetchError
from telephony.debian.store import PackageStore

pytestmark = pytest.mark.sip

FETCHED = Path(__file__).parents[2] / "var/pbx/cache/packages"


class NoNetwork(Apt):
    def fetch(self, packages: Sequence[str], suite: str, store: PackageStore) -> None:
        raise FetchError("packages can't be fetched; check the network")

    def candidate(self, package: str) -> str:
        return ""


@pytest.fixture
def where(asterisk_tree: Path, tmp_path: Path) -> Sources:
    """The real packages, as links; no network."""
    if not (FETCHED / "manifest.json").exists():
        pytest.skip("this machine's Asterisk did not come from fetched packages (RINGSIDE_ASTERISK or a bundle)")
    shutil.copytree(FETCHED, tmp_path / "packages", copy_function=os.link)
    return Sources(None, None, PackageStore(tmp_path / "packages"), NoNetwork(tmp_path / "apt"))


async def test_a_damaged_package_installs_nothing_and_the_next_run_repairs_it(where: Sources, tmp_path: Path) -> None:
    home = tmp_path / "pbx"
    package = next(where.cache.folder.glob("asterisk-modules_*.deb"))
    original = package.read_bytes()
    package.unlink()  # it is a link: the original must stay as it is
    package.write_bytes(original[: len(original) // 2])
    with pytest.raises(InstallFailedError, match="check the network"):
        await install(home, where)
    assert not (home / "tree").exists()

    package.write_bytes(original)
    done = await install(home, where)  # unpacked, started and tried with a real call
    assert (done.source, done.version >= (22, 3)) == ("cache", True)
    assert (await install(home, where)).source == "already"

    done.tree.binary.unlink()  # somebody damaged it
    assert (await install(home, where)).source == "cache"
    assert (home / "tree.previous").is_dir()
    assert not (home / "tree.new").exists()
