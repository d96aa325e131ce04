"""The fleet with processes that are no workers: it must neither spin nor lie."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.bus import Hub
from telephony.clock import SystemClock
from telephony.fleet import Fleet
from telephony.useragent.messages import CallBroken, PlaceCall, RegisterAccount, Registered, Unregister

ORDER = PlaceCall(call_id="c", contact="A", conversation={}, target="sip:95001@127.0.0.1", from_number="163")
ACCOUNT = RegisterAccount(seat="1001", user="1001", password="x", registrar="sip:127.0.0.1:5060")


async def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.01)


class Desk:
    """A hub, a fleet of whatever `program` is, and what the brain was told."""

    def __init__(self, folder: Path, program: str) -> None:
        clock = SystemClock()
        self.starts: list[str] = []
        self.hub = Hub(f"ipc://{folder}/bus", clock)
        self.fleet = Fleet(self.hub, clock, self.command, folder / "log")
        self.program = program
        self.broken: list[CallBroken] = []
        self.registered: list[Registered] = []
        self.brain = self.hub.endpoint("brain")
        self.brain.on(CallBroken, lambda message, _: self.broken.append(message))
        self.brain.on(Registered, lambda message, _: self.registered.append(message))

    def command(self, name: str, _role: str) -> list[str]:
        self.starts.append(name)
        return [sys.executable, "-c", self.program]

    async def __aenter__(self) -> "Desk":
        await self.hub.start()
        await self.fleet.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.fleet.close()
        await self.hub.close()


async def test_a_program_that_dies_at_once_is_started_ever_more_slowly_and_given_nothing(tmp_path: Path) -> None:
    async with Desk(tmp_path, "import sys; print('no such library'); sys.exit(3)") as desk:
        await desk.fleet.ensure("callers", 4)
        await until(lambda: len(desk.starts) >= 3)
        await desk.brain.send("fleet", ORDER, durable=True)
        await until(lambda: desk.broken)
        assert len(desk.starts) <= 5
        assert (desk.broken[0].contact, desk.broken[0].why) == ("A", "no free place")
    assert "no such library" in (tmp_path / "log" / "callers-1.log").read_text()


async def test_a_command_that_does_not_exist_stops_nobody(tmp_path: Path) -> None:
    async with Desk(tmp_path, "") as desk:
        desk.fleet._command = lambda name, role: [str(tmp_path / "nothing-there")]
        await desk.fleet.ensure("callers", 4)
        assert [worker.pid for worker in desk.fleet.state().workers] == [None]
        await desk.fleet.ensure("callers", 0)
        await until(lambda: desk.fleet.state().workers == ())


async def test_fewer_places_end_the_processes(tmp_path: Path) -> None:
    async with Desk(tmp_path, "import time; time.sleep(60)") as desk:
        await desk.fleet.ensure("callers", 12)
        assert [worker.name for worker in desk.fleet.state().workers] == ["callers-1", "callers-2", "callers-3"]
        await desk.fleet.ensure("callers", 4)
        await until(lambda: [worker.name for worker in desk.fleet.state().workers] == ["callers-1"])
        assert desk.broken == []


async def test_closing_does_not_wait_for_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.fleet.fleet.PAUSES_S", (60.0,))
    async with asyncio.timeout(20), Desk(tmp_path, "raise SystemExit(3)") as desk:
        await desk.fleet.ensure("callers", 4)
        await until(lambda: desk.starts and desk.fleet.state().workers[0].pid is None)


async def test_robots_that_are_not_needed_go_when_their_last_seat_has_left(tmp_path: Path) -> None:
    async with Desk(tmp_path, "import time; time.sleep(60)") as desk:
        await desk.fleet.ensure("robots", 1)
        await desk.brain.send("fleet", ACCOUNT, durable=True)
        await until(lambda: desk.fleet.state().workers[0].seats)
        await desk.fleet.ensure("robots", 0)
        assert desk.fleet.state().workers, "its seat is still in use"
        await desk.brain.send("fleet", Unregister(seat="1001"), durable=True)
        await until(lambda: desk.fleet.state().workers == ())


async def test_orders_without_a_place_are_answered_at_once(tmp_path: Path) -> None:
    async with Desk(tmp_path, "") as desk:
        await desk.brain.send("fleet", ORDER, durable=True)
        await desk.brain.send("fleet", ORDER, durable=True)
        await desk.brain.send("fleet", ACCOUNT, durable=True)
        await until(lambda: desk.registered and desk.broken)
        assert len(desk.broken) == 1
        assert (desk.registered[0].ok, desk.registered[0].code) == (False, 0)
