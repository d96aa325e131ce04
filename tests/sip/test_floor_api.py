"""The floor's one door, as an outside program uses it: HTTP with a token, over the bus, to real calls."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
import pytest_asyncio
from floor_lab import FloorLab, House, keys
from sqlmodel import Session
from worker_lab import until

from lab_server.config import Settings
from lab_server.desk import tokens
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.floor.api.commands import AnyCommand, Command
from lab_server.floor.api.door import FloorApi
from lab_server.floor.api.feed import Feed
from lab_server.floor.api.rules import RULES
from lab_server.floor.api.server import answer_on
from lab_server.floor.call import Outcome
from lab_server.ids import new_id
from lab_server.store.engine import open_engine, writing
from lab_server.store.journal import Journal
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Role
from lab_server.store.writer import Reader, Writer
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
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

    @asynccontextmanager
    async def open(self, *ready: str) -> AsyncIterator[tuple[House, "Program"]]:
        """A floor at work behind the web."""
        async with (
            self.lab.open(*ready) as house,
            httpx.AsyncClient(base_url=self.url, timeout=20, trust_env=False) as client,
        ):
            kit = house.floor._kit
            answer_on(self.lab.brain, FloorApi(house.floor, kit, self.reader, self.writer, self.journal))
            kit.listeners.append(Feed(self.lab.brain, self.lab.clock, house.floor))
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("api")
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
            yield Site(lab, reader, writer, journal, url, token)
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


async def test_a_student_holds_his_own_call_and_nobody_elses(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        assert await program.asks("li", do="hold", contact=contact) == (
            403, {"error": "not_yours", "message": "You may do this only with what is your own.", "result": {}},
        )  # fmt: skip
        assert not house.book.of(contact, "held")
        assert (await program.asks("wang", do="hold", contact=contact))[0] == 200
        assert len(house.book.of(contact, "held")) == 1
        status, answer = await program.asks("wang", do="hold", contact=contact)
        assert (status, answer["error"]) == (409, "already_held")
        assert (await program.asks("wang", do="resume", contact=contact))[0] == 200
        assert (await program.asks("wang", do="hang_up", contact=contact))[0] == 200
        await until(lambda: house.book.of(contact, "talk.ended"))
        await site.lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")


async def test_the_state_shows_a_student_no_other_callers_number(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        contact = await site.talk(house)
        seen = {login: (await program.asks(login, do="state"))[1]["result"] for login in EVERYBODY}
        assert {one["seat"]: one["state"] for one in seen["li"]["agents"]} == {"1001": "talking", "1002": "ready"}
        assert seen["li"]["contacts"] == []
        for login in ("wang", *STAFF):
            (own,) = seen[login]["contacts"]
            assert (own["contact"], own["stage"], own["number"]) == (contact, "talking", "16312345678")


async def test_a_command_sent_twice_under_one_key_is_done_once(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        both = await asyncio.gather(
            *(program.asks("wang", key="k1", do="hold", contact=contact) for _ in range(2)),
        )
        assert [status for status, _ in both] == [200, 200]
        assert len(house.book.of(contact, "held")) == 1


async def test_events_tell_whose_business_it_is(site: Site) -> None:
    async with site.open("1001") as (house, program):
        heard: dict[str, list[dict[str, Any]]] = {"wang": [], "li": [], "supervisor": []}

        async def listen(login: str) -> None:
            headers = {"authorization": f"Bearer {site.token[login]}"}
            async with program.client.stream("GET", "/api/v1/floor/events", headers=headers, timeout=None) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: "):
                        heard[login].append(json.loads(line.removeprefix("data: ")))

        listening = [asyncio.create_task(listen(login)) for login in heard]
        try:
            # Everybody is connected once a change of an agent's state has reached all.
            for _ in range(100):
                house.distribution.set_state("1001", house.state("1001"))
                house.floor._kit.listeners[-1].agent_changed(house.distribution.agent("1001"))
                if all(heard.values()):
                    break
                await asyncio.sleep(0.05)
            contact = await site.talk(house)
            await site.lab.hangs_up(contact)
            await house.ends(contact)
            await until(lambda: any(one["event"] == "ended" for one in heard["wang"]))
            stages = [one["data"]["stage"] for one in heard["wang"] if one["event"] == "contact"]
            assert stages == ["queued", "ringing", "talking"]  # the greeting was nobody's business yet
            everything = [one["data"]["stage"] for one in heard["supervisor"] if one["event"] == "contact"]
            assert everything[0] == "screened"
            assert "16312345678" not in json.dumps(heard["li"])
            assert {one["event"] for one in heard["li"]} == {"agent", "queues"}
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


async def test_without_a_valid_token_nothing_is_said(site: Site) -> None:
    async with site.open() as (_, program):
        for header in ({}, {"authorization": "Bearer rs_nonsense"}, {"authorization": "Basic d2FuZzp3YW5n"}):
            for ask in (
                program.client.post("/api/v1/floor", json={"do": "state"}, headers=header),
                program.client.get("/api/v1/floor/events", headers=header),
            ):
                answer = await ask
                assert (answer.status_code, answer.json()) == (401, {"error": "http.401"})


HOSTILE = [
    {}, {"do": "format"}, {"do": ["hold"]}, {"do": "hold"}, {"do": "hold", "contact": "x"},
    {"do": "hold", "contact": "0" * 26, "extra": 1}, {"do": "hold", "contact": "'; DROP TABLE contact;--"},
    {"do": "hold", "contact": None}, {"do": "state", "role": "admin"},
]  # fmt: skip


@pytest.mark.parametrize("command", HOSTILE, ids=str)
async def test_rubbish_is_refused_with_a_stable_id(site: Site, command: dict[str, Any]) -> None:
    async with site.open("1001") as (_, program):
        status, answer = await program.asks("admin", **command)
        assert (status, answer["error"]) == (422, "bad_command")
        assert answer["message"]


def samples() -> list[Command]:
    """One command of each kind, on a contact that is not there."""
    union = get_args(AnyCommand)[0]
    return [kind.model_construct(**_example(kind)) for kind in get_args(union)]


def _example(kind: type[Command]) -> dict[str, Any]:
    known: dict[str, Any] = {"contact": new_id(), "seat": "1001"}
    fields = kind.model_fields
    return {name: known[name] for name in fields if name in known} | {"do": fields["do"].default}


async def test_every_command_has_a_rule() -> None:
    assert set(RULES) == set(get_args(get_args(AnyCommand)[0]))


async def test_every_command_asked_by_every_role_is_answered(site: Site) -> None:
    """No role gets an error of the server's, and a grader, who only reads, changes nothing."""
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        before = len(house.book.entries)
        for login in ("grader", "li"):
            for command in samples():
                sent = command.model_dump(mode="json") | ({"contact": contact} if hasattr(command, "contact") else {})
                status, answer = await program.asks(login, **sent)
                assert status in {200, 403, 409, 404, 422}, (login, sent, answer)
                if login == "grader" and sent["do"] != "state":
                    assert status in {403, 422}, (sent, answer)
        assert len(house.book.entries) == before


async def test_two_students_hand_a_call_over_and_a_supervisor_ends_it(site: Site) -> None:
    """Through the door alone: consult, swap, join, leave; nobody may do what is another's."""
    async with site.open("1001", "1002") as (house, program):
        contact = await site.talk(house)
        await site.lab.brief(contact, "1002")
        assert (await program.asks("wang", do="consult", contact=contact, to="seat:1002"))[0] == 200
        await until(lambda: len(house.book.legs[contact]) == 3 and house.book.legs[contact]["agent-2"].ours)
        assert (await program.asks("wang", do="join", contact=contact))[0] == 200
        assert (await program.asks("li", do="drop_party", contact=contact, leg="agent-1"))[1]["error"] == "not_serving"
        assert (await program.asks("wang", do="leave_talk", contact=contact))[0] == 200
        await until(lambda: house.floor.call(contact).seat == "1002")
        assert (await program.asks("wang", do="hold", contact=contact))[1]["error"] == "not_yours"
        status, answer = await program.asks("li", do="transfer", contact=contact, to="seat:9999")
        assert (status, answer["error"]) == (404, "unknown_seat")
        assert (await program.asks("li", do="take_down", contact=contact))[1]["error"] == "no_right"
        assert (await program.asks("supervisor", do="take_down", contact=contact))[0] == 200
        await house.ends(contact)


async def test_agents_set_their_own_state_and_supervisors_others(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        status, answer = await program.asks("wang", do="not_ready", reason="lunch")
        assert (status, answer["result"]["agent"]["reason"]) == (200, "lunch")
        assert (await program.asks("wang", do="set_agent", seat="1002", state="not_ready"))[0] == 403
        assert (await program.asks("supervisor", do="set_agent", seat="1001", state="ready"))[0] == 200
        assert house.state("1001") == "ready"
        assert (await program.asks("supervisor", do="ready"))[1]["error"] == "no_seat"
        assert (await program.asks("wang", do="pick_up"))[1]["error"] == "nothing_to_pick_up"
        assert (await program.asks("wang", do="fetch", slot="701"))[1]["error"] == "park_empty"
