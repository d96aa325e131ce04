"""Fifty callers talk to fifty robot students at once, recorded and graded: the whole lab beside a bare ARI program.

The lab is the real one (supervisor, brain, grading, workers), in a folder of its own. Its callers all ring within a few
seconds, are greeted, choose by key, are answered, announced, rate, and are graded. While all talk, CPU time and memory
of every process are read; from the answer of an agent's phone to both legs in the bridge is read from Asterisk's own
event log (CEL). The reference joins and records as many calls in the same way (`bench.bare_ari`), in the same run.
"""

import asyncio
import os
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import soundfile

from bench.bare_ari.measure import Measured, measure
from bench.harness import Bench, Row
from lab_server.bootstrap import prepare
from lab_server.classroom.launch import ClassPlan, draw, launch, seat_robots
from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture, SessionEnded, StartSession
from lab_server.config import Settings, load
from lab_server.report.gather import gather
from lab_server.report.model import SessionReport
from lab_server.store.engine import open_engine, reading, writing
from lab_server.supervisor import Supervisor
from scenarios.load import from_library
from telephony.asterisk.cel import read_events
from telephony.bus import BusClient
from telephony.clock import SystemClock

RING_EVERY_S = 1 / 8
WATCH_S = 8.0


@dataclass
class Seen:
    """CPU seconds and megabytes of each part, read twice; `talking` is the most that talked at once."""

    talking: int = 0
    took_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)


def run(quick: bool) -> list[Row]:
    """The bare program first, then the lab."""
    calls = 4 if quick else 50
    bare = asyncio.run(measure("dialplan", calls=calls, talk_s=3.0 if quick else 15.0))
    with tempfile.TemporaryDirectory(prefix="ring-") as folder:
        seen, report, join_ms, whole = asyncio.run(_class(Path(folder), calls))
    return _rows(calls, bare, seen, report, join_ms, whole)


def _rows(calls: int, bare: Measured, seen: Seen, report: SessionReport, join_ms: list[float], whole: int) -> list[Row]:
    served = [call for call in report.calls if call.outcome == "served"]
    graded = [call for call in served if call.score is not None]
    both = [call for call in served if call.recording.caller and call.recording.agent]
    bare_p95 = float(np.percentile(bare.join_ms or [0.0], 95))
    p95 = float(np.percentile(join_ms or [0.0], 95))
    rows = [
        Row(
            "calls served",
            len(served),
            "calls",
            calls,
            note=f"{len(graded)} graded, most talking at once {seen.talking}",
        ),
        Row("recorded both sides", len(both), "calls", calls, note=f"{whole} of {2 * len(served)} files whole"),
        Row("answer to both legs in the bridge, p95", p95, "ms", bare_p95, p95 / bare_p95 if bare_p95 else None),
    ]
    references = {"asterisk": bare.asterisk_share, "brain": bare.program_share, "workers": bare.phones_share}
    for part, cpu_s in sorted(seen.cpu_s.items()):
        share = 100 * cpu_s / seen.took_s if seen.took_s else None
        reference = 100 * references[part] if part in references else None
        ratio = share / reference if share is not None and reference else None
        note = f"{seen.memory_mb[part]:.0f} MB"
        rows.append(Row(f"{part}, while all talk", share, "% of a core", reference, ratio, note))
    return rows


async def _class(folder: Path, calls: int) -> tuple[Seen, SessionReport, list[float], int]:
    clock, settings = SystemClock(), _settings(folder, calls)
    prepared = await asyncio.to_thread(prepare, settings, clock)
    lend_tree(settings)
    plan = ClassPlan(calls, calls, 7, "zh-CN", (from_library("complaint"),), ("perfect",))
    draws = [
        replace(each, arrives_at_s=1 + index * RING_EVERY_S, case=each.case.model_copy(update={"patience_s": 300.0}))
        for index, each in enumerate(draw(plan, clock.utc().date()))
    ]
    engine = open_engine(settings.database)
    began = datetime.now(UTC)
    with writing(engine) as session:
        seat_robots(session, clock, prepared.site_id, settings.seat_numbers)
        session_id = launch(
            session, plan, draws, settings.seat_numbers, name="bench", site_id=prepared.site_id, now=clock.utc(),
            engines=prepared.engines,
        )  # fmt: skip
    supervisor = Supervisor(settings, clock, web=False)
    await supervisor.start()
    try:
        seen = await _watch(supervisor, settings, session_id, calls)
        with reading(engine) as session:
            report = gather(session, session_id, settings)
        return seen, report, _joins_ms(supervisor.pbx.settings.cel_file, began), _whole(settings, report)
    finally:
        await supervisor.stop()
        engine.dispose()


def lend_tree(settings: Settings) -> None:
    """The installed Asterisk of this checkout, without installing it again."""
    settings.pbx.mkdir(parents=True, exist_ok=True)
    (settings.pbx / "tree").symlink_to(Path("var/pbx/tree").resolve(strict=True))


async def _watch(supervisor: Supervisor, settings: Settings, session_id: str, calls: int) -> Seen:
    bus, over, seen = BusClient(settings.bus_address, "console", SystemClock()), asyncio.Event(), Seen()
    full = asyncio.Event()

    def picture(message: FloorPicture, _sender: str) -> None:
        seen.talking = max(seen.talking, message.talking)
        if message.talking >= calls:
            full.set()

    bus.on(FloorPicture, picture)
    bus.on(SessionEnded, lambda _message, _sender: over.set())
    bus.subscribe(FLOOR_TOPIC)
    await bus.start()
    try:
        await bus.send("brain", StartSession(session=session_id), durable=True)
        await asyncio.wait({asyncio.create_task(full.wait()), asyncio.create_task(over.wait())}, timeout=180,
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        before, started = _parts(supervisor), asyncio.get_running_loop().time()
        await asyncio.sleep(WATCH_S if calls > 10 else 2.0)
        after = _parts(supervisor)
        seen.took_s = asyncio.get_running_loop().time() - started
        seen.cpu_s = {part: after[part][0] - before[part][0] for part in before}
        seen.memory_mb = {part: after[part][1] for part in after}
        await asyncio.wait_for(over.wait(), 240)
        return seen
    finally:
        await bus.close()


def _parts(supervisor: Supervisor) -> dict[str, tuple[float, float]]:
    """CPU seconds and megabytes so far, of each part."""
    state = supervisor.fleet.state()
    pids: dict[str, list[int | None]] = {name: [child.pid] for name, child in supervisor.children.items()}
    pids["asterisk"] = [supervisor.pbx.status().pid]
    pids["workers"] = [worker.pid for worker in state.workers]
    return {part: _used(pid for pid in each if pid is not None) for part, each in pids.items()}


def _used(pids: Iterable[int]) -> tuple[float, float]:
    cpu_s = memory_mb = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        times = process.cpu_times()
        cpu_s += times.user + times.system
        memory_mb += process.memory_info().rss / 1e6
    return cpu_s, memory_mb


def _joins_ms(cel: Path, began: datetime) -> list[float]:
    """From the answer of each agent's leg to the moment when both legs were in the contact's own bridge."""
    answered: dict[str, datetime] = {}
    joined: dict[str, list[datetime]] = defaultdict(list)
    for event in read_events(cel, began):
        contact = event.contact or event.channel_id.partition("-agent-")[0]
        if event.kind == "ANSWER" and "-agent-" in event.channel_id:
            answered.setdefault(contact, event.at)
        elif event.kind == "BRIDGE_ENTER" and f"{contact}-talk" in event.extra and len(joined[contact]) < 2:
            joined[contact].append(event.at)
    both = {contact: max(times) for contact, times in joined.items() if len(times) == 2}
    return [1000 * (at - answered[contact]).total_seconds() for contact, at in both.items() if contact in answered]


def _whole(settings: Settings, report: SessionReport) -> int:
    """How many recordings of served calls are as long as their leg, within half a second."""
    good = 0
    for call in report.calls:
        for leg in call.legs:
            if call.outcome != "served" or not leg.recording or not leg.answered_at or not leg.ended_at:
                continue
            info = soundfile.info(os.path.normpath(settings.reports / report.session.id / leg.recording))
            good += abs(info.duration - (leg.ended_at - leg.answered_at).total_seconds()) < 0.5
    return good


def _settings(folder: Path, calls: int) -> Settings:
    ports = free_ports(5)
    names = ("sip_port", "lab_port", "http_port", "ami_port", "web_port")
    return load(var=folder, seats=calls, rtp_from=10_000, rtp_to=11_999, **dict(zip(names, ports, strict=True)))


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


BENCH = Bench("floor", run, "50 callers and 50 robot students at once, beside a bare ARI program")
