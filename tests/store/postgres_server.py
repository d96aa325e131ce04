"""A PostgreSQL server of the tests' own: a fresh cluster in a temporary folder, reached by a Unix socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from postgres_programs import Programs


class PostgresServer:
    """`start` makes the cluster and starts the server; `stop` ends it and takes everything away."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._home = Path(tempfile.mkdtemp(prefix="rs-pg-", dir="/tmp"))
        self._owner = _owner()
        self._give(self._home)

    def start(self) -> None:
        if not self._reachable():
            self._programs = self._programs.copied(self._home / "programs")
            for path in (self._home / "programs", *(self._home / "programs").rglob("*")):
                self._give(path)  # whatever umask they were made with
        data = self._home / "data"
        self._run("initdb", "-D", str(data), "-U", "ringside", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._home}' -c fsync=off -c jit=off"
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", str(self._home / "log"), "-w", "start")

    def stop(self) -> None:
        try:
            if (self._home / "data/postmaster.pid").exists():
                self._run("pg_ctl", "-D", str(self._home / "data"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://ringside@/{database}?host={self._home}"

    def _give(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, pwd.getpwnam(self._owner).pw_uid, pwd.getpwnam(self._owner).pw_gid, follow_symlinks=False)

    def _reachable(self) -> bool:
        """Whether the server's user may run the programs: a checkout in root's own home is closed to everybody else."""
        try:
            return self._call("initdb", "--version").returncode == 0
        except PermissionError:
            return False

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """As root the programs refuse to run: they run as the first user of ours who may own files."""
        return subprocess.run(
            [str(self._programs.bin / program), *arguments],
            user=self._owner,
            group=pwd.getpwnam(self._owner).pw_gid if self._owner is not None else None,
            extra_groups=[] if self._owner is not None else None,
            cwd=self._home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self._home), **self._programs.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )


def _owner() -> str | None:
    """Whom to be instead of root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
