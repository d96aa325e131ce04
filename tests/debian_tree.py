"""Programs that tests need and the host lacks: Debian's own packages, fetched and unpacked aside without root."""

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from telephony.debian.apt import Apt
from telephony.debian.store import PackageStore
from telephony.debian.unpack import unpack

VAR = Path(__file__).parents[1] / "var"
STAMP = ".packages"


def debian_tree(home: Path, packages: Sequence[str]) -> Path:
    """The folder with `packages` and all they need, from the host's own suites; fetched only if it isn't there yet.

    It is unpacked aside and renamed into place: what is there is whole, and a second run starts at once. Two runs at
    the same time fetch it once. Raises DebianError with the reason when the packages can't be had.
    """
    home.mkdir(parents=True, exist_ok=True)
    tree, wanted = home / "tree", " ".join(packages)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _holds(tree, wanted):
            store = PackageStore(home / "packages")
            Apt(home / "apt").fetch(packages, "", store)
            # The host's own loader runs the programs, and loader and C library must be of one build.
            needed = [package for package in store.packages() if not package.name.startswith(("libc6_", "libc-bin_"))]
            new = home / "new"
            shutil.rmtree(new, ignore_errors=True)
            unpack(needed, new)
            (new / STAMP).write_text(wanted, encoding="utf-8")
            shutil.rmtree(tree, ignore_errors=True)
            new.rename(tree)
            shutil.rmtree(store.folder)
    return tree


def library_path(tree: Path, *more: str) -> str:
    """What the tree's programs need as LD_LIBRARY_PATH; `more` are patterns of further folders in it."""
    patterns = ("usr/lib/*-linux-gnu", "lib/*-linux-gnu", *more)
    return os.pathsep.join(str(folder) for pattern in patterns for folder in sorted(tree.glob(pattern)))


def will_run(session: pytest.Session, folder: Path) -> bool:
    """Whether tests of `folder` are about to run: then its programs are fetched first, outside any test's time-out."""
    return not session.config.option.collectonly and any(item.path.is_relative_to(folder) for item in session.items)


def _holds(tree: Path, wanted: str) -> bool:
    try:
        return (tree / STAMP).read_text(encoding="utf-8") == wanted
    except OSError:
        return False
