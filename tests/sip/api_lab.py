"""A floor behind the web, as outside programs see it: a served database with users, each with a token."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from floor_lab import FloorLab, House, keys
from sqlmodel import Session

from lab_server.config import Settings
from lab_server.desk import tokens
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.floor.api.door import FloorApi
from lab_server.floor.api.feed import Feed
from lab_server.floor.api.server import answer_on
from lab_server.routing.agents import Agent
from lab_server.store.engine import open_engine, writing
from lab_server.store.journal import Journal
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Role
from lab_server.store.writer import Reader, Writer
from telephony.asterisk.process import Pbx

SEATS = {"wang": "1001", "li": "1002"}
STAFF: tuple[Role, ...] = ("supervisor", "instructor", "grader", "admin")
EVERYBODY = (*SEATS, *STAFF)


@dataclass
class Site:
    """A served database with users; `token` by login."""

    lab: FloorLab
    reader: Reader
    writer: Writer
    journal: Journal
    url: str
    token: dict[str, str]
    site_id: str
    feed: Feed | None = None

    @asynccontextmanager
    async def open(self, *ready: str, **how: Any) -> AsyncIterator[tuple[House, "Program"]]:
        """A floor at work behind the web."""
        async with (
            self.lab.open(*ready, **how) as house,
            httpx.AsyncClient(base_url=self.url, timeout=20, trust_env=False) as client,
        ):
            kit, feed = house.floor._kit, Feed(self.lab.brain, self.lab.clock, house.floor)
            answer_on(self.lab.brain, FloorApi(house.floor, kit, self.reader, self.writer, self.journal, feed))
            kit.listeners.append(feed)
            kit.watchers.append(feed.noted)
            self.feed = feed

            def told(agent: Agent) -> None:
                house.book.agent_changed(agent)
                feed.agent_changed(agent)

            house.distribution._told = told
            yield house, Program(client, self.token)

    async def talk(self, house: House, seat: str = "1001") -> str:
        contact = await self.lab.rings(keys("2"))
        await self.lab.brief(contact, seat)
        await house.talks(contact)
        return contact


@dataclass
class Program:
    """An outside program."""

    client: httpx.AsyncClient
    token: dict[str, str]

    async def asks(self, login: str, key: str = "", **command: Any) -> tuple[int, dict[str, Any]]:
        headers = {"authorization": f"Bearer {self.token[login]}"} | ({"idempotency-key": key} if key else {})
        answer = await self.client.post("/api/v1/floor", json=command, headers=headers)
        return answer.status_code, answer.json()


def served(folder: Path, bus: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RINGSIDE_")} | {
        "RINGSIDE_VAR": str(folder / "v"),
        "RINGSIDE_WEB_PORT": str(port),
        "RINGSIDE_BUS": bus,
        "DATABASE_URL": f"sqlite:///{folder / 'lab.sqlite'}",
    }
    return subprocess.Popen([sys.executable, "-m", "lab_server.webserver"], env=environment), f"http://127.0.0.1:{port}"


@asynccontextmanager
async def opened(pbx: Pbx, folder: Path) -> AsyncIterator[Site]:
    """A site with two students at seats and one of every other role."""
    async with FloorLab(pbx, folder) as lab:
        await lab.staff(2)
        engine = open_engine(f"sqlite:///{folder / 'lab.sqlite'}")
        upgrade(engine)
        with writing(engine) as session:
            site_id = ensure_site(session, lab.clock, Settings(var=folder)).id
            token = {login: _user(session, lab, site_id, login) for login in EVERYBODY}
        writer, reader = Writer(engine, clock=lab.clock), Reader(engine)
        process, url = served(folder, lab.address)
        try:
            await _answers(url)
            journal = Journal(writer, source="test", clock=lab.clock, site_id=site_id)
            yield Site(lab, reader, writer, journal, url, token, site_id)
        finally:
            process.terminate()
            process.wait(20)
            writer.close()
            reader.close()
            engine.dispose()


def _user(session: Session, lab: FloorLab, site_id: str, login: str) -> str:
    role: Role = "student" if login in SEATS else login  # type: ignore[assignment]
    user = ensure_user(session, lab.clock, site_id=site_id, login=login, name=login, role=role)
    if login in SEATS:
        ensure_seats(session, site_id, tuple(SEATS.values()))
        sit_down(session, user, SEATS[login])
    return tokens.create(session, lab.clock, user)[1]


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for _ in range(600):
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError("the web does not answer")
