"""A whole Ringside in a folder of its own, a class on it, and what a test may do to its processes.

Run as a program, with the settings in the environment, it is nothing but the supervisor, for the test that kills it.
"""

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import pytest
from private_pbx import free_ports, write_tone
from sqlmodel import Session, SQLModel, col, select

from datasets.language import Language
from lab_server.bootstrap import prepare
from lab_server.classroom.launch import ClassPlan, Draw, launch, seat_robots
from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture, SessionEnded, StartSession, StopSession
from lab_server.config import Settings, load
from lab_server.pbx import pbx_settings
from lab_server.report.audio import RATE, read_wav
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.tables import (
    Attempt,
    Contact,
    DeskEntry,
    JournalEntry,
    LabSession,
    Leg,
    Scorecard,
)
from lab_server.supervisor import Supervisor
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.profiles import ProfileName
from telephony.bus import BusClient, Message
from telephony.clock import SystemClock

LANGUAGE: Language = "zh-CN"
PROMPT_S = 0.5
T = TypeVar("T")
R = TypeVar("R", bound=SQLModel)
M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Caller:
    """One caller of a hand-made class: when it rings and how much is asked of it (None: all that is due)."""

    arrives_at_s: float
    scenario: str = "order"
    asks: int | None = 0
    patience_s: float = 120.0


async def until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The first true value of `condition()`."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Spoken lines that several classes share."""
    return tmp_path_factory.mktemp("voices")


def settings_in(var: Path, given: Mapping[str, Any]) -> Settings:
    """Settings for a lab of its own: free ports, six seats, no key that leads to complaints; else what is `given`."""
    sip, lab, http, ami, web = free_ports(5)
    rtp_from = 10_000 + (os.getpid() * 7 + 1) % 40 * 500  # below the ports the system hands out itself
    usual: dict[str, Any] = {
        "sip_port": sip, "lab_port": lab, "http_port": http, "ami_port": ami, "web_port": web, "rtp_from": rtp_from,
        "rtp_to": rtp_from + 499, "seats": 6, "language": LANGUAGE, "speech": "espeak", "menu_keys": {"2": "order"},
        "wrap_up_limit_s": 30.0,
    }  # fmt: skip
    return load(var=var, **{**usual, **given})


class ClassLab:
    """`async with ClassLab(tree, voices) as lab`: everything prepared and nothing started yet.

    Prompts are short tones; `prompts_s` makes some of them longer, so that calls stay in a stage.
    """

    def __init__(
        self, tree: Path, voices: Path, prompts_s: Mapping[str, float] | None = None, settings: Mapping[str, Any] = {}
    ) -> None:
        self._prompts_s = dict(prompts_s or {})
        self.var = Path(tempfile.mkdtemp(prefix="rs-", dir="/tmp"))
        self.settings = settings_in(self.var, settings)
        self.clock = SystemClock()
        (self.var / "pbx").mkdir()
        (self.var / "pbx/tree").symlink_to(tree)
        voices.mkdir(parents=True, exist_ok=True)
        (self.var / "speech").symlink_to(voices)
        self.pictures: list[FloorPicture] = []
        self.ended: list[SessionEnded] = []
        self.session = ""
        self.supervisor: Supervisor | None = None
        self._console: BusClient | None = None
        self._apart: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self.site = (await asyncio.to_thread(prepare, self.settings, self.clock)).site_id
        self.engine = open_engine(self.settings.database)
        for wav in (self.settings.prompts / LANGUAGE).glob("*.wav"):
            write_tone(wav, 440, self._prompts_s.get(wav.stem, PROMPT_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console is not None:
            await self._console.close()
        if self.supervisor is not None:
            await self.supervisor.stop()
        if self._apart is not None:
            self._apart.terminate()
            await asyncio.to_thread(self._apart.wait)
        self.engine.dispose()
        if kind is None:
            shutil.rmtree(self.var, ignore_errors=True)
        else:
            sys.stderr.write(f"the lab's folder is kept: {self.var}\n")

    # -- the class ------------------------------------------------------------------------------------------------

    async def start(self, *, web: bool = False) -> None:
        """A supervisor in this process; also after one apart has been killed."""
        self.supervisor = Supervisor(self.settings, self.clock, web=web)
        await self.supervisor.start()
        if self._console is None:
            await self.listen()

    async def listen(self) -> None:
        self._console = BusClient(self.settings.bus_address, "console", self.clock)
        self._console.on(FloorPicture, lambda message, _: self.pictures.append(message))
        self._console.on(SessionEnded, lambda message, _: self.ended.append(message))
        self._console.subscribe(FLOOR_TOPIC)
        await self._console.start()

    def launch(self, callers: Sequence[Caller], profiles: Sequence[ProfileName]) -> str:
        """Write the class down, with one robot for each profile."""
        known = library()
        names = list(dict.fromkeys(caller.scenario for caller in callers))
        seats = self.settings.seat_numbers[: len(profiles)]
        plan = ClassPlan(len(seats), len(callers), 7, LANGUAGE, [known[name] for name in names], profiles)
        draws = []
        for index, caller in enumerate(callers):
            case = draw_case(known[caller.scenario], LANGUAGE, plan.seed, index, self.clock.utc().date())
            asks = case.asks if caller.asks is None else case.asks[: caller.asks]
            case = case.model_copy(update={"asks": asks, "patience_s": caller.patience_s, "rings_again": False})
            draws.append(Draw(case, caller.arrives_at_s))
        with writing(self.engine) as session:
            seat_robots(session, self.clock, self.site, seats)
            self.session = launch(
                session,
                plan,
                draws,
                seats,
                name="deaths",
                site_id=self.site,
                now=self.clock.utc(),
                engines={"speech": "espeak"},
            )
        return self.session

    def start_apart(self) -> subprocess.Popen[bytes]:
        """The supervisor as a process of its own, which can be killed."""
        log = (self.var / "apart.log").open("ab")
        with log:
            self._apart = subprocess.Popen(
                [sys.executable, __file__],
                env={**os.environ, **self.settings.environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self._apart

    async def begin(self) -> None:
        assert self._console is not None
        await self._console.send("brain", StartSession(session=self.session), durable=True)
        await until(lambda: self.picture and self.picture.status == "running", 60, "the class runs")

    async def ask(self, to: str, message: Message, reply: type[M], timeout_s: float) -> M:
        """Over the bus, as a page's process does."""
        assert self._console is not None
        return await self._console.request(to, message, reply, timeout_s)

    async def tell(self, order: Message) -> None:
        """An order to the callers' and robots' workers."""
        assert self._console is not None
        await self._console.send("fleet", order, durable=True)

    async def until_async(self, ask: Callable[[], Awaitable[T]], within_s: float, what: str) -> T:
        """The first true answer."""
        deadline = time.monotonic() + within_s
        while not (found := await ask()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s:g} s: {what}")
            await asyncio.sleep(0.05)
        return found

    async def stop_class(self) -> None:
        assert self._console is not None
        await self._console.send("brain", StopSession(session=self.session), durable=True)

    async def over(self, within_s: float) -> SessionEnded:
        await until(lambda: self.ended, within_s, f"the class ends; last seen: {self.picture}")
        return self.ended[0]

    @property
    def picture(self) -> FloorPicture | None:
        return self.pictures[-1] if self.pictures else None

    def agents(self) -> dict[str, str]:
        """Each seat's state."""
        return {agent.seat: agent.state for agent in self.picture.agents} if self.picture else {}

    # -- processes ------------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        """The process's id by the supervisor's own account: a child's, a worker's or the switch's."""
        assert self.supervisor is not None
        if name == "asterisk":
            return self.supervisor.pbx.status().pid
        if name in self.supervisor.children:
            return self.supervisor.children[name].pid
        return next((worker.pid for worker in self.supervisor.fleet.state().workers if worker.name == name), None)

    async def replaced(self, name: str, number: signal.Signals, within_s: float) -> float:
        """Send the signal; how long it took until another process was in its place."""
        before = self.pid(name)
        assert before is not None
        began = time.monotonic()
        os.kill(before, number)
        await until(lambda: self.pid(name) not in {None, before}, within_s, f"{name} is started again")
        return time.monotonic() - began

    def brains(self) -> int:
        """How many have been at work, the present one counted, by their own log."""
        log = self.settings.logs / "brain.log"
        return log.read_text(encoding="utf-8").count("the brain is at work") if log.exists() else 0

    def calls_of(self, worker: str) -> tuple[str, ...]:
        assert self.supervisor is not None
        return next(state.calls for state in self.supervisor.fleet.state().workers if state.name == worker)

    # -- what is there --------------------------------------------------------------------------------------------

    async def channels(self) -> list[dict[str, Any]]:
        """The switch's own word."""
        return await self._ask("channels")

    async def bridges(self) -> list[dict[str, Any]]:
        return await self._ask("bridges")

    async def reachable(self) -> set[str]:
        """The seats whose phones the switch can ring; none while it does not answer."""
        try:
            found = await self._ask("endpoints/PJSIP")
        except aiohttp.ClientError:
            return set()
        return {each["resource"] for each in found if each["state"] == "online"}

    async def has_floor(self) -> bool:
        """Whether a brain has taken the floor: else callers wait at the door."""
        try:
            return any(each["name"] == pbx_settings(self.settings).app for each in await self._ask("applications"))
        except aiohttp.ClientError:
            return False

    async def _ask(self, what: str) -> list[dict[str, Any]]:
        pbx = pbx_settings(self.settings)
        login = base64.b64encode(f"{pbx.ari_user}:{pbx.ari_password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{pbx.ari_url}/{what}") as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found

    async def stages(self) -> dict[str, str]:
        """Contact → stage, as written on the customers' channels (an agent's, for one that an agent dials)."""
        found: dict[str, str] = {}
        for channel in await self.channels():
            variables = channel["channelvars"]
            began_it = variables["RS_ROLE"] == "customer" or variables["RS_DIRECTION"] == "out"
            if variables.get("RS_CONTACT") and variables.get("RS_STAGE") and began_it:
                found[variables["RS_CONTACT"]] = variables["RS_STAGE"]
        return found

    async def legs(self, contacts: Iterable[str]) -> dict[str, set[str]]:
        """Contact → its channels."""
        found: dict[str, set[str]] = {contact: set() for contact in contacts}
        for channel in await self.channels():
            contact = channel["channelvars"].get("RS_CONTACT", "")
            if contact in found:
                found[contact].add(channel["id"])
        return found

    def rows(self, table: type[R]) -> list[R]:
        with reading(self.engine) as session:
            return list(session.exec(select(table)))

    def contact(self, contact: str) -> Contact:
        return next(row for row in self.rows(Contact) if row.id == contact)

    def written(self) -> None:
        """Return once the database has been asked: what is opened for that once is open now."""
        self.rows(Contact)

    def journal(self, kind: str) -> list[JournalEntry]:
        with reading(self.engine) as session:
            entries = select(JournalEntry).where(JournalEntry.kind == kind).order_by(col(JournalEntry.at))
            return list(session.exec(entries))

    def talking(self) -> list[str]:
        return [row.id for row in self.rows(Contact) if row.stage == "talking" and row.ended_at is None]

    def are_over(self, contacts: Iterable[str]) -> bool:
        return all(self.contact(contact).ended_at is not None for contact in contacts)

    def phones(self, worker: str) -> dict[str, bool]:
        """The worker's seats, and whether each is registered."""
        assert self.supervisor is not None
        return next(state.seats for state in self.supervisor.fleet.state().workers if state.name == worker)

    # -- what must hold at the end --------------------------------------------------------------------------------

    def outcomes(self) -> Counter[str]:
        return Counter(row.outcome for row in self.rows(Contact))

    def check_whole(self) -> None:
        """Every attempt came to the floor, ended once in a defined way, and who was served is graded once."""
        contacts = {row.id: row for row in self.rows(Contact)}
        assert set(contacts) == {row.id for row in self.rows(Attempt)}, "a call without a contact, or the reverse"
        for attempt in self.rows(Attempt):
            assert attempt.status in {"ended", "broken"}, attempt
        for row in contacts.values():
            assert row.ended_at is not None and row.outcome, row
        for kind in ("contact.ended", "contact.began"):
            told = Counter(entry.contact_id for entry in self.journal(kind))
            assert told == Counter(dict.fromkeys(contacts, 1)), (kind, told)
        served = {row.id for row in contacts.values() if row.answered_at is not None}
        for what, found in (
            ("scorecard", [card.contact_id for card in self.rows(Scorecard)]),
            ("write-up", [entry.contact_id for entry in self.rows(DeskEntry)]),
            ("robot.wrote", [entry.contact_id for entry in self.journal("robot.wrote")]),
        ):
            assert Counter(found) == Counter(dict.fromkeys(served, 1)), (what, Counter(found), served)
        for leg in self.rows(Leg):
            assert leg.ended_at is not None, leg

    def check_recordings(self, contacts: Iterable[str], slack_s: float = 1.0) -> None:
        """Each leg's recording is as long as the leg was up."""
        wanted = set(contacts)
        for leg in self.rows(Leg):
            if leg.contact_id in wanted and leg.answered_at is not None and leg.ended_at is not None:
                up_s = (leg.ended_at - leg.answered_at).total_seconds()
                length_s = len(read_wav(self.settings.recordings / leg.recording)) / RATE
                assert abs(length_s - up_s) < slack_s, (leg.contact_id, leg.name, length_s, up_s)

    def session_row(self) -> LabSession:
        with Session(self.engine) as session:
            return session.get_one(LabSession, self.session)


async def _supervise() -> None:
    supervisor = Supervisor(load(), SystemClock(), web=False)
    await supervisor.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await supervisor.stop()


if __name__ == "__main__":
    asyncio.run(_supervise())
