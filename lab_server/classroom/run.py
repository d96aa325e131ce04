"""One session of a class on the live floor: callers arrive, robots answer and write down, everything is graded.

All of it can be begun in the middle: what has been decided stands in rows, what is on the line is read from the floor
and the fleet. Handlers of the floor's and the workers' news return at once; what takes time is a task of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from simpy import Environment

from lab_server.classroom import rows
from lab_server.classroom.called_back import CalledBack
from lab_server.classroom.desk_work import DeskWork
from lab_server.classroom.dialling import Dialling, robot_call, seat_of
from lab_server.classroom.endings import ending_for, ending_of
from lab_server.classroom.live import LiveFloor, LiveVisit
from lab_server.classroom.messages import FloorPicture
from lab_server.classroom.phones import Phones
from lab_server.classroom.picture import drawn
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.stages import Stages
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.ids import new_id
from lab_server.routing.agents import Agent
from scenarios.case import Case
from simulator import callers
from simulator.floor import CallerCase, Ending
from simulator.pacing import Pace
from telephony.fleet.messages import EnsureFleet
from telephony.reconnect import Gap
from telephony.useragent.messages import (
    Brief,
    CallBroken,
    CallEnded,
    EndCall,
    LineSaid,
    PlaceCall,
)

log = logging.getLogger(__name__)

GREETING_S = 30.0
"""Greeting and menu come before the queue, where a caller's patience begins to run; so long may they take."""
LAST_WORD_S = 15.0
"""So long the last calls may take to end once their callers' lives are over."""
PHONES_S = 30.0
PHONES_AGAIN_S = 3.0
"""So long a class waits for its phones: before it begins, and in the middle, when it goes on with those there are."""
UNUSUAL = frozenset({Outcome.BROKEN, Outcome.STOPPED})
"""After these a party may be left whom the switch cannot tell that it is over."""


class SessionRun:
    """Runs the session of `roll`; a `floor.kit.Listener`."""

    def __init__(self, roll: Roll, tools: Tools, plans: Plans) -> None:
        self.roll = roll
        self.status = "preparing"
        self.note = ""
        self._tools = tools
        self._plans = plans
        self._desk = DeskWork(roll, tools)
        self._dialling = Dialling(roll, tools, plans)
        self._called_back = CalledBack(roll, tools, self._dialling)
        self.phones = Phones(roll, tools)
        self.stages = Stages(tools)
        self._env = Environment()
        self._pace = Pace(self._env, tools.clock)
        self._live = LiveFloor(self._env, self._place, self._leave)
        self._visits: dict[str, LiveVisit] = {}  # by contact
        self._cases: dict[str, Case] = {}  # by the row's id
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sending: dict[str, asyncio.Task[Any]] = {}  # by contact
        self._news = asyncio.Event()
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
        self._live = LiveFloor(self._env, self._place, self._leave)
        self._over = sum(row.status in rows.OVER for row, _ in state.cases)
        for attempt in self._called_back.live():
            if self._tools.floor.call(attempt.contact) is None:  # ended while no brain was there, or never begun
                self._ended(attempt, attempt.known_ending or "broken")
        lives = [self._life(row, case) for row, case in state.cases if row.status not in rows.OVER]
        self._resume_desk_work()
        if self._stopping:
            self.stop()
        elif lives:
            await self._pace.run(until=self._env.all_of(lives))
        await self._until(lambda: not self._called_back.live(), self._tools.longest_call_s)
        if not await self._until(lambda: not self._live_attempts(), LAST_WORD_S):
            self._break_off()
        self.status = "grading"
        await self._desk.finished()
        await self._graded()
        self.phones.close()
        self._forget_gaps()

    async def close(self) -> None:
        """Stop acting; everything that matters is in rows and on the line."""
        self._forget_gaps()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._desk.close()

    @property
    def stopped(self) -> bool:
        """Whether it was called off before its end."""
        return self._stopping

    async def find_hosts(self, timeout_s: float) -> None:
        """Where the customers answer whom an agent may be phoning at this very moment."""
        live = [attempt for attempt in self._live_attempts() if attempt.case.direction == "out" or attempt.called_back]
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
        callers_at_once = min(len(self._cases), 4 * self._tools.max_caller_workers)
        await self._tools.bus.send("fleet", EnsureFleet(role="callers", capacity=callers_at_once), durable=True)
        await self._tools.bus.send("fleet", EnsureFleet(role="robots", capacity=len(self.roll.robots)), durable=True)
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

    graded = 0

    # -- a caller's life ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """No further arrivals; everyone on the line is hung up."""
        self._stopping = True
        self._pace.stop()
        for attempt in self._live_attempts():
            if not self._tools.floor.end(attempt.contact, Outcome.STOPPED):
                self._end_parties(attempt, None)

    def _live_attempts(self) -> list[Attempt]:
        return [attempt for attempt in self.roll.attempts.values() if attempt.live]

    def _break_off(self) -> None:
        """Calls that should have ended long ago and will not end by themselves any more."""
        for attempt in self._live_attempts():
            log.error("contact %s does not end; it is broken off", attempt.contact)
            self._end_parties(attempt, attempt.seat)
            if not self._tools.floor.end(attempt.contact, Outcome.BROKEN):
                self._ended(attempt, "broken")

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
            self._take_up(visit, last)
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

    def _take_up(self, visit: LiveVisit, attempt: Attempt) -> None:
        """An attempt that was under way when the brain before us died."""
        self._visits[attempt.contact] = visit
        call = self._tools.floor.call(attempt.contact)
        if call is not None and call.served:
            attempt.served = True
            visit.was_served()
        elif call is None and attempt.known_ending is not None:
            self._ended(attempt, attempt.known_ending)
        elif call is None:
            self._begin(attempt, self._send(attempt))  # was it sent before? Sent twice, it rings once

    # -- on the line ----------------------------------------------------------------------------------------------

    def _place(self, visit: LiveVisit) -> None:
        case = self._cases[visit.case_id]
        attempt = Attempt(contact=new_id(), case=case, case_id=visit.case_id, number=visit.attempt)
        self.roll.attempts[attempt.contact] = attempt
        self._visits[attempt.contact] = visit
        self._begin(attempt, self._write_and_send(attempt))

    def _begin(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        self._sending[attempt.contact] = self._spawn(self._guarded(attempt, work))

    async def _guarded(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception:
            # Whatever kept it from being placed, this caller's life must end and the class go on.
            log.exception("contact %s could not be begun", attempt.contact)
            self._end_parties(attempt, None)
            self._ended(attempt, "broken")
        finally:
            self._sending.pop(attempt.contact, None)

    async def _write_and_send(self, attempt: Attempt) -> None:
        """First the row, however long the database is locked: a call without one would be nobody's."""
        site = self._tools.site_id
        await asyncio.wrap_future(self._tools.writer.post(lambda session: rows.add_attempt(session, site, attempt)))
        if attempt.live:
            await self._send(attempt)

    async def _send(self, attempt: Attempt) -> None:
        """The caller's plan goes to a worker. Sent twice, it rings once: the call's id says so."""
        if attempt.case.direction == "out":
            await self._dialling.begin(attempt)
            return
        tools, case = self._tools, attempt.case
        await tools.bus.send(
            "fleet",
            PlaceCall(
                call_id=attempt.contact,
                contact=attempt.contact,
                conversation=self._plans.caller(attempt),
                target=tools.hotline,
                from_number=case.person.phone,
                max_s=tools.longest_call_s,
            ),
            durable=True,
        )
        tools.writer.post(lambda session: rows.placed(session, attempt.contact, tools.clock.utc()))

    def _leave(self, visit: LiveVisit) -> None:
        for contact, known in self._visits.items():
            if known is visit:
                self._spawn(self._tools.bus.send("fleet", EndCall(call_id=contact), durable=True))

    def _ended(self, attempt: Attempt, ending: Ending) -> None:
        """Both the floor and the caller's worker are done with this attempt, or one of them will never be."""
        if not attempt.live:
            return
        attempt.live = False
        attempt.ending = ending
        attempt.over.set()
        self._news.set()
        self._dialling.begun(attempt.contact)
        sending = self._sending.pop(attempt.contact, None)
        if sending is not None and sending is not asyncio.current_task():
            sending.cancel()
        if attempt.case.direction == "out" and self._tools.floor.call(attempt.contact) is None:
            self._tools.distribution.free_ringing(attempt.contact)  # an agent who was just given the number
        now = self._tools.clock.utc()
        self._tools.writer.post(lambda session: rows.end_attempt(session, attempt.contact, ending, now))
        visit = self._visits.pop(attempt.contact, None)
        if visit is not None:
            self._pace.call_soon(lambda: visit.has_ended(ending))

    def _end_parties(self, attempt: Attempt, seat: str | None) -> None:
        """The caller's worker, and the robot's, let go of a call that nobody on the switch can end for them."""
        calls = [attempt.contact] if not seat else [attempt.contact, robot_call(attempt.contact, seat)]
        for call_id in calls:
            self._spawn(self._tools.bus.send("fleet", EndCall(call_id=call_id), durable=True))

    # -- news of the workers --------------------------------------------------------------------------------------

    def line_said(self, message: LineSaid) -> None:
        attempt = self.roll.attempt(message.contact)
        if attempt is not None and message.facts:
            site = self._tools.site_id
            self._tools.writer.post(lambda session: rows.add_told(session, site, message))

    def call_reported(self, message: CallEnded) -> None:
        """A worker's last word on a call: the caller's own, or a robot student's."""
        attempt = self.roll.attempt(message.contact)
        if attempt is None:
            return
        for line in message.lines:
            self.line_said(line)
        if message.call_id != attempt.contact:
            if attempt.case.direction == "out":
                self._spawn(self._dialling.robot_ended(attempt, message))
            return
        attempt.lines_final = True
        report = message.model_dump(mode="json", exclude={"lines"})
        self._tools.writer.post(lambda session: rows.report(session, attempt.contact, report))
        if self._tools.floor.call(attempt.contact) is None:
            self._ended(attempt, "completed" if attempt.served else ending_of(message.cause))

    def call_broken(self, message: CallBroken) -> None:
        """A worker died with this call: whoever is left on the line is let go, but a caller who only waits waits on."""
        attempt = self.roll.attempt(message.contact) or self.roll.attempt(message.call_id)
        if attempt is None:
            return
        self._tools.journal.append(
            attempt.contact,
            "caller.broken",
            {"call": message.call_id, "why": message.why},
            session_id=self.roll.session,
            key=f"caller.broken/{message.call_id}",
        )
        seat, floor = seat_of(message.call_id), self._tools.floor
        if seat:
            self._robot_broken(attempt, seat)
            return
        attempt.lines_final = True
        if not floor.end(attempt.contact, Outcome.BROKEN):
            self._end_parties(attempt, attempt.seat)
            self._ended(attempt, "broken")

    def _robot_broken(self, attempt: Attempt, seat: str) -> None:
        floor = self._tools.floor
        call = floor.call(attempt.contact)
        if call is None and attempt.case.direction == "out" and not attempt.served:
            self._spawn(self._dialling.give_up(attempt, seat))
            self._ended(attempt, "broken")
        elif call is None or call.seat != seat or floor.agent_lost(attempt.contact, seat):
            return
        elif call.stage in {Stage.TALKING, Stage.SCREENED, Stage.DIALLING}:
            floor.end(attempt.contact, Outcome.BROKEN)

    # -- news of the floor (floor.kit.Listener) -------------------------------------------------------------------

    def stage_entered(self, call: Call, stage: Stage) -> None:
        attempt = self.roll.attempt(call.contact)
        if attempt is None:
            return
        self._dialling.begun(call.contact)
        self._dialling.named(call, attempt)
        if stage is Stage.TALKING:
            attempt.seat = call.seat or attempt.seat  # a contact that is handed on is the last one's
            visit = self._visits.get(call.contact)
            if visit is not None and not attempt.served:
                self._pace.call_soon(visit.was_served)
            attempt.served = True
        elif stage is Stage.RATED:
            self._talk_over(attempt, call.seat or attempt.seat)
        self.stages.tell(call.contact, stage)

    def leg_rings(self, call: Call, leg: Leg) -> None:
        """A robot is told what to say when its phone is rung: also if it is asked, or sent this contact. Until the
        customer is there too it listens."""
        attempt = self.roll.attempt(call.contact)
        if attempt is not None and leg.role == "agent" and leg.seat in self.roll.robots:
            self._spawn(self._brief(attempt, leg.seat))

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        attempt = self.roll.attempt(call.contact)
        if attempt is None:
            return
        attempt.served = attempt.served or call.served  # it may have ended during the announcement
        attempt.seat = call.seat or attempt.seat
        self.stages.tell(call.contact, Stage.ENDED)
        self._talk_over(attempt, attempt.seat)
        if outcome in UNUSUAL or (call.direction == "out" and outcome is not Outcome.SERVED):
            self._end_parties(attempt, call.seat)
        self._ended(attempt, ending_for(outcome))

    def _talk_over(self, attempt: Attempt, seat: str | None) -> None:
        if attempt.served and seat in self.roll.robots:
            self._desk.write_up(attempt, seat)

    def agent_changed(self, agent: Agent) -> None:
        self.phones.agent_changed(agent)

    def _switch_is_back(self, _gap: Gap | None) -> None:
        self._spawn(self._dialling.again())

    async def _brief(self, attempt: Attempt, seat: str) -> None:
        brief = Brief(
            seat=seat,
            contact=attempt.contact,
            conversation=self._plans.robot(attempt, seat),
            answer_after_s=self._plans.profile(seat).answer_after_s,
        )
        await self._tools.bus.send("fleet", brief, durable=True)

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

    # -- tasks ----------------------------------------------------------------------------------------------------

    def _resume_desk_work(self) -> None:
        for attempt in self.roll.attempts.values():
            if not attempt.live and attempt.served and attempt.seat in self.roll.robots:
                self._desk.write_up(attempt, attempt.seat)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of session %s failed", self.roll.session, exc_info=task.exception())

    async def _until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return condition()
        return True
