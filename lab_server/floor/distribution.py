"""The live shell around `routing.acd`: keeps calls and agents in step with it and hands out its offers."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from lab_server.floor.call import Call
from lab_server.routing.acd import Acd, Waiting
from lab_server.routing.agents import DO_NOT_DISTURB, Agent, AgentState
from lab_server.routing.plan import Seat
from lab_server.routing.queues import QueueRules
from lab_server.routing.target import Target
from telephony.clock import Clock

LATE_S = 0.01
"""So much after the time at which something changes by itself the distributor looks: timers may be early."""


class Distribution:
    """Agents' states and waiting calls. Everything happens on the event loop; nothing here awaits."""

    def __init__(
        self,
        clock: Clock,
        told: Callable[[Agent], None],
        wrap_up_limit_s: float,
        rules: Iterable[QueueRules] = (),
        seats: Mapping[str, Seat] | None = None,
    ) -> None:
        """`seats`: what the floor plan says of whoever signs on there."""
        self._acd = Acd(rules)
        self._seats = seats or {}
        self._clock = clock
        self._told = told
        self._wrap_up_limit_s = wrap_up_limit_s
        self._calls: dict[str, Call] = {}
        self._absent: dict[str, Callable[[tuple[str, ...]], None]] = {}  # places kept for who is not on the line
        self._timers: set[asyncio.TimerHandle] = set()
        self._wake: asyncio.TimerHandle | None = None
        self._held = False

    # -- agents ---------------------------------------------------------------------------------------------------

    def sign_on(
        self, seat: str, queues: frozenset[str] | None = None, skills: Mapping[str, int] | None = None
    ) -> Agent:
        """Signing on again changes only what is given; the first time the plan says what is not."""
        return self._sign_on(seat, self._clock.monotonic(), queues, skills)

    def _sign_on(
        self, seat: str, at_s: float, queues: frozenset[str] | None = None, skills: Mapping[str, int] | None = None
    ) -> Agent:
        planned = self._seats.get(seat)
        if planned is not None and not self.knows(seat):
            queues = frozenset(planned.queues) if queues is None else queues
            skills = planned.skills if skills is None else skills
        return self._acd.sign_on(seat, at_s, queues, skills)

    def agents(self) -> list[Agent]:
        return self._acd.agents()

    def agent(self, seat: str) -> Agent:
        return self._acd.agent(seat)

    def knows(self, seat: str) -> bool:
        return any(agent.seat == seat for agent in self._acd.agents())

    def set_state(self, seat: str, state: AgentState, contact: str | None = None, reason: str = "") -> Agent:
        """Raises RoutingError as `Acd.set_state` does; on success whoever waits may be offered to the agent.

        An agent who has a contact keeps it; ready, not ready and offline are then wishes for afterwards.
        """
        with self._changing(seat):
            return self._acd.set_state(seat, state, self._clock.monotonic(), contact, reason)

    def restore(
        self, seat: str, state: AgentState, contact: str | None, since_s: float, *, reason: str = "",
        queue: str | None = None, do_not_disturb: bool = False,
    ) -> None:  # fmt: skip
        """Make an agent known as it was before a restart: nothing is told, and its wrap-up (of a contact of `queue`)
        ends when it would have.

        Who has a contact and does not want to be disturbed is left alone once that is over.
        """
        self._sign_on(seat, since_s)
        self._acd.set_state(seat, state, since_s, contact, reason)
        if do_not_disturb and state is not AgentState.OFFLINE:
            self._acd.set_state(seat, AgentState.NOT_READY, since_s, reason=DO_NOT_DISTURB)
        if state is AgentState.WRAP_UP:
            left_s = since_s + self._wrap_up_s(queue) - self._clock.monotonic()
            self._later(max(0.0, left_s), lambda: self._end_wrap_up(seat, contact))

    def finish_wrap_up(self, seat: str, contact: str | None = None) -> Agent:
        """The agent has written everything down. Without effect unless in wrap-up (of `contact`, if given)."""
        agent = self._acd.agent(seat)
        if agent.state is AgentState.WRAP_UP and contact in {None, agent.contact}:
            self.free_from(seat, agent.contact or "", AgentState.READY)
        return self._acd.agent(seat)

    def free_from(
        self, seat: str, contact: str, state: AgentState, reason: str = "", *, queue: str | None = None
    ) -> None:
        """`contact` is over for the agent, who does what it wished, else `state`; ignored if the agent has meanwhile
        gone on to something else. A contact of `queue` is written up for as long as that queue allows."""
        if self.knows(seat):
            with self._changing(seat, queue=queue):
                self._acd.release(seat, contact, self._clock.monotonic(), state, reason)

    def only_first(self, contact: str, seats: tuple[str, ...]) -> str:
        """Of the seats that a queue which rings all has offered, the first, for a contact that needs but one; the
        others are free again."""
        for other in seats[1:]:
            self.free_from(other, contact, AgentState.READY)
        return seats[0]

    def free_ringing(self, contact: str) -> None:
        """No phone rings for `contact` any more: whoever was to answer it is ready again."""
        with self._changing(*self._acd.ringing_for(contact)):
            self._acd.withdraw(contact, self._clock.monotonic())

    @contextmanager
    def _changing(self, *seats: str, queue: str | None = None) -> Iterator[None]:
        """Tell what changes for these agents, then see who can be served now."""
        before = [self._acd.agent(seat) for seat in seats]
        yield
        for was in before:
            agent = self._acd.agent(was.seat)
            if agent != was:
                self._told(agent)
                if agent.state is AgentState.WRAP_UP and (was.state, was.contact) != (agent.state, agent.contact):
                    self._later(self._wrap_up_s(queue), partial(self._end_wrap_up, agent.seat, agent.contact))
        self._assign()

    def _wrap_up_s(self, queue: str | None) -> float:
        own = self._acd.rules(queue).wrap_up_s if queue else None
        return self._wrap_up_limit_s if own is None else own

    def _end_wrap_up(self, seat: str, contact: str | None) -> None:
        if self.knows(seat):
            self.finish_wrap_up(seat, contact)

    # -- calls ----------------------------------------------------------------------------------------------------

    def can_expect(self, seat: str) -> bool:
        return self._acd.can_expect(seat)

    def waiting(self) -> list[Waiting]:
        return self._acd.waiting()

    def rules(self, queue: str) -> QueueRules:
        return self._acd.rules(queue)

    def full(self, queue: str) -> bool:
        return self._acd.full(queue)

    def way_in(self, queue: str) -> Target:
        """The queue, or where a full one sends whoever comes now."""
        return self._acd.way_in(queue)

    def place(self, contact: str) -> int | None:
        """From 1; None if it does not wait."""
        return self._acd.place(contact)

    def expected_wait_s(self, contact: str) -> float | None:
        """By the rate at which its queue has lately been served; None if that is not known."""
        return self._acd.expected_wait_s(contact)

    def wait_for_next_s(self, queue: str) -> float | None:
        """The same for somebody who came now."""
        gap_s = self._acd.gap_s(queue)
        return None if gap_s is None else gap_s * (self.length(queue) + 1)

    def length(self, queue: str) -> int:
        """How many wait in the queue."""
        return sum(waiting.queue == queue for waiting in self._acd.waiting())

    def wait(self, call: Call, wanted_seat_wait_s: float) -> None:
        """Queue the call at the place its arrival gives it; `call.offered` is set when an agent is found.

        Harmless if it waits already or has been offered one. `call.wanted_s` goes before `wanted_seat_wait_s`.
        """
        if call.queue is None or call.waiting_since_s is None:
            raise ValueError(f"contact {call.contact} waits, but has no queue")
        if call.offered:
            return
        until = call.waiting_since_s + (wanted_seat_wait_s if call.wanted_s is None else call.wanted_s)
        self._calls[call.contact] = call
        self._acd.wait(Waiting(call.contact, call.queue, call.waiting_since_s, call.wanted_seat, until, call.priority))
        self._assign()

    def wait_absent(self, waiting: Waiting, offered: Callable[[tuple[str, ...]], None]) -> None:
        """Keep a place in a queue for somebody who is not on the line. `offered` is called with the seats found, whose
        agents belong to `waiting.contact` from then on; it must return at once."""
        self._absent[waiting.contact] = offered
        self._acd.wait(waiting)
        self._assign()

    def leave_absent(self, contact: str) -> bool:
        """Give that place up; False if it was not kept, or has just been offered somebody."""
        self._acd.leave(contact)
        return self._absent.pop(contact, None) is not None

    def leave(self, call: Call) -> None:
        """The call waits no more; an agent it was offered to and does not ring yet is free again."""
        self._acd.leave(call.contact)
        self._calls.pop(call.contact, None)
        for seat in call.offered:
            self.free_from(seat, call.contact, AgentState.READY)
        call.offered = ()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Give out nobody until all who wait are in the queue: the place counts, not who was found first."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._assign()

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._wake_at(None)

    def _assign(self) -> None:
        if self._held:
            return
        now_s = self._clock.monotonic()
        for offer in self._acd.assign(now_s):
            absent = self._absent.pop(offer.contact, None)
            if absent is not None:
                for seat in offer.seats:
                    self._told(self._acd.agent(seat))
                absent(offer.seats)
                continue
            call = self._calls.pop(offer.contact)
            call.offered = offer.seats
            for seat in offer.seats:
                self._told(self._acd.agent(seat))
            call.touch()
        next_s = self._acd.next_change_s()
        self._wake_at(None if next_s is None else max(0.0, next_s - now_s) + LATE_S)

    def _wake_at(self, delay_s: float | None) -> None:
        """Look again then, though nothing happens before."""
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None if delay_s is None else asyncio.get_running_loop().call_later(delay_s, self._assign)

    def _later(self, delay_s: float, act: Callable[[], object]) -> None:
        def fire() -> None:
            self._timers.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(delay_s, fire)
        self._timers.add(handle)
