"""A web process to be measured, and a browser's side of it: one connection that is kept, with a session's cookie."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bench.floor import free_ports
from lab_server.config import Settings
from lab_server.desk.web_sessions import open_session
from lab_server.store.engine import writing
from lab_server.store.tables import Seat, User
from telephony.clock import SystemClock
from web.cookies import Cookies


@dataclass(frozen=True)
class Web:
    """A process that answers on `port`."""

    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """Its CPU time so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def browser(self, cookie: str = "") -> "Browser":
        return Browser(self.port, cookie)


class Browser:
    """Asks for pages one after the other."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie, "Accept-Language": "zh-CN"}

    def get(self, path: str, *, part: bool = False) -> tuple[float, bytes]:
        """Seconds until the whole answer is there, and the answer. Raises RuntimeError unless it is a page."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers | ({"HX-Request": "true"} if part else {}))
        answer = self._connection.getresponse()
        body = answer.read()
        took_s = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}: {body[:200]!r}")
        return took_s, body

    def close(self) -> None:
        self._connection.close()


@contextmanager
def served(settings: Settings) -> Iterator[Web]:
    """The real one (`python -m web`) with these settings."""
    with _running(["-m", "web"], settings.web_port, settings.environment()) as web:
        yield web


@contextmanager
def empty() -> Iterator[Web]:
    """The one that says nothing."""
    (port,) = free_ports(1)
    with _running(["-m", "bench.served.empty", str(port)], port, {}) as web:
        yield web


def signed_in(engine: Engine, settings: Settings, user: User) -> str:
    """The cookie of a browser in which the user is signed in, at the seat where the user sits, if anywhere."""
    with writing(engine) as session:
        row, secret = open_session(session, SystemClock(), user, "127.0.0.1")
        seat = session.exec(select(Seat.number).where(col(Seat.user_id) == user.id)).first()
        row.seat = seat or ""
        session.add(row)
    answer = Response()
    plain = {"type": "http", "scheme": "http", "server": ("127.0.0.1", 80), "path": "/", "headers": []}
    Cookies(settings.secrets).keep_session(HTTPConnection(plain), answer, secret)
    return answer.headers["set-cookie"].partition(";")[0]


@contextmanager
def _running(program: list[str], port: int, environment: dict[str, str]) -> Iterator[Web]:
    process = subprocess.Popen([sys.executable, *program], env={**os.environ, **environment})
    try:
        browser = Browser(port, "")
        ends_s = time.monotonic() + 60
        while True:
            try:
                browser.get("/healthz")
                break
            except OSError as error:
                browser.close()
                if process.poll() is not None or time.monotonic() > ends_s:
                    raise RuntimeError(f"{' '.join(program)} does not come up") from error
                time.sleep(0.05)
        browser.close()
        yield Web(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
