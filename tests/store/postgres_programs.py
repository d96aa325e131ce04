"""Where the tests' PostgreSQL server comes from: a folder the user names, the host, or Debian's packages in `var`."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from debian_tree import VAR, debian_tree, library_path

from telephony.debian.errors import DebianError

SETTING = "RINGSIDE_TEST_POSTGRES"
PRIVATE = "private"
"""The setting's value that passes over the host's own server."""
DEBIAN = Path("/usr/lib/postgresql")


class NoPostgresError(Exception):
    """No PostgreSQL server can be had on this machine."""


@dataclass(frozen=True)
class Programs:
    """`bin` holds `initdb`, `pg_ctl`, `postgres`; `tree` is the private folder that they and their libraries are in."""

    bin: Path
    tree: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": library_path(self.tree)} if self.tree else {}

    def copied(self, folder: Path) -> "Programs":
        """The same ones in `folder`, with only what a server reads: for a user who may not enter the private folder.

        They find their other files by their own place, so they are copied with all folders above them.
        """
        if self.tree is None:
            return self
        parts = ["usr/lib/postgresql", "usr/share/postgresql", *library_path(self.tree).split(os.pathsep)]
        for part in parts:
            source = self.tree / part
            ignored = shutil.ignore_patterns("perl*", "libLLVM*", "libz3*")  # the compiler of queries is not used
            shutil.copytree(source, folder / source.relative_to(self.tree), symlinks=True, ignore=ignored)
        return Programs(folder / self.bin.relative_to(self.tree), folder)


def find_programs() -> Programs:
    """Those the setting names, else the host's own, else Debian's, fetched once into `var/postgresql`.

    Raises NoPostgresError when none can be had, ValueError when the setting names a folder without them.
    """
    chosen = os.environ.get(SETTING, "")
    if chosen and chosen != PRIVATE:
        if not (Path(chosen) / "initdb").is_file():
            raise ValueError(f"{SETTING}={chosen}: there is no initdb in this folder")
        return Programs(Path(chosen))
    host = None if chosen == PRIVATE else _newest(DEBIAN) or _on_path()
    return Programs(host) if host else _private()


def _on_path() -> Path | None:
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


def _newest(versions: Path) -> Path | None:
    """The `bin` folder of the newest server in Debian's layout (a folder for each version)."""
    found = sorted(versions.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _private() -> Programs:
    try:
        tree = debian_tree(VAR / "postgresql", ["postgresql"])
    except DebianError as error:
        raise NoPostgresError(f"no PostgreSQL server here ({SETTING} may name its folder), and {error}") from error
    found = _newest(tree / DEBIAN.relative_to("/"))
    if found is None:
        raise NoPostgresError(f"Debian's package postgresql brought no server into {tree}")
    return Programs(found, tree)
