"""A running web process for tests that need real HTTP, and a way to sign in to it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from lab_server.config import Settings
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_user
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import Role
from telephony.clock import SystemClock

SECRET = "correct horse"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """A running web process. `client` is nobody's browser."""

    client: httpx.Client
    var: Path
    bus: str
    database: str

    @property
    def origin(self) -> str:
        return str(self.client.base_url).rstrip("/")

    @contextmanager
    def browser(self, role: Role = "instructor") -> Iterator[httpx.Client]:
        """A browser in which somebody of that role is signed in."""
        self.person(role, role)
        with httpx.Client(base_url=self.client.base_url, timeout=10, trust_env=False) as browser:
            form = {"login": role, "secret": SECRET}
            answer = browser.post("/signin", data=form, headers={"origin": self.origin})
            assert answer.status_code == 303, answer.text
            yield browser

    def person(self, login: str, role: Role) -> None:
        """Somebody who can sign in with `SECRET`."""
        engine, clock = open_engine(self.database), SystemClock()
        try:
            with writing(engine) as session:
                site = ensure_site(session, clock, Settings(var=self.var, site_name="School"))
                user = ensure_user(session, clock, site_id=site.id, login=login, name=login, role=role)
                user.password = user.password or hashed_pin(SECRET)
                session.add(user)
        finally:
            engine.dispose()


def csrf_of(page: str) -> str:
    """The token in a page's forms."""
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found is not None
    return found[1]


def environment(var: Path, **settings: object) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RINGSIDE_", "DATABASE_URL"))}
    return (
        clean
        | {"RINGSIDE_VAR": str(var)}
        | {f"RINGSIDE_{name.upper()}": str(value) for name, value in settings.items()}
    )


@contextmanager
def served(folder: Path, migrated_file: Path | None = None) -> Iterator[Site]:
    """`python -m lab_server.webserver` on a free port and an empty SQLite database (others differ below the pages)."""
    if migrated_file is not None:  # else it makes the tables itself
        shutil.copy(migrated_file, folder / "lab.sqlite")
    database, var, port, bus = f"sqlite:///{folder / 'lab.sqlite'}", folder / "v", free_port(), f"ipc://{folder}/bus"
    process = subprocess.Popen(
        [sys.executable, "-m", "lab_server.webserver"],
        env=environment(var, web_port=port, database_url=database, bus=bus, site_name="School"),
        stderr=subprocess.PIPE,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
            deadline_s = time.monotonic() + 60
            while True:
                try:
                    client.get("/healthz").raise_for_status()
                    break
                except httpx.TransportError:
                    assert process.poll() is None, process.stderr and process.stderr.read().decode()
                    assert time.monotonic() < deadline_s
                    time.sleep(0.05)
            yield Site(client, var, bus, database)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) in {0, -signal.SIGTERM}
    finally:
        process.kill()  # nothing, if it has ended
        process.communicate()
