"""One session of a class on the live floor: callers arrive, robots answer and write down, everything is graded.

All of it can be begun in the middle: what has been decided stands in rows, what is on the line is read from the floor
and the fleet. Handlers of the floor's and the workers' news return at once; what takes time is a task of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from simpy import Environment

from lab_server.classroom import rows
from lab_server.classroom.desk_work import DeskWork
from lab_server.classroom.dialling import Dialling
from lab_server.classroom.live import LiveFloor, LiveVisit
from lab_server.classroom.messages import AgentPicture, FloorPicture
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.ids import new_id
from lab_server.routing.agents import Agent, AgentState
from scenarios.case import Case
from simulator import callers
from simulator.floor import CallerCase, Ending
from simulator.pacing import Pace
from telephony.bus import BusError
from telephony.fleet.messages import AskFleet, EnsureFleet, FleetState
from telephony.useragent.messages import (
    Brief,
    CallBroken,
    CallEnded,
    EndCall,
    LineSaid,
    PlaceCall,
    RegisterAccount,
    Registered,
    StageChanged,
)

log = logging.getLogger(__name__)

GREETING_S = 30.0
"""Greeting and menu come before the queue, where a caller's patience begins to run; so long may they take."""
LAST_WORD_S = 15.0
"""So long the last calls may take to end once their callers' lives are over."""


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
        self._env = Environment()
        self._pace = Pace(self._env, tools.clock)
        self._live = LiveFloor(self._env, self._place, self._leave)
        self._visits: dict[str, LiveVisit] = {}  # by contact
        self._cases: dict[str, Case] = {}  # by the row's id
        self._tasks: set[asyncio.Task[Any]] = set()
        self._phones: dict[str, bool] = {}
        self._news = asyncio.Event()
        self._over = 0
        self._stopping = False

    # -- the whole ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Prepare, let everyone ring, wait until all is written down and graded."""
        state = await self._tools.reader.run(lambda session: rows.read_session(session, self.roll.session))
        self._cases = {row.id: case for row, case in state.cases}
        self.roll.cases = list(self._cases.values())
        await self._prepare()
        elapsed_s = await self._tools.writer.run(
            lambda session: rows.begin(session, self.roll.session, self._tools.clock.utc())
        )
        self.status = "running"
        self._env = Environment(initial_time=elapsed_s)
        self._pace = Pace(self._env, self._tools.clock)
        self._live = LiveFloor(self._env, self._place, self._leave)
        self._over = sum(row.status in rows.OVER for row, _ in state.cases)
        lives = [self._life(row, case) for row, case in state.cases if row.status not in rows.OVER]
        self._resume_desk_work()
        if lives and not self._stopping:
            await self._pace.run(until=self._env.all_of(lives))
        await self._until(lambda: not any(attempt.live for attempt in self.roll.attempts.values()), LAST_WORD_S)
        self.status = "grading"
        await self._desk.finished()
        await self._graded()
        await self._stop_phones()

    async def close(self) -> None:
        """Stop acting; everything that matters is in rows and on the line."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._desk.close()

    async def _prepare(self) -> None:
        cases = list(self._cases.values())
        for done, case in enumerate(cases, 1):
            await asyncio.to_thread(self._plans.speak_case, case)
            self.note = f"{done}/{len(cases)}"
        await asyncio.to_thread(self._plans.speak_robots)
        callers_at_once = min(len(cases), 4 * self._tools.max_caller_workers)
        await self._tools.bus.send("fleet", EnsureFleet(role="callers", capacity=callers_at_once), durable=True)
        await self._tools.bus.send("fleet", EnsureFleet(role="robots", capacity=len(self.roll.robots)), durable=True)
        for seat in self.roll.robots:
            await self._tools.bus.send("fleet", self._account(seat), durable=True)
        await self._ask_fleet()
        await self._until(lambda: all(self._phones.get(seat) for seat in self.roll.robots), 30.0)
        for seat in self.roll.robots:
            self._tools.distribution.sign_on(seat)
            if self._phones.get(seat) and self._tools.distribution.agent(seat).state in {
                AgentState.NOT_READY,
                AgentState.OFFLINE,
            }:
                self._tools.distribution.set_state(seat, AgentState.READY)
        missing = [seat for seat in self.roll.robots if not self._phones.get(seat)]
        if missing:
            log.error("phones that did not register: %s", ", ".join(missing))

    async def _ask_fleet(self) -> None:
        """Phones that registered while nobody listened (a brain before us had asked them to)."""
        try:
            state = await self._tools.bus.request("fleet", AskFleet(), FleetState, timeout_s=5.0)
        except BusError as silent:
            log.warning("the fleet does not say who is registered: %s", silent)
            return
        for worker in state.workers:
            self._phones.update({seat: True for seat, ok in worker.seats.items() if ok})

    def _account(self, seat: str) -> RegisterAccount:
        tools = self._tools
        return RegisterAccount(
            seat=seat, user=seat, password=tools.phone_password(seat), registrar=tools.registrar, answer_after_s=0.5
        )

    async def _stop_phones(self) -> None:
        for seat in self.roll.robots:
            if self._tools.distribution.agent(seat).contact is None:
                self._tools.distribution.set_state(seat, AgentState.OFFLINE)

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
        for attempt in self.roll.attempts.values():
            if attempt.live:
                self._tools.floor.end(attempt.contact, Outcome.STOPPED)
                self._spawn(self._tools.bus.send("fleet", EndCall(call_id=attempt.contact), durable=True))

    def _life(self, row: rows.CaseRow, case: Case) -> Any:
        pauses = (case.again_after_s,) if case.rings_again else ()
        outbound = case.direction == "out"
        patience_s = float("inf") if outbound else case.patience_s + GREETING_S
        due = CallerCase(row.arrives_at_s, patience_s, () if outbound else pauses, row.id)
        attempts = [attempt for attempt in self.roll.attempts.values() if attempt.case_id == row.id]
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
        elif call is None and attempt.lines_final:
            self._ended(attempt, "broken")
        elif call is None:
            self._spawn(self._send(attempt))  # whether it was sent before we cannot know: sent twice, it rings once

    # -- on the line ----------------------------------------------------------------------------------------------

    def _place(self, visit: LiveVisit) -> None:
        case = self._cases[visit.case_id]
        attempt = Attempt(contact=new_id(), case=case, case_id=visit.case_id, number=visit.attempt)
        self.roll.attempts[attempt.contact] = attempt
        self._visits[attempt.contact] = visit
        self._spawn(self._begin(attempt))

    async def _begin(self, attempt: Attempt) -> None:
        tools = self._tools
        await tools.writer.run(lambda session: rows.add_attempt(session, tools.site_id, attempt))
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
        now = self._tools.clock.utc()
        self._tools.writer.post(lambda session: rows.end_attempt(session, attempt.contact, ending, now))
        visit = self._visits.pop(attempt.contact, None)
        if visit is not None:
            self._pace.call_soon(lambda: visit.has_ended(ending))

    # -- news of the workers --------------------------------------------------------------------------------------

    def registered(self, message: Registered) -> None:
        self._phones[message.seat] = message.ok
        self._news.set()

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
            self._ended(attempt, "completed" if attempt.served else _ending_of(message))

    def call_broken(self, message: CallBroken) -> None:
        """A worker died with this call: whoever is left on the line is let go."""
        attempt = self.roll.attempt(message.contact) or self.roll.attempt(message.call_id)
        if attempt is None:
            return
        self._tools.journal.append(
            attempt.contact,
            "caller.broken",
            {"call": message.call_id, "why": message.why},
            session_id=self.roll.session,
        )
        attempt.lines_final = True
        if not self._tools.floor.end(attempt.contact, Outcome.BROKEN):
            self._ended(attempt, "broken")

    # -- news of the floor (floor.kit.Listener) -------------------------------------------------------------------

    def stage_entered(self, call: Call, stage: Stage) -> None:
        attempt = self.roll.attempt(call.contact)
        if attempt is None:
            return
        if stage is Stage.RINGING and call.offered is not None:
            self._spawn(self._brief(attempt, call.offered))
        elif stage is Stage.TALKING and not attempt.served:
            attempt.served, attempt.seat = True, call.seat
            visit = self._visits.get(call.contact)
            if visit is not None:
                self._pace.call_soon(visit.was_served)
        elif stage is Stage.RATED:
            self._talk_over(attempt, call.seat)
        self._spawn(self._tell_stage(call.contact, stage))

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        attempt = self.roll.attempt(call.contact)
        if attempt is None:
            return
        attempt.seat = attempt.seat or call.seat
        self._spawn(self._tell_stage(call.contact, Stage.ENDED))
        self._talk_over(attempt, call.seat)
        self._ended(attempt, _ending_for(outcome))

    def _talk_over(self, attempt: Attempt, seat: str | None) -> None:
        if attempt.served and seat in self.roll.robots:
            self._desk.write_up(attempt, seat)

    def agent_changed(self, agent: Agent) -> None:
        """Nothing to do: the picture is drawn from the distribution itself."""

    async def _brief(self, attempt: Attempt, seat: str) -> None:
        if seat in self.roll.robots:
            brief = Brief(
                seat=seat,
                contact=attempt.contact,
                conversation=self._plans.robot(attempt, seat),
                answer_after_s=self._plans.profile(seat).answer_after_s,
            )
            await self._tools.bus.send("fleet", brief, durable=True)

    async def _tell_stage(self, contact: str, stage: Stage) -> None:
        await self._tools.bus.send(f"contact/{contact}", StageChanged(contact=contact, stage=stage.value))

    async def answer_stage(self, contact: str) -> None:
        """A worker asks, after it was cut off from us."""
        call = self._tools.floor.call(contact)
        await self._tell_stage(contact, call.stage if call is not None else Stage.ENDED)

    # -- the picture ----------------------------------------------------------------------------------------------

    def picture(self) -> FloorPicture:
        """What is going on now."""
        calls = [call for call in self._tools.floor.calls() if call.contact in self.roll.attempts]
        stages = [call.stage for call in calls]
        now_s = self._tools.clock.monotonic()
        return FloorPicture(
            session=self.roll.session,
            status=self.status,
            note=self.note,
            cases=len(self._cases),
            planned=len(self._cases) - self._over - len(calls),
            waiting=sum(stage in {Stage.SCREENED, Stage.GREETED, Stage.MENU, Stage.QUEUED} for stage in stages),
            ringing=sum(stage in {Stage.RINGING, Stage.DIALLING} for stage in stages),
            talking=sum(stage in {Stage.TALKING, Stage.RATED} for stage in stages),
            ended=self._over,
            graded=self.graded,
            agents=tuple(
                AgentPicture(
                    seat=agent.seat,
                    state=agent.state.value,
                    since_s=max(0.0, now_s - agent.since_s),
                    contact=agent.contact,
                    robot=agent.seat in self.roll.robots,
                )
                for agent in self._tools.distribution.agents()
            ),
            elapsed_s=self._pace.now_s,
        )

    # -- tasks ----------------------------------------------------------------------------------------------------

    def _resume_desk_work(self) -> None:
        for attempt in self.roll.attempts.values():
            if not attempt.live and attempt.served and attempt.seat in self.roll.robots:
                self._desk.write_up(attempt, attempt.seat)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

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


def _ending_of(message: CallEnded) -> Ending:
    """How a call ended that the floor never saw, or no longer knows."""
    if message.cause == "fault":
        return "broken"
    return "refused" if message.cause in {"rejected", "expired", "ordered"} else "abandoned"


def _ending_for(outcome: Outcome) -> Ending:
    endings: dict[Outcome, Ending] = {
        Outcome.SERVED: "completed",
        Outcome.ABANDONED: "abandoned",
        Outcome.BROKEN: "broken",
    }
    return endings.get(outcome, "refused")
