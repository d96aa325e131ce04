"""Calls that agents place: a customer waits for the phone, an idle agent is given the number, its phone dials.

The task waits in the same distribution as inbound contacts, so the agent idle longest gets it, whichever way it goes.
"""

import asyncio
import logging

from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.routing.agents import AgentState
from telephony.ari import AriError
from telephony.bus import BusError
from telephony.fleet.messages import Host, WhereIs
from telephony.useragent.messages import CallEnded, DialOut, EndCall, ExpectCall

log = logging.getLogger(__name__)

EXPECTED_S = 1800.0
"""So long a customer's worker keeps a place free for a call that may never come."""


class Dialling:
    """`begin` returns when the agent's phone has been told to dial; from there the floor's own story goes on.

    Begun again by the next brain, it goes on with the agent who had been given the number.
    """

    def __init__(self, roll: Roll, tools: Tools, plans: Plans) -> None:
        self._roll = roll
        self._tools = tools
        self._plans = plans
        self._told_to_dial: dict[str, tuple[str, str]] = {}  # contact → seat, number

    async def begin(self, attempt: Attempt) -> None:
        """Raises LookupError if no worker will answer for the customer."""
        number = attempt.case.person.phone
        await self.expect(attempt, EXPECTED_S)
        seat = self._given_to(attempt.contact) or await self._agent(attempt)
        self._told_to_dial[attempt.contact] = (seat, number)
        await self._prepare_contact(attempt.contact)
        await self._tools.bus.send(
            "fleet",
            DialOut(
                call_id=robot_call(attempt.contact, seat),
                contact=attempt.contact,
                conversation=self._plans.robot(attempt, seat),
                seat=seat,
                number=number,
                max_s=self._tools.longest_call_s,
            ),
            durable=True,
        )

    async def expect(self, attempt: Attempt, expires_s: float) -> None:
        """The customer answers at its number from now on, for so long. Raises LookupError if no worker will."""
        number = attempt.case.person.phone
        await self._tools.bus.send(
            "fleet",
            ExpectCall(
                call_id=attempt.contact,
                contact=attempt.contact,
                conversation=self._plans.caller(attempt),
                number=number,
                answer_after_s=1.5,
                expires_s=expires_s,
                max_s=self._tools.longest_call_s,
            ),
            durable=True,
        )
        self._tools.hosts[number] = await self._host(number)

    async def again(self) -> None:
        """The switch has come back and may have forgotten which contacts are about to be dialled."""
        for contact in list(self._told_to_dial):
            await self._prepare_contact(contact)

    def begun(self, contact: str) -> None:
        """The contact is on the floor, or over."""
        self._told_to_dial.pop(contact, None)

    def named(self, call: Call, attempt: Attempt) -> None:
        """A call to a customer belongs to the case's queue, like that of a caller: its agent writes for as long."""
        if call.direction == "out" and call.queue is None and call.agent is not None and not attempt.called_back:
            call.queue = call.agent.notes["queue"] = attempt.case.queue

    async def robot_ended(self, attempt: Attempt, message: CallEnded) -> None:
        """A robot's phone is done. If its call was never this contact's, nobody will ring the waiting customer."""
        if attempt.served or not attempt.live or self._tools.floor.call(attempt.contact) is not None:
            return
        log.warning("the call of %s did not become its contact: %s %s", message.call_id, message.cause, message.reason)
        await self.give_up(attempt, seat_of(message.call_id))

    async def give_up(self, attempt: Attempt, seat: str) -> None:
        """Nobody will dial any more: the agent is free, the customer waits no longer."""
        self.begun(attempt.contact)
        self._tools.distribution.free_from(seat, attempt.contact, AgentState.READY)
        await self._tools.bus.send("fleet", EndCall(call_id=attempt.contact), durable=True)

    async def find(self, number: str, timeout_s: float) -> None:
        """Learn where a customer answers who may be phoned before `begin` is done: the next brain's first step."""
        try:
            host = await self._tools.bus.request("fleet", WhereIs(number=number), Host, timeout_s)
        except BusError as silent:
            log.warning("the fleet does not say where %s is: %s", number, silent)
            return
        if host.address:
            self._tools.hosts[number] = (host.address, host.port)

    async def _prepare_contact(self, contact: str) -> None:
        seat, number = self._told_to_dial[contact]
        try:
            await self._tools.ari.server.set_global(f"RS_NEXT_{seat}_{number}", contact)
        except AriError as away:
            log.warning("contact %s is prepared when the switch is back: %s", contact, away)

    async def _host(self, number: str) -> tuple[str, int]:
        """Where the customer's phone answers. The fleet may still be starting the worker."""
        for _ in range(40):
            try:
                host = await self._tools.bus.request("fleet", WhereIs(number=number), Host)
            except BusError as silent:
                log.warning("the fleet does not say where %s is: %s", number, silent)
                continue
            if host.address:
                return host.address, host.port
            await asyncio.sleep(0.25)
        raise LookupError(f"no worker answers for {number}")

    def _given_to(self, contact: str) -> str | None:
        """The agent to whom a brain before us gave this number: its phone may have begun to dial."""
        agents = self._tools.distribution.agents()
        return next(
            (agent.seat for agent in agents if agent.contact == contact and agent.state is AgentState.RINGING), None
        )

    async def _agent(self, attempt: Attempt) -> str:
        """Wait in the distribution like a caller would, and take the agent who is offered."""
        task = Call(
            contact=attempt.contact,
            direction="out",
            trunk="lab",
            customer_number=attempt.case.person.phone,
            dialled=attempt.case.person.phone,
            stage=Stage.QUEUED,
            queue=attempt.case.queue,
            waiting_since_s=self._tools.clock.monotonic(),
        )
        self._tools.distribution.wait(task, 0.0)
        try:
            await task.until(lambda: bool(task.offered))
        except BaseException:
            self._tools.distribution.leave(task)
            raise
        if not task.offered:
            raise LookupError(Outcome.CLOSED_LOST)
        return self._tools.distribution.only_first(attempt.contact, task.offered)


def robot_call(contact: str, seat: str) -> str:
    """The id under which a robot's own leg is reported."""
    return f"{contact}/{seat}"


def seat_of(call_id: str) -> str:
    """Whose leg it is, by its id; empty for the caller's own."""
    return call_id.rpartition("/")[2] if "/" in call_id else ""
