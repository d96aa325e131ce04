"""An unpacked tree of Debian packages with Asterisk in it, and how to run programs from it on any distribution."""

import re
import subprocess
from pathlib import Path

from telephony.asterisk.errors import PbxNotInstalledError

MINIMUM = (22, 3)
"""The first release with `PJSIP_TRANSFER_HANDLING`."""


class Tree:
    """`root` is `/` of the unpacked packages. Nothing is read before it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def binary(self) -> Path:
        return self.root / "usr/sbin/asterisk"

    @property
    def libraries(self) -> Path:
        """The folder of the shared libraries: `usr/lib/<architecture>-linux-gnu`."""
        found = sorted(self.root.glob("usr/lib/*-linux-gnu"))
        return found[0] if found else self.root / "usr/lib"

    @property
    def modules(self) -> Path:
        return self.libraries / "asterisk/modules"

    @property
    def documentation(self) -> Path:
        return self.root / "usr/share/asterisk/documentation"

    @property
    def loader(self) -> Path | None:
        """The tree's own dynamic loader, None when the tree is the host's file system."""
        if self.root == Path("/"):
            return None
        found = sorted((*self.root.glob("usr/lib64/ld-linux-*.so.*"), *self.root.glob("usr/lib/ld-linux-*.so.*")))
        return found[0] if found else None

    def command(self, *arguments: str) -> list[str]:
        """The command line of `asterisk arguments…`. Raises PbxNotInstalledError when there is none here."""
        if not self.binary.exists() or not self.modules.is_dir():
            raise PbxNotInstalledError(f"there is no Asterisk in {self.root}; run: ringside pbx install")
        if self.loader is None:
            return [str(self.binary), *arguments]
        return [str(self.loader), "--library-path", str(self.libraries), str(self.binary), *arguments]

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
