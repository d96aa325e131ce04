"""One session of a class on the live floor: callers arrive, robots answer and write down, everything is graded.

All of it can be begun in the middle: what has been decided stands in rows, what is on the line is read from the floor
and the fleet. Handlers of the floor's and the workers' news return at once; what takes time is a task of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from simpy import Environment

from lab_server.classroom import rows
from lab_server.classroom.called_back import CalledBack
from lab_server.classroom.desk_work import DeskWork
from lab_server.classroom.dialling import Dialling
from lab_server.classroom.live import LiveFloor, LiveVisit
from lab_server.classroom.messages import FloorPicture
from lab_server.classroom.news import News
from lab_server.classroom.on_line import OnLine
from lab_server.classroom.phones import Phones
from lab_server.classroom.picture import drawn
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Roll
from lab_server.classroom.stages import Stages
from lab_server.classroom.tools import Tools
from lab_server.floor.errands import Errands
from lab_server.floor.life import end_tasks
from lab_server.routing.agents import Agent
from scenarios.case import Case
from simulator import callers
from simulator.floor import CallerCase
from simulator.pacing import Pace
from telephony.fleet.messages import EnsureFleet
from telephony.reconnect import Gap

log = logging.getLogger(__name__)

GREETING_S = 30.0
"""Greeting and menu come before the queue, where a caller's patience begins to run; so long may they take."""
LAST_WORD_S = 15.0
"""So long the last calls may take to end once their callers' lives are over."""
PHONES_S = 30.0
PHONES_AGAIN_S = 3.0
"""So long a class waits for its phones: before it begins, and in the middle, when it goes on with those there are."""


class SessionRun:
    """Runs the session of `roll`; a `floor.kit.Listener`."""

    def __init__(
        self, roll: Roll, tools: Tools, plans: Plans, beside: Callable[[str], int] = lambda _session: 0
    ) -> None:
        """`beside`: how many callers other sessions than this one have at once."""
        self.roll = roll
        self.status = "preparing"
        self.note = ""
        self.graded = 0
        self.over = False
        self._tools = tools
        self._plans = plans
        self._beside = beside
        self._desk = DeskWork(roll, tools)
        self._dialling = Dialling(roll, tools, plans)
        self._called_back = CalledBack(roll, tools, self._dialling)
        self.phones = Phones(roll, tools)
        self.stages = Stages(tools)
        self._env = Environment()
        self._pace = Pace(self._env, tools.clock)
        self._cases: dict[str, Case] = {}  # by the row's id
        self._errands = Errands()
        self._line = OnLine(roll, tools, plans, self._dialling, self._errands, self._soon)
        self._live = LiveFloor(self._env, self._place, self._line.leave)
        news = News(
            roll, tools, plans, line=self._line, dialling=self._dialling, desk=self._desk, stages=self.stages,
            errands=self._errands,
        )  # fmt: skip
        self.line_said, self.call_reported, self.call_broken = news.line_said, news.call_reported, news.call_broken
        self.stage_entered, self.leg_rings, self.call_ended = news.stage_entered, news.leg_rings, news.call_ended
        self._over = 0
        self._stopping = roll.stopped
        self._forget_gaps = tools.ari.on_connected(self._switch_is_back)

    # -- the whole ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Prepare, let everyone ring, wait until all is written down and graded."""
        state = await self._tools.reader.run(lambda session: rows.read_session(session, self.roll.session))
        self._cases = {row.id: case for row, case in state.cases}
        self.roll.cases = list(self._cases.values())
        await self._prepare(PHONES_S if state.row.started_at is None else PHONES_AGAIN_S)
        elapsed_s = await self._tools.writer.run(
            lambda session: rows.begin(session, self.roll.session, self._tools.clock.utc())
        )
        self.status = "running"
        self._env = Environment(initial_time=elapsed_s)
        self._pace = Pace(self._env, self._tools.clock)
        self._live = LiveFloor(self._env, self._place, self._line.leave)
        self._over = sum(row.status in rows.OVER for row, _ in state.cases)
        for attempt in self._called_back.live():
            if self._tools.floor.call(attempt.contact) is None:  # ended while no brain was there, or never begun
                self._line.ended(attempt, attempt.known_ending or "broken")
        lives = [self._life(row, case) for row, case in state.cases if row.status not in rows.OVER]
        self._resume_desk_work()
        if self._stopping:
            self.stop()
        elif lives:
            await self._pace.run(until=self._env.all_of(lives))
        await self._line.until(lambda: not self._called_back.live(), self._tools.longest_call_s)
        if not await self._line.until(lambda: not self._line.live_attempts(), LAST_WORD_S):
            self._line.break_off()
        self.status = "grading"
        await self._desk.finished()
        await self._graded()
        self.phones.close()
        self._forget_gaps()

    async def close(self) -> None:
        """Stop acting; everything that matters is in rows and on the line."""
        self._forget_gaps()
        await end_tasks(*self._errands.tasks())
        await self._desk.close()

    @property
    def at_once(self) -> int:
        """How many of its callers may be on the line at once."""
        return 0 if self.over else len(self._cases)

    @property
    def stopped(self) -> bool:
        """Whether it was called off before its end."""
        return self._stopping

    async def find_hosts(self, timeout_s: float) -> None:
        """Where the customers answer whom an agent may be phoning at this very moment."""
        live = [
            attempt for attempt in self._line.live_attempts() if attempt.case.direction == "out" or attempt.called_back
        ]
        numbers = [attempt.case.person.phone for attempt in live]
        await asyncio.gather(*(self._dialling.find(number, timeout_s) for number in numbers))

    async def expect(self, contact: str, numbers: Sequence[str]) -> None:
        """Somebody is about to call one of these numbers, in this contact: whose it is must be there to answer."""
        if self.status == "running":
            await self._called_back.expect(contact, numbers)

    def awaits(self, contact: str) -> bool:
        """Whether this contact may still come to the floor, though it is not there now."""
        attempt = self.roll.attempt(contact)
        return attempt is not None and attempt.live and attempt.known_ending is None

    async def _prepare(self, phones_s: float) -> None:
        """The workers start and the phones register while the lines are spoken: each takes seconds."""
        everybody = self.at_once + self._beside(self.roll.session)
        callers_at_once = min(everybody, 4 * self._tools.max_caller_workers)
        await self._tools.bus.send("fleet", EnsureFleet(role="callers", capacity=callers_at_once), durable=True)
        if not self.roll.for_seat:  # else the robots are another session's
            robots = EnsureFleet(role="robots", capacity=len(self.roll.robots))
            await self._tools.bus.send("fleet", robots, durable=True)
        await asyncio.gather(self.phones.open(phones_s), self._speak())

    async def _speak(self) -> None:
        for done, case in enumerate(self._cases.values(), 1):
            await asyncio.to_thread(self._plans.speak_case, case)
            self.note = f"{done}/{len(self._cases)}"
        await asyncio.to_thread(self._plans.speak_robots)

    async def _graded(self) -> None:
        """Every served contact has its scorecard, or its grading has failed for good."""
        served = [attempt.contact for attempt in self.roll.attempts.values() if attempt.served]
        while True:
            left = await self._tools.reader.run(lambda session: rows.ungraded(session, served))
            self.graded = len(served) - left
            if not left:
                return
            await asyncio.sleep(0.2)

    # -- a caller's life ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """No further arrivals; everyone on the line is hung up."""
        self._stopping = True
        self._pace.stop()
        self._line.hang_up_all()

    def _soon(self, act: Callable[[], None]) -> None:
        self._pace.call_soon(act)

    def _place(self, visit: LiveVisit) -> None:
        self._line.place(visit, self._cases[visit.case_id])

    def _life(self, row: rows.CaseRow, case: Case) -> Any:
        pauses = (case.again_after_s,) if case.rings_again else ()
        outbound = case.direction == "out"
        patience_s = float("inf") if outbound else case.patience_s + GREETING_S
        due = CallerCase(row.arrives_at_s, patience_s, () if outbound else pauses, row.id)
        attempts = [one for one in self.roll.attempts.values() if one.case_id == row.id and not one.called_back]
        if not attempts:
            return callers.life(self._env, due, self._live, self._lived)
        last = max(attempts, key=lambda attempt: attempt.number)
        if last.live:
            visit = self._live.visit(row.id, last.number)
            self._line.take_up(visit, last)
            return callers.life(self._env, due, self._live, self._lived, resume=visit, attempt=last.number)
        if last.ending in {"abandoned", "refused"} and last.number <= len(due.rings_again):
            again = due._replace(arrives_at_s=self._env.now + due.rings_again[last.number - 1])
            return callers.life(self._env, again, self._live, self._lived, attempt=last.number + 1)
        self._close_case(row.id, "broken" if last.ending == "broken" else "done")
        return self._env.timeout(0)

    def _lived(self, due: CallerCase, outcome: callers.Outcome) -> None:
        self._close_case(due.case_id, "broken" if outcome.kind == "broken" else "done")

    def _close_case(self, case_id: str, status: rows.CaseStatus) -> None:
        self._over += 1
        self._tools.writer.post(lambda session: rows.end_case(session, case_id, status))

    def agent_changed(self, agent: Agent) -> None:
        self.phones.agent_changed(agent)

    def _switch_is_back(self, _gap: Gap | None) -> None:
        self._errands.run(self._dialling.again(), f"session {self.roll.session} after a gap")

    # -- the picture ----------------------------------------------------------------------------------------------

    def picture(self) -> FloorPicture:
        """What is going on now."""
        return drawn(
            self.roll,
            self._tools,
            status=self.status,
            note=self.note,
            cases=len(self._cases),
            ended=self._over,
            graded=self.graded,
            elapsed_s=self._pace.now_s,
        )

    def _resume_desk_work(self) -> None:
        for attempt in self.roll.attempts.values():
            if not attempt.live and attempt.served and attempt.seat in self.roll.robots:
                self._desk.write_up(attempt, attempt.seat)
