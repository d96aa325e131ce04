"""A hub, a fleet of real workers and somebody in the brain's place who notes every report."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import soundfile

from telephony.asterisk.process import Pbx
from telephony.bus import Endpoint, Hub, Message
from telephony.clock import SystemClock
from telephony.fleet import AskFleet, EnsureFleet, Fleet, FleetState, WorkerState
from telephony.useragent.messages import (
    AskStage,
    CallAnswered,
    CallBroken,
    CallEnded,
    CallPlaced,
    LampShown,
    LineSaid,
    PlaceCall,
    RegisterAccount,
    Registered,
    Role,
    Spoken,
    StageChanged,
    WorkerReady,
)

REPORTS = (WorkerReady, CallPlaced, CallAnswered, LineSaid, CallEnded, CallBroken, Registered, LampShown)
M = TypeVar("M", bound=Message)
RATE_HZ = 8000


def burst(path: Path, length_s: float, pitch_hz: float = 500.0) -> str:
    """A line to say: a tone that is loud from its first sample to its last."""
    times_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch_hz * times_s), RATE_HZ, subtype="PCM_16")
    return str(path)


def loud_stretches(path: Path, gap_s: float = 0.2) -> list[tuple[float, float]]:
    """Where a recording is loud: (from, to) in seconds; gaps up to `gap_s` are bridged."""
    sound, rate_hz = soundfile.read(path)
    step = rate_hz // 100
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 0.02) / 100
    if not len(loud):
        return []
    edges = np.flatnonzero(np.diff(loud) > gap_s)
    starts, ends = [0, *(edges + 1)], [*edges, len(loud) - 1]
    return [(float(loud[start]), float(loud[end]) + 0.01) for start, end in zip(starts, ends, strict=True)]


async def until(condition: Callable[[], object], within_s: float = 10.0, what: str = "the condition") -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true within {within_s} s"
        await asyncio.sleep(0.01)


class WorkerLab:
    """Use as `async with`. `reports` holds what came to `brain`, in order."""

    def __init__(self, pbx: Pbx, folder: Path) -> None:
        self.pbx = pbx
        self.folder = folder
        self.clock = SystemClock()
        self.address = f"ipc://{folder}/bus"
        self.hub = Hub(self.address, self.clock)
        self.reports: list[Message] = []
        self.topics: list[Message] = []
        self.brain = self.note_reports(self.hub)
        self.fleet = Fleet(self.hub, self.clock, self.command, folder / "log")

    async def __aenter__(self) -> "WorkerLab":
        await self.load_applications()
        await self.hub.start()
        await self.fleet.start()
        return self

    async def load_applications(self) -> None:
        """What a dialplan needs in the floor's place."""
        for module in ("app_dial", "app_echo", "app_read"):
            await self.pbx.console(f"module load {module}.so")

    def note_reports(self, hub: Hub) -> Endpoint:
        """Stand in for the brain at this hub."""
        brain = hub.endpoint("brain")
        for kind in REPORTS:
            brain.on(kind, lambda message, _: self.reports.append(message))
        for kind in (Spoken, StageChanged):
            brain.on(kind, lambda message, _: self.topics.append(message))
        for kind in (FleetState, AskStage):
            brain.on(kind, lambda _message, _sender: None)
        return brain

    async def __aexit__(self, *_: object) -> None:
        await self.fleet.close()
        await self.pbx.console("channel request hangup all")  # what a killed worker left behind
        await self.hub.close()

    def command(self, name: str, role: str) -> list[str]:
        bind = self.pbx.settings.lab_peer if role == "callers" else self.pbx.settings.sip_address
        return [
            sys.executable, "-m", "lab_server.classroom.worker", "--bus", self.address, "--name", name,
            "--role", role, "--bind", bind, "--log", str(self.folder / "log" / f"{name}-sip.log"),
        ]  # fmt: skip

    async def ensure(self, role: Role, capacity: int) -> None:
        """Workers for so many calls, ready."""
        await self.tell(EnsureFleet(role=role, capacity=capacity))
        await until(lambda: self.ready(role) >= -(-capacity // 4), what=f"{role} ready")

    def ready(self, role: Role) -> int:
        return sum(worker.sip_port > 0 for worker in self.fleet.state().workers if worker.role == role)

    async def worker(self, name: str) -> WorkerState:
        state = await self.brain.request("fleet", AskFleet(), FleetState)
        return next(worker for worker in state.workers if worker.name == name)

    async def tell(self, order: Message) -> None:
        await self.brain.send("fleet", order, durable=True)

    async def register(self, *seats: str, answer_after_s: float = 0.3) -> None:
        """Phones for these seats, registered."""
        for seat in seats:
            await self.tell(self.account(seat, answer_after_s=answer_after_s))
        await until(
            lambda: {r.seat for r in self.all(Registered) if r.ok} >= set(seats), what=f"{', '.join(seats)} registered"
        )

    def account(self, seat: str, password: str = "", answer_after_s: float = 0.3) -> RegisterAccount:
        registrar = f"sip:{self.pbx.settings.sip_address}:{self.pbx.settings.sip_port}"
        passwords = {each.number: each.password for each in self.pbx.settings.seats}
        return RegisterAccount(
            seat=seat,
            user=seat,
            password=password or passwords[seat],
            registrar=registrar,
            answer_after_s=answer_after_s,
        )

    def call(self, call_id: str, number: str, conversation: dict[str, Any], **fields: Any) -> PlaceCall:
        target = f"sip:{number}@{self.pbx.settings.lab_address}:{self.pbx.settings.lab_port}"
        return PlaceCall(
            call_id=call_id,
            target=target,
            from_number="16312345678",
            from_name="王小明",
            conversation=conversation,
            **fields,
        )

    def all(self, kind: type[M], call_id: str | None = None) -> list[M]:
        return [
            report
            for report in self.reports
            if isinstance(report, kind) and (call_id is None or getattr(report, "call_id", None) == call_id)
        ]

    async def one(self, kind: type[M], call_id: str, within_s: float = 15.0) -> M:
        """The report of this kind about this call, when it comes."""
        await until(lambda: self.all(kind, call_id), within_s, f"{kind.__name__} of {call_id}")
        return self.all(kind, call_id)[0]

    async def dialplan(self, context: str, number: str, *steps: str) -> None:
        """Add an extension to the running switch, instead of a floor."""
        for priority, step in enumerate(steps, 1):
            answer = await self.pbx.console(
                f'dialplan add extension "{number},{priority},{step}" into {context} replace'
            )
            assert f"{number}@{context}" in answer or "added" in answer, answer


def says(line: str, wav: str, **fields: Any) -> dict[str, Any]:
    return {"say": {"line": line, "wav": wav, **fields}}


def script(*steps: dict[str, Any], begin: str = "answered", **fields: Any) -> dict[str, Any]:
    return {"part": "script", "begin": begin, "steps": list(steps), **fields}


LISTEN: dict[str, Any] = {"listen": True}


def hangs_up(reason: str = "done") -> dict[str, Any]:
    return {"hang_up": {"reason": reason}}
