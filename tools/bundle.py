"""The offline bundle: one archive with everything a class needs from outside, and the sums to check it by."""

import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

MANIFEST = "manifest.json"
FORMAT = 1


class BundleError(Exception):
    """The bundle can't be used; one sentence says why and what to do."""


@dataclass(frozen=True)
class Bundle:
    """An unpacked and checked bundle."""

    folder: Path

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    @property
    def asterisk(self) -> Path:
        """Debian packages with their own manifest."""
        return self.folder / "debian/asterisk"

    @property
    def npm(self) -> Path:
        """What was built from npm for the pages."""
        return self.folder / "npm"

    @property
    def voices(self) -> Path:
        return self.folder / "voices"


def write_bundle(folder: Path, file: Path, npm: Sequence[str] = ()) -> None:
    """Pack everything in `folder` into `file` (a tar), the manifest first; the file appears only when complete.

    `npm` names the packages, with their versions, from which something was built for the pages.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        **_platform(),
        "npm": [*npm],
        "files": {path.relative_to(folder).as_posix(): _sha256(path) for path in paths},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    try:
        with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
            text = json.dumps(manifest, indent=1, sort_keys=True).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
            for path in paths:
                archive.add(path, path.relative_to(folder).as_posix(), filter=_anonymous)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def open_bundle(file: Path, var: Path) -> Bundle:
    """Check `file` and unpack it under `var/bundle`, unless that has been done. Raises BundleError."""
    try:
        with tarfile.open(file, "r:") as archive:
            text = _manifest_text(archive, file)
            folder = var / "bundle" / hashlib.sha256(text).hexdigest()[:16]
            if folder.is_dir():
                return Bundle(folder)
            files = _check_manifest(text, file)
            new = folder.with_name(folder.name + ".new")
            shutil.rmtree(new, ignore_errors=True)
            try:
                _unpack(archive, files, new, file)
                new.rename(folder)
            finally:
                shutil.rmtree(new, ignore_errors=True)
            return Bundle(folder)
    except FileNotFoundError as error:
        raise BundleError(f"there is no bundle {file}; write one with: make bundle") from error
    except (tarfile.TarError, EOFError) as error:
        raise BundleError(f"{file} is damaged or no bundle ({error}); copy it again") from error
    except OSError as error:
        raise BundleError(f"{file} can't be unpacked: {error.strerror}; free some room and run again") from error


def _manifest_text(archive: tarfile.TarFile, file: Path) -> bytes:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.isfile() and first.name == MANIFEST else None
    if content is None:
        raise BundleError(f"{file} is no bundle of Ringside (it does not begin with {MANIFEST})")
    return content.read()


def _check_manifest(text: bytes, file: Path) -> dict[str, str]:
    try:
        manifest = json.loads(text)
        files = {str(name): str(digest) for name, digest in manifest["files"].items()}
        made_for = {key: manifest[key] for key in _platform()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"{file} has a damaged {MANIFEST}; copy it again") from error
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{file} has another format than this Ringside reads; write a new one with: make bundle")
    if made_for != _platform():
        has, needs = " ".join(made_for.values()), " ".join(_platform().values())
        raise BundleError(f"{file} was made for {has}, this machine is {needs}; run make bundle on a machine like this")
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise BundleError(f"{file} names a file outside itself ({name}); it is not to be trusted")
    return files


def _unpack(archive: tarfile.TarFile, files: dict[str, str], folder: Path, file: Path) -> None:
    missing = dict(files)
    folder.mkdir(parents=True)
    while (entry := archive.next()) is not None:
        content = archive.extractfile(entry) if entry.isfile() else None
        if content is None or entry.name not in missing:
            raise BundleError(f"{file} holds {entry.name}, which its manifest does not list; it is not to be trusted")
        target = folder / entry.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if _copy(content, target) != missing.pop(entry.name):
            raise BundleError(f"{entry.name} in {file} is damaged (its SHA-256 differs); copy the bundle again")
    if missing:
        raise BundleError(f"{file} lacks {sorted(missing)[0]}; copy the bundle again")


def _copy(content: IO[bytes], target: Path) -> str:
    total = hashlib.sha256()
    with target.open("wb") as out:
        while block := content.read(1 << 20):
            total.update(block)
            out.write(block)
    return total.hexdigest()


def _platform() -> dict[str, str]:
    return {
        "system": platform.system().lower(),
        "machine": os.uname().machine,
        "python": ".".join(map(str, sys.version_info[:2])),
    }


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's name and a fixed mode: a bundle says nothing about who made it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
