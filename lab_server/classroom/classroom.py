"""The classroom: takes the orders on the bus, runs one class at a time and single practice calls beside it, passes the
workers' news to them."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence

from lab_server.classroom import rows
from lab_server.classroom.endings import known_ending
from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture, SessionEnded, StartSession, StopSession
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Robot, Roll
from lab_server.classroom.run import SessionRun
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.routing.agents import Agent
from telephony.bus import Message
from telephony.fleet.messages import FleetState
from telephony.useragent.messages import (
    AskStage,
    CallAnswered,
    CallBroken,
    CallEnded,
    CallPlaced,
    LineSaid,
    Registered,
    WorkerReady,
)

log = logging.getLogger(__name__)

PICTURE_S = 0.5
BUS_S = 5.0
HOST_S = 2.0


class Classroom:
    """A `floor.kit.Listener`. `plans_for` makes the plans of a session's roll."""

    def __init__(self, tools: Tools, plans_for: Callable[[Roll], Plans]) -> None:
        self._tools = tools
        self._plans_for = plans_for
        self._run: SessionRun | None = None
        self._practice: dict[str, SessionRun] = {}  # by session: calls for one person's seat
        self._practising: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._ordered: set[str] = set()
        self._worker: asyncio.Task[None] | None = None
        self._rolls: dict[str, Roll] = {}
        self._open = asyncio.Event()
        bus = tools.bus
        bus.on(StartSession, self._start)
        bus.on(StopSession, self._stop)
        bus.on(FleetState, lambda message, _: self._tell(lambda run: run.phones.fleet_changed(message)))
        bus.on(Registered, lambda message, _: self._tell(lambda run: run.phones.heard(message.seat, message.ok)))
        bus.on(LineSaid, lambda message, _: self._tell(lambda run: run.line_said(message)))
        bus.on(CallEnded, lambda message, _: self._tell(lambda run: run.call_reported(message)))
        bus.on(CallBroken, lambda message, _: self._tell(lambda run: run.call_broken(message)))
        bus.on(AskStage, self._answer_stage)
        for message in (WorkerReady, CallPlaced, CallAnswered):
            bus.on(message, _taken_note_of)

    def session_of(self, contact: str) -> str | None:
        """The session a contact belongs to, None if it is nobody's case."""
        return next((roll.session for roll in self._rolls.values() if roll.attempt(contact) is not None), None)

    async def prepare(self) -> None:
        """Read what a brain before us left unfinished: its contacts must be known before the floor adopts them."""
        for session_id in await self._tools.reader.run(
            lambda session: rows.running_sessions(session, self._tools.site_id)
        ):
            run = await self._made(session_id)
            if run.roll.for_seat:
                self._practice[session_id] = run
            else:
                self._run = run
            self._order(session_id, for_seat=bool(run.roll.for_seat))

    async def find_hosts(self) -> None:
        """Before the floor takes up calls to customers: where they answer. The bus must have been started."""
        for run in self._runs():
            await run.find_hosts(HOST_S)

    async def expect(self, contact: str, numbers: Sequence[str]) -> None:
        """Before an agent calls one of these numbers: the virtual customer whose it is, is there to answer."""
        for run in list(self._runs()):
            try:
                await run.expect(contact, numbers)
            except Exception:  # whatever it is, the agent who was reserved for this call must hear what becomes of it
                log.exception("contact %s: nobody could be told to answer at %s", contact, ", ".join(numbers))

    def awaits(self, contact: str) -> bool:
        """Whether an agent may be about to dial for this contact, which is not on the floor yet."""
        return any(run.awaits(contact) for run in self._runs())

    def start(self) -> None:
        """The floor is known: from now on the workers' news are taken, and sessions run."""
        self._open.set()
        self._worker = asyncio.create_task(self._work(), name="classroom")

    async def close(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
        for task in self._practising:
            task.cancel()
        ours = [*self._practising, *([self._worker] if self._worker is not None else [])]
        await asyncio.gather(*ours, return_exceptions=True)
        for run in list(self._runs()):
            await run.close()

    # -- orders ---------------------------------------------------------------------------------------------------

    async def _start(self, message: StartSession, _sender: str) -> None:
        """Acknowledged only when the order is written down: it must outlive us."""
        for_seat = await self._tools.writer.run(lambda session: rows.order(session, message.session))
        self._order(message.session, for_seat=for_seat)

    def _order(self, session_id: str, *, for_seat: bool) -> None:
        if session_id in self._ordered:
            return
        self._ordered.add(session_id)
        if not for_seat:
            self._waiting.put_nowait(session_id)
            return
        task = asyncio.create_task(self._practise(session_id), name=f"practice {session_id}")
        self._practising.add(task)
        task.add_done_callback(self._practising.discard)

    async def _stop(self, message: StopSession, _sender: str) -> None:
        await self._tools.writer.run(lambda session: rows.stop(session, message.session))
        for run in self._runs():
            if run.roll.session == message.session:
                run.stop()

    async def _work(self) -> None:
        await self._bus_is_up()
        for run in self._runs():
            run.stages.tell_unheard()
        while True:
            await self._conduct(await self._waiting.get())

    async def _practise(self, session_id: str) -> None:
        """One person's call, whatever else goes on."""
        await self._open.wait()
        await self._bus_is_up()
        try:
            await self._conduct(session_id)
        finally:
            self._practice.pop(session_id, None)

    async def _conduct(self, session_id: str) -> None:
        status, why = "ended", ""
        try:
            why = "stopped" if await self._run_session(session_id) else ""
        except asyncio.CancelledError:
            raise
        except Exception as failed:
            # One session that cannot be run must not stop the next; who ordered it is told why.
            log.exception("session %s failed", session_id)
            status, why = "broken", f"{type(failed).__name__}: {failed}"
        await self._end(session_id, status, why)

    async def _bus_is_up(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUS_S):
                while not self._tools.bus.connected:  # noqa: ASYNC110 (the bus has no event for it)
                    await asyncio.sleep(0.02)

    async def _run_session(self, session_id: str) -> bool:
        """Whether it was stopped before its end."""
        run = next((one for one in self._runs() if one.roll.session == session_id), None)
        if run is None:
            run = await self._made(session_id)
            if run.roll.for_seat:
                self._practice[session_id] = run
            else:
                self._run = run
        drawing = asyncio.create_task(self._draw(run))
        try:
            await run.run()
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)
            run.over = True
            await self._publish(run)
        return run.stopped

    async def _made(self, session_id: str) -> SessionRun:
        roll = await self._enrol(session_id)
        return SessionRun(roll, self._tools, self._plans_for(roll), self._callers_beside)

    def _callers_beside(self, session_id: str) -> int:
        """How many callers the other sessions that go on may have on the line at once."""
        return sum(run.at_once for run in self._runs() if run.roll.session != session_id)

    def _runs(self) -> Iterator[SessionRun]:
        """The class, also when it has just ended: news of it may still come; and each practice call."""
        if self._run is not None:
            yield self._run
        yield from list(self._practice.values())

    async def _end(self, session_id: str, status: str, why: str) -> None:
        now = self._tools.clock.utc()
        word: rows.SessionStatus = "broken" if status == "broken" else "ended"
        await asyncio.wrap_future(self._tools.writer.post(lambda session: rows.end(session, session_id, word, now)))
        self._tools.journal.append(None, f"session.{status}", {"why": why}, session_id=session_id)
        await self._tools.journal.flush()
        ended = SessionEnded(session=session_id, status=status, why=why[:500])
        await self._tools.bus.send(FLOOR_TOPIC, ended)
        await self._tools.bus.send("console", ended, durable=True)

    async def _enrol(self, session_id: str) -> Roll:
        """Everyone who takes part, from the rows."""
        tools = self._tools
        state = await tools.reader.run(lambda session: rows.read_session(session, session_id))
        roll = Roll(session_id, state.row.seed, state.scenarios, stopped=bool(state.row.plan.get("stopped")))
        roll.for_seat = str(state.row.plan.get(rows.FOR_SEAT, ""))
        seats = state.row.plan["seats"]
        users = await tools.reader.run(lambda session: rows.users_at(session, tools.site_id, seats))
        profiles = state.row.plan["profiles"]
        for index, seat in enumerate(seats):
            if seat in users and users[seat].is_robot:
                roll.robots[seat] = Robot(seat, users[seat].id, profiles[index % len(profiles)])
        contacts = [known.id for attempts in state.attempts.values() for known in attempts]
        outcomes = await tools.reader.run(lambda session: rows.endings(session, contacts))
        for row, case in state.cases:
            for known in state.attempts.get(row.id, []):
                roll.attempts[known.id] = Attempt(
                    contact=known.id,
                    case=case,
                    case_id=row.id,
                    number=known.number,
                    live=known.status not in rows.OVER_ATTEMPT,
                    lines_final=bool(known.report),
                    ending=known.outcome or None,
                    known_ending=known_ending(outcomes.get(known.id), known.report.get("cause", "")),
                )
        for found in await tools.reader.run(lambda session: rows.served(session, list(roll.attempts))):
            roll.attempts[found.contact].served = True
            roll.attempts[found.contact].seat = found.seat
        self._rolls[session_id] = roll
        return roll

    # -- news -----------------------------------------------------------------------------------------------------

    async def _tell(self, news: Callable[[SessionRun], None]) -> None:
        """News of the workers go to the running session; those of none come from one that was given up.

        They wait until the floor is known (a call it has not found yet is not over), and are acknowledged when what
        follows from them is written down: what a brain that dies has not acknowledged is told to the next.
        """
        await self._open.wait()
        for run in self._runs():
            news(run)
        await self._tools.writer.flush()

    async def _answer_stage(self, message: AskStage, _sender: str) -> None:
        await self._open.wait()
        runs = list(self._runs())
        run = next((one for one in runs if one.roll.attempt(message.contact) is not None), next(iter(runs), None))
        if run is not None:
            run.stages.answer(message.contact)

    def stage_entered(self, call: Call, stage: Stage) -> None:
        for run in self._runs():
            run.stage_entered(call, stage)

    def leg_rings(self, call: Call, leg: Leg) -> None:
        for run in self._runs():
            run.leg_rings(call, leg)

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        for run in self._runs():
            run.call_ended(call, outcome)

    def agent_changed(self, agent: Agent) -> None:
        for run in self._runs():
            run.agent_changed(agent)

    # -- the picture ----------------------------------------------------------------------------------------------

    async def _draw(self, run: SessionRun) -> None:
        while True:
            await self._publish(run)
            await asyncio.sleep(PICTURE_S)

    async def _publish(self, run: SessionRun) -> None:
        if run.roll.for_seat and self._run is not None and not self._run.over:
            return  # a class is what is watched
        picture: FloorPicture = run.picture()
        await self._tools.bus.send(FLOOR_TOPIC, picture)


def _taken_note_of(_message: Message, _sender: str) -> None:
    """Nothing to do: the floor sees the same on the line, the fleet keeps its workers itself."""
