"""A folder of .deb files with a manifest of their SHA-256 sums: what is in it can be trusted without a network."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from telephony.debian.errors import UntrustedError

MANIFEST = "manifest.json"
_DEB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.~%_:-]*\.deb")


@dataclass(frozen=True)
class PackageStore:
    """`folder` holds the packages and `manifest.json`: `{"packages": {file: sha256}}`."""

    folder: Path

    def manifest(self) -> dict[str, str]:
        """File name → SHA-256; empty when there is none yet. Raises UntrustedError for a damaged one."""
        path = self.folder / MANIFEST
        try:
            packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError) as error:
            raise UntrustedError(f"{path} is damaged; delete {self.folder} and run again") from error
        if not isinstance(packages, dict) or not all(_DEB_NAME.fullmatch(name) for name in packages):
            raise UntrustedError(f"{path} is no list of packages; delete {self.folder} and run again")
        return {str(name): str(digest) for name, digest in packages.items()}

    def write_manifest(self, packages: Mapping[str, str]) -> None:
        new = self.folder / (MANIFEST + ".new")
        new.write_text(json.dumps({"packages": dict(sorted(packages.items()))}, indent=1), encoding="utf-8")
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(self.folder / MANIFEST)

    def damaged(self) -> list[str]:
        """The files of the manifest that are missing or whose sum is wrong."""
        return [name for name, digest in self.manifest().items() if not matches(self.folder / name, digest)]

    def packages(self) -> list[Path]:
        """Every package, each checked. Raises UntrustedError naming the first that is not what the manifest says."""
        if bad := self.damaged():
            raise UntrustedError(f"{self.folder / bad[0]} is missing or damaged; run again to fetch it anew")
        return [self.folder / name for name in sorted(self.manifest())]

    def discard_damaged(self, wanted: Mapping[str, str]) -> None:
        """Delete files of `wanted` (name → SHA-256) that are there with other contents: a download cut short."""
        for name, digest in wanted.items():
            path = self.folder / name
            if path.exists() and not matches(path, digest):
                path.unlink()

    def discard_others(self, wanted: Mapping[str, str]) -> None:
        """Delete packages that are no longer wanted (older versions)."""
        for path in self.folder.glob("*.deb"):
            if path.name not in wanted:
                path.unlink()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def matches(path: Path, digest: str) -> bool:
    try:
        return sha256(path) == digest
    except OSError:
        return False
