"""The live shell around `routing.acd`: keeps calls and agents in step with it and hands out its offers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab_server.floor.call import Call
from lab_server.routing.acd import Acd, Waiting
from lab_server.routing.agents import Agent, AgentState
from telephony.clock import Clock


class Distribution:
    """Agents' states and waiting calls. Everything happens on the event loop; nothing here awaits."""

    def __init__(self, clock: Clock, told: Callable[[Agent], None], wrap_up_limit_s: float) -> None:
        self._acd = Acd()
        self._clock = clock
        self._told = told
        self._wrap_up_limit_s = wrap_up_limit_s
        self._calls: dict[str, Call] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._held = False

    # -- agents ---------------------------------------------------------------------------------------------------

    def sign_on(self, seat: str, queues: frozenset[str] = frozenset()) -> Agent:
        return self._acd.sign_on(seat, self._clock.monotonic(), queues)

    def agents(self) -> list[Agent]:
        return self._acd.agents()

    def agent(self, seat: str) -> Agent:
        return self._acd.agent(seat)

    def knows(self, seat: str) -> bool:
        return any(agent.seat == seat for agent in self._acd.agents())

    def set_state(self, seat: str, state: AgentState, contact: str | None = None) -> Agent:
        """Raises RoutingError as `Acd.set_state` does; on success whoever waits may be offered to the agent."""
        before = self._acd.agent(seat)
        agent = self._acd.set_state(seat, state, self._clock.monotonic(), contact)
        if agent != before:
            self._told(agent)
            if state is AgentState.WRAP_UP:
                self._later(self._wrap_up_limit_s, lambda: self._end_wrap_up(seat, contact))
        self._assign()
        return agent

    def restore(self, seat: str, state: AgentState, contact: str | None, since_s: float) -> None:
        """Make an agent known as it was before a restart: nothing is told, and its wrap-up ends when it would have."""
        self._acd.sign_on(seat, since_s)
        self._acd.set_state(seat, state, since_s, contact)
        if state is AgentState.WRAP_UP:
            left_s = since_s + self._wrap_up_limit_s - self._clock.monotonic()
            self._later(max(0.0, left_s), lambda: self._end_wrap_up(seat, contact))

    def finish_wrap_up(self, seat: str, contact: str | None = None) -> Agent:
        """The agent has written everything down. Without effect unless in wrap-up (of `contact`, if given)."""
        agent = self._acd.agent(seat)
        if agent.state is AgentState.WRAP_UP and contact in {None, agent.contact}:
            return self.set_state(seat, AgentState.READY)
        return agent

    def free_from(self, seat: str, contact: str, state: AgentState) -> None:
        """`contact` is over for the agent; ignored if the agent has meanwhile gone on to something else."""
        if self.knows(seat) and self._acd.agent(seat).contact == contact:
            self.set_state(seat, state, contact if state is AgentState.WRAP_UP else None)

    def free_ringing(self, contact: str) -> None:
        """No phone rings for `contact` any more: whoever was to answer it is ready again."""
        for agent in self._acd.agents():
            if agent.contact == contact and agent.state is AgentState.RINGING:
                self.set_state(agent.seat, AgentState.READY)

    def _end_wrap_up(self, seat: str, contact: str | None) -> None:
        if self.knows(seat):
            self.finish_wrap_up(seat, contact)

    # -- calls ----------------------------------------------------------------------------------------------------

    def can_expect(self, seat: str) -> bool:
        return self._acd.can_expect(seat)

    def waiting(self) -> list[Waiting]:
        return self._acd.waiting()

    def wait(self, call: Call, wanted_seat_wait_s: float) -> None:
        """Queue the call at the place its arrival gives it; `call.offered` is set when an agent is found.

        Harmless if it waits already or has been offered one.
        """
        if call.queue is None or call.waiting_since_s is None:
            raise ValueError(f"contact {call.contact} waits, but has no queue")
        if call.offered is not None:
            return
        until = call.waiting_since_s + wanted_seat_wait_s
        self._calls[call.contact] = call
        self._acd.wait(Waiting(call.contact, call.queue, call.waiting_since_s, call.wanted_seat, until))
        if call.wanted_seat is not None:
            self._later(max(0.0, until - self._clock.monotonic()) + 0.01, self._assign)
        self._assign()

    def leave(self, call: Call) -> None:
        """The call waits no more; an agent it was offered to and does not ring yet is free again."""
        self._acd.leave(call.contact)
        self._calls.pop(call.contact, None)
        if call.offered is not None:
            self.free_from(call.offered, call.contact, AgentState.READY)
            call.offered = None

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

    def _assign(self) -> None:
        if self._held:
            return
        for offer in self._acd.assign(self._clock.monotonic()):
            call = self._calls.pop(offer.contact)
            call.offered = offer.seat
            self._told(self._acd.agent(offer.seat))
            call.touch()

    def _later(self, delay_s: float, act: Callable[[], object]) -> None:
        def fire() -> None:
            self._timers.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(delay_s, fire)
        self._timers.add(handle)
