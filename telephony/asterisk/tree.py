"""An unpacked tree of Debian packages with Asterisk in it, and how to run programs from it on any distribution."""

import re
import subprocess
from pathlib import Path
from typing import Self

from telephony.asterisk.errors import PbxNotInstalledError

MINIMUM = (22, 3)
"""The first release with `PJSIP_TRANSFER_HANDLING`."""


class Tree:
    """`root` is `/` of the unpacked packages. Nothing is read before it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def at(cls, path: Path) -> Self:
        """The tree of `path`: its root, or an `asterisk` binary in one (`…/usr/sbin/asterisk`, `…/sbin/asterisk`).

        Raises PbxNotInstalledError when neither is there.
        """
        path = path.expanduser().absolute()
        if path.is_file():
            prefix = path.parent.parent
            path = prefix.parent if prefix.name == "usr" else prefix
        tree = cls(path)
        if not tree.complete:
            raise PbxNotInstalledError(
                f"there is no Asterisk in {path}; let RINGSIDE_ASTERISK name its binary or its tree's root, or unset it"
            )
        return tree

    @property
    def complete(self) -> bool:
        return self.binary.is_file() and self.modules.is_dir()

    @property
    def binary(self) -> Path:
        return self._first("usr/sbin/asterisk", "sbin/asterisk")

    @property
    def libraries(self) -> list[Path]:
        """The folders of the tree's shared libraries."""
        return [folder for pattern in ("usr/lib/*-linux-gnu", "lib/*-linux-gnu") for folder in self.root.glob(pattern)]

    @property
    def modules(self) -> Path:
        return self._first(
            "usr/lib/*-linux-gnu/asterisk/modules",
            "usr/lib/asterisk/modules",
            "usr/lib64/asterisk/modules",
            "lib/asterisk/modules",
        )

    @property
    def documentation(self) -> Path:
        return self._first("usr/share/asterisk/documentation", "var/lib/asterisk/documentation")

    @property
    def loader(self) -> Path | None:
        """The tree's own dynamic loader; None when it has none (the host's file system, an Asterisk built here)."""
        if self.root == Path("/"):
            return None
        patterns = (
            "usr/lib64/ld-linux-*.so.*",
            "lib64/ld-linux-*.so.*",
            "usr/lib/ld-linux-*.so.*",
            "lib/ld-linux-*.so.*",
        )
        return next((found for pattern in patterns for found in sorted(self.root.glob(pattern))), None)

    def _first(self, *patterns: str) -> Path:
        """The first that exists; the first pattern's own path if none does."""
        found = (path for pattern in patterns for path in sorted(self.root.glob(pattern)))
        return next(found, self.root / patterns[0])

    def command(self, *arguments: str) -> list[str]:
        """The command line of `asterisk arguments…`. Raises PbxNotInstalledError when there is none here."""
        if not self.complete:
            raise PbxNotInstalledError(f"there is no Asterisk in {self.root}; run: ringside pbx install")
        if self.loader is None:
            return [str(self.binary), *arguments]
        libraries = ":".join(map(str, self.libraries))
        return [str(self.loader), "--library-path", libraries, str(self.binary), *arguments]

    def version(self) -> tuple[int, ...]:
        """What `asterisk -V` says, like (22, 10, 1). Raises PbxNotInstalledError when it does not run."""
        try:
            done = subprocess.run(
                self.command("-V"),
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PbxNotInstalledError(f"{self.binary} does not run: {error}") from error
        found = re.search(r"Asterisk (?:certified[/-])?(\d+(?:\.\d+)+)", done.stdout)
        if found is None:
            raise PbxNotInstalledError(
                f"{self.binary} does not tell its version: {(done.stderr or done.stdout).strip()[:200]}"
            )
        return tuple(int(part) for part in found[1].split("."))

    def check_version(self) -> tuple[int, ...]:
        """The version, if it is `MINIMUM` or newer. Raises PbxNotInstalledError."""
        version = self.version()
        if version < MINIMUM:
            raise PbxNotInstalledError(
                f"the Asterisk in {self.root} is {'.'.join(map(str, version))}, Ringside needs "
                f"{'.'.join(map(str, MINIMUM))} or newer; unset RINGSIDE_ASTERISK to have one fetched"
            )
        return version
