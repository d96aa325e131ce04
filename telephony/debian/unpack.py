"""Packages into a folder, without running any of their scripts."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from telephony.debian.errors import DiskFullError, NoAptError, UntrustedError

ROOM_FACTOR = 5
"""Unpacked files are about four times as large as their packages."""


def unpack(packages: Sequence[Path], folder: Path) -> None:
    """Unpack every package into `folder`, which must not exist. On an error nothing of it is left.

    Raises UntrustedError (a package that can't be unpacked), DiskFullError, NoAptError (no dpkg-deb).
    """
    if shutil.which("dpkg-deb") is None:
        raise NoAptError("this machine has no dpkg-deb to unpack packages with; set RINGSIDE_ASTERISK instead")
    folder.mkdir(parents=True)
    try:
        _check_room(packages, folder)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for _ in threads.map(lambda package: _unpack_one(package, folder), packages):
                pass
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_room(packages: Sequence[Path], folder: Path) -> None:
    needed = ROOM_FACTOR * sum(package.stat().st_size for package in packages)
    if (free := shutil.disk_usage(folder).free) < needed:
        raise DiskFullError(f"only {free >> 20} MB are free in {folder.parent}, {needed >> 20} are needed; free some")


def _unpack_one(package: Path, folder: Path) -> None:
    done = subprocess.run(
        ["dpkg-deb", "-x", str(package), str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip()[-200:]
        if "No space left" in said:
            raise DiskFullError(
                f"the disk is full: {folder.parent} has no room for {package.name}; free some and run again"
            )
        raise UntrustedError(f"{package} can't be unpacked ({said}); delete it and run again")
