"""The attempts that are on the line: each is written down, sent to a worker, and ended once."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from lab_server.classroom import rows
from lab_server.classroom.dialling import Dialling, robot_call
from lab_server.classroom.live import LiveVisit
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Outcome
from lab_server.floor.errands import Errands
from lab_server.ids import new_id
from scenarios.case import Case
from simulator.floor import Ending
from telephony.useragent.messages import EndCall, PlaceCall

log = logging.getLogger(__name__)


class OnLine:
    """`soon` plays something in the callers' lives at the next moment."""

    def __init__(
        self,
        roll: Roll,
        tools: Tools,
        plans: Plans,
        dialling: Dialling,
        errands: Errands,
        soon: Callable[[Callable[[], None]], None],
    ) -> None:
        self._visits: dict[str, LiveVisit] = {}  # by contact
        self._roll = roll
        self._tools = tools
        self._plans = plans
        self._dialling = dialling
        self._errands = errands
        self._soon = soon
        self._sending: dict[str, asyncio.Task[Any]] = {}  # by contact
        self._news = asyncio.Event()

    def place(self, visit: LiveVisit, case: Case) -> None:
        """A new attempt: written down, then sent."""
        attempt = Attempt(contact=new_id(), case=case, case_id=visit.case_id, number=visit.attempt)
        self._roll.attempts[attempt.contact] = attempt
        self._visits[attempt.contact] = visit
        self._begin(attempt, self._write_and_send(attempt))

    def take_up(self, visit: LiveVisit, attempt: Attempt) -> None:
        """An attempt that was under way when the brain before us died."""
        self._visits[attempt.contact] = visit
        call = self._tools.floor.call(attempt.contact)
        if call is not None and call.served:
            attempt.served = True
            visit.was_served()
        elif call is None and attempt.known_ending is not None:
            self.ended(attempt, attempt.known_ending)
        elif call is None:
            self._begin(attempt, self._send(attempt))  # was it sent before? Sent twice, it rings once

    def _begin(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        self._sending[attempt.contact] = self._errands.run(self._guarded(attempt, work), f"begin {attempt.contact}")

    async def _guarded(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception:
            # Whatever kept it from being placed, this caller's life must end and the class go on.
            log.exception("contact %s could not be begun", attempt.contact)
            self.end_parties(attempt, None)
            self.ended(attempt, "broken")
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

    def leave(self, visit: LiveVisit) -> None:
        """The caller has had enough: its worker hangs up."""
        for contact, known in self._visits.items():
            if known is visit:
                self._let_go(contact)

    def ended(self, attempt: Attempt, ending: Ending) -> None:
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
            self._soon(lambda: visit.has_ended(ending))

    def end_parties(self, attempt: Attempt, seat: str | None) -> None:
        """The caller's worker, and the robot's, let go of a call that nobody on the switch can end for them."""
        calls = [attempt.contact] if not seat else [attempt.contact, robot_call(attempt.contact, seat)]
        for call_id in calls:
            self._let_go(call_id)

    def served(self, attempt: Attempt) -> None:
        """An agent talks with this caller."""
        visit = self._visits.get(attempt.contact)
        if visit is not None and not attempt.served:
            self._soon(visit.was_served)
        attempt.served = True

    def hang_up_all(self) -> None:
        """Whoever is on the line, or about to be."""
        for attempt in self.live_attempts():
            if not self._tools.floor.end(attempt.contact, Outcome.STOPPED):
                self.end_parties(attempt, None)

    def live_attempts(self) -> list[Attempt]:
        """Those that are not over."""
        return [attempt for attempt in self._roll.attempts.values() if attempt.live]

    def break_off(self) -> None:
        """Calls that should have ended long ago and will not end by themselves any more."""
        for attempt in self.live_attempts():
            log.error("contact %s does not end; it is broken off", attempt.contact)
            self.end_parties(attempt, attempt.seat)
            if not self._tools.floor.end(attempt.contact, Outcome.BROKEN):
                self.ended(attempt, "broken")

    def _let_go(self, call_id: str) -> None:
        self._errands.run(self._tools.bus.send("fleet", EndCall(call_id=call_id), durable=True), f"let go of {call_id}")

    async def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `condition()` holds, which is asked whenever an attempt has ended; False if it took too long."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return condition()
        return True
