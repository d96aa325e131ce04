"""A PostgreSQL server of the tests' own: a fresh cluster in a temporary folder, reached by a Unix socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class NoPostgresError(Exception):
    """The server's programs are not on this machine."""


class PostgresServer:
    """`start` makes the cluster and starts the server; `stop` ends it and takes everything away."""

    def __init__(self) -> None:
        self._bin = _programs()
        self._home = Path(tempfile.mkdtemp(prefix="rs-pg-", dir="/tmp"))
        self._owner = _owner()
        self._server: subprocess.Popen[bytes] | None = None
        if self._owner is not None:
            shutil.chown(self._home, self._owner, pwd.getpwnam(self._owner).pw_gid)

    def start(self) -> None:
        data = self._home / "data"
        self._run("initdb", "-D", str(data), "-U", "ringside", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._home}' -c fsync=off"
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", str(self._home / "log"), "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._home / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://ringside@/{database}?host={self._home}"

    def _run(self, program: str, *arguments: str) -> None:
        """As root the programs refuse to run: they run as the first user of ours who may own files."""
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            user=self._owner,
            group=pwd.getpwnam(self._owner).pw_gid if self._owner is not None else None,
            cwd=self._home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")


def _programs() -> Path:
    """The folder that RINGSIDE_TEST_POSTGRES names, else the newest version's in Debian's layout, else the PATH's."""
    if chosen := os.environ.get("RINGSIDE_TEST_POSTGRES"):
        return Path(chosen)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    if not found and named is None:
        raise NoPostgresError("no PostgreSQL server on this machine: install the package postgresql")
    return (found[-1] if found else Path(str(named)).resolve()).parent


def _owner() -> str | None:
    """Whom to be instead of root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
