"""Automatic call distribution: who waits, what each agent does, and who is paired with whom.

What the property tests hold it to: an agent never has two contacts; of one queue and priority nobody is served before
somebody who came earlier and could have been served by the same agent; a VIP's head start is bounded, so nobody
starves; an agent's wish is kept until its contact is over.

`assign` looks only at queues in which somebody waits while somebody is idle. Both are kept in order (`Line`), so an
offer costs a few look-ups in sorted lists, however many wait and work.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lab_server.routing.agents import AWAY, BEST_LEVEL, BUSY_WITH_CONTACT, NO_ANSWER, Agent, AgentState
from lab_server.routing.errors import RoutingError
from lab_server.routing.line import Line, Turn
from lab_server.routing.ordered import Ordered
from lab_server.routing.queues import QueueRules
from lab_server.routing.target import Kind, Target

__all__ = ["Acd", "Offer", "RoutingError", "Waiting"]


@dataclass(frozen=True)
class Waiting:
    """A contact in a queue. `seat`: the agent it asked for or had last; it waits for nobody else until `seat_until_s`,
    and afterwards still gets that agent first if free. `priority`: 1 and more for VIPs. `callback`: nobody is on the
    line, the place is kept; it does not count against the queue's limit.
    """

    contact: str
    queue: str
    since_s: float
    seat: str | None = None
    seat_until_s: float = 0.0
    priority: int = 0
    callback: bool = False


@dataclass(frozen=True)
class Offer:
    """`seats` are to be rung for `contact`: one, or with ring-all several at once."""

    contact: str
    seats: tuple[str, ...]


class Acd:
    """Waiting contacts and agents; every method is called with the present time in seconds of one steady clock.

    A queue without rules has the default ones.
    """

    def __init__(self, rules: Iterable[QueueRules] = ()) -> None:
        self._rules = {one.name: one for one in rules}
        self._lines: dict[str, Line] = {}
        self._agents: dict[str, Agent] = {}
        self._ready: set[str] = set()
        self._lines_of: dict[str, list[tuple[Line, int]]] = {}  # seat → queues it can serve, and how well
        self._rung: dict[str, set[str]] = {}  # contact → seats that ring for it
        self._waiting: dict[str, Waiting] = {}
        self._reserved: dict[str, Ordered[Turn]] = {}  # seat → who waits for it alone
        self._expiries: list[tuple[float, str]] = []  # a heap; entries of contacts that have left stay until their time
        for one in self._rules.values():
            self._line(one.name)

    # -- queues ---------------------------------------------------------------------------------------------------

    def rules(self, queue: str) -> QueueRules:
        return self._line(queue).rules

    def under(self, rules: Iterable[QueueRules]) -> "Acd":
        """The same people under other rules: everybody keeps state, queue and time of arrival."""
        other = Acd(rules)
        for queue, line in self._lines.items():
            other._line(queue).rate = line.rate
        for agent in self._agents.values():
            other._lines_of[agent.seat] = other._can_serve(agent)
            other._put(agent)
        for waiting in self._waiting.values():
            other.wait(waiting)
        return other

    def full(self, queue: str) -> bool:
        """Whether as many callers wait on the line as the queue takes."""
        line = self._line(queue)
        limit = line.rules.max_waiting
        if limit is None or len(line.waiting) < limit:
            return False
        return sum(not self._waiting[contact].callback for _, _, contact in line.waiting) >= limit

    def way_in(self, queue: str) -> Target:
        """Where a contact for this queue goes now: there, or where full queues send it; hung up if they send it round
        in a circle."""
        tried = set()
        while queue not in tried and self.full(queue):
            tried.add(queue)
            target = self.rules(queue).when_full
            if target.kind is not Kind.QUEUE:
                return target
            queue = target.name
        return Target(Kind.HANGUP) if queue in tried else Target(Kind.QUEUE, queue)

    # -- agents ---------------------------------------------------------------------------------------------------

    def sign_on(
        self,
        seat: str,
        now_s: float,
        queues: frozenset[str] | None = None,
        skills: Mapping[str, int] | None = None,
    ) -> Agent:
        """Make the agent known, not ready yet. Signing on again changes only what is given.

        Raises RoutingError `bad_level` for a skill level that is not 1 to 9.
        """
        for skill, level in (skills or {}).items():
            if not 1 <= level <= BEST_LEVEL:
                raise RoutingError("bad_level", f"seat {seat}: level {level} in {skill}; expected 1 to {BEST_LEVEL}")
        known = self._agents.get(seat) or Agent(seat, AgentState.NOT_READY, now_s)
        agent = replace(
            known,
            queues=known.queues if queues is None else queues,
            skills=known.skills if skills is None else dict(skills),
        )
        self._rest(known, False)  # it may have been idle for other queues
        self._lines_of[seat] = self._can_serve(agent)
        return self._put(agent)

    def set_state(
        self, seat: str, state: AgentState, now_s: float, contact: str | None = None, reason: str = ""
    ) -> Agent:
        """Move an agent to `state`; the states that belong to a contact need one, the others take none.

        Ready, not ready or offline, asked of an agent who has a contact, is a wish: the contact stays, and the wish is
        honoured when it is over (`release`). Only wrapping up ends at once by asking for ready.

        Raises:
            RoutingError: `unknown_seat`, `contact_needed`, `contact_not_allowed`, or `agent_has_contact`
                (it is busy with another one).
        """
        agent = self.agent(seat)
        if state in BUSY_WITH_CONTACT:
            if contact is None:
                raise RoutingError("contact_needed", f"agent {seat} can't be {state} without a contact")
            if agent.contact not in {None, contact}:
                raise RoutingError("agent_has_contact", f"agent {seat} is {agent.state} with contact {agent.contact}")
            return self._put(agent.moved(state, now_s, contact))
        if contact is not None:
            raise RoutingError("contact_not_allowed", f"agent {seat} can't be {state} with a contact")
        if agent.contact is None or (agent.state is AgentState.WRAP_UP and state is AgentState.READY):
            return self._put(agent.moved(state, now_s, reason=reason))
        return self._put(agent.wishing(state, reason) if state in AWAY else agent.wishing(None))

    def release(
        self, seat: str, contact: str, now_s: float, then: AgentState = AgentState.READY, reason: str = ""
    ) -> Agent:
        """`contact` is over for the agent: it does what it wished, else `then` (wrapping up comes before a wish).

        Without effect if the agent has meanwhile gone on to something else. Raises RoutingError `unknown_seat`.
        """
        agent = self.agent(seat)
        if agent.contact != contact:
            return agent
        return self._put(agent.freed(then, now_s, reason))

    def answered(self, contact: str, seat: str, now_s: float) -> tuple[str, ...]:
        """`seat` has taken the contact. Returns the other seats that rang for it: they are free again, as long idle as
        they were, and their phones are to be silenced.

        Raises RoutingError `not_offered` if the seat does not ring for it: somebody else was quicker.
        """
        agent = self.agent(seat)
        if agent.contact != contact or agent.state is AgentState.WRAP_UP:
            raise RoutingError("not_offered", f"seat {seat} does not ring for contact {contact}")
        self.set_state(seat, AgentState.TALKING, now_s, contact)
        return self.withdraw(contact, now_s)

    def rang_out(self, contact: str, seat: str, now_s: float) -> Agent:
        """The agent did not answer and is set aside until it says that it is ready. When nobody rings for the contact
        any more, the floor lets it wait again."""
        return self.release(seat, contact, now_s, AgentState.NOT_READY, NO_ANSWER)

    def withdraw(self, contact: str, now_s: float) -> tuple[str, ...]:
        """No phone is to ring for `contact` any more: who rang is free again. Returns those seats."""
        seats = self.ringing_for(contact)
        for seat in seats:
            self.release(seat, contact, now_s)
        return seats

    def ringing_for(self, contact: str) -> tuple[str, ...]:
        return tuple(sorted(self._rung.get(contact, ())))

    def agent(self, seat: str) -> Agent:
        """Raises RoutingError `unknown_seat`."""
        try:
            return self._agents[seat]
        except KeyError:
            raise RoutingError("unknown_seat", f"no agent is signed on at seat {seat}") from None

    def agents(self) -> list[Agent]:
        return list(self._agents.values())

    def can_expect(self, seat: str) -> bool:
        """Is it worth waiting for this agent? Yes while ready or busy with a contact, no when away, about to go away,
        or unknown."""
        agent = self._agents.get(seat)
        return agent is not None and agent.state not in AWAY and agent.next_state is None

    # -- contacts -------------------------------------------------------------------------------------------------

    def wait(self, waiting: Waiting) -> None:
        """Put a contact in its queue. A contact that comes back keeps the place its `since_s` gives it."""
        self.leave(waiting.contact)
        line = self._line(waiting.queue)
        self._waiting[waiting.contact] = waiting
        turn = self._turn(waiting)
        line.waiting.add(turn)
        if waiting.seat is None:
            line.open.add(turn)
        else:
            self._reserved.setdefault(waiting.seat, Ordered()).add(turn)
            heapq.heappush(self._expiries, (waiting.seat_until_s, waiting.contact))

    def leave(self, contact: str) -> None:
        """The contact waits no more (served, gone); harmless if it did not wait."""
        waiting = self._waiting.pop(contact, None)
        if waiting is None:
            return
        line, turn = self._lines[waiting.queue], self._turn(waiting)
        line.waiting.remove(turn)
        if not line.open.remove(turn):
            self._unreserve(waiting, turn)

    def waiting(self) -> list[Waiting]:
        """Who waits, in the order in which they would be served."""
        return sorted(self._waiting.values(), key=self._turn)

    def place(self, contact: str) -> int | None:
        """The contact's place in its queue, from 1; None if it does not wait."""
        waiting = self._waiting.get(contact)
        return None if waiting is None else self._lines[waiting.queue].waiting.place(self._turn(waiting)) + 1

    def expected_wait_s(self, contact: str) -> float | None:
        """How long it will still wait: its place times the mean time between the queue's last services; None if it
        does not wait, or too few were served to know."""
        place = self.place(contact)
        gap_s = None if place is None else self._lines[self._waiting[contact].queue].rate.gap_s
        return None if place is None or gap_s is None else place * gap_s

    def gap_s(self, queue: str) -> float | None:
        """The mean time between the queue's last services; None if too few were served to know."""
        return self._line(queue).rate.gap_s

    def assign(self, now_s: float) -> list[Offer]:
        """Pair waiting contacts with ready agents; the agents become `RINGING` and the contacts leave the queue."""
        self._expire(now_s)
        if not self._ready:
            return []
        chances = [line.turns(now_s) for line in self._lines.values() if line.has_chance(now_s)]
        chances += [iter(self._reserved[seat]) for seat in self._ready & self._reserved.keys()]
        offers = []
        for _, _, contact in heapq.merge(*chances):
            waiting = self._waiting[contact]
            seats = self._seats_for(waiting, now_s)
            if seats:
                offers.append(self._offer(waiting, seats, now_s))
            if not self._ready:
                break
        return offers

    def next_change_s(self) -> float | None:
        """Asked after `assign`: when to call it again though nothing has happened, because somebody need no longer wait
        for one agent, or for one so skilled. None: not before something happens."""
        times = [at_s for at_s, _ in self._expiries[:1]]
        for line in self._lines.values():
            fall_s = line.next_fall_s()
            if fall_s is not None:
                times.append(fall_s)
        return min(times, default=None)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _line(self, queue: str) -> Line:
        line = self._lines.get(queue)
        if line is None:
            line = self._lines[queue] = Line(self._rules.get(queue) or QueueRules.model_construct(name=queue))
            for agent in self._agents.values():
                level = line.rules.level_of(agent)
                if level:
                    self._lines_of[agent.seat].append((line, level))
                    if agent.state is AgentState.READY:
                        line.idle(agent, level)
        return line

    def _can_serve(self, agent: Agent) -> list[tuple[Line, int]]:
        levels = ((line, line.rules.level_of(agent)) for line in self._lines.values())
        return [(line, level) for line, level in levels if level]

    def _put(self, agent: Agent) -> Agent:
        """Note the agent as it is now, everywhere it is looked for."""
        before = self._agents.get(agent.seat)
        if agent is before:
            return agent
        if before is not None:
            self._rest(before, False)
            if before.state is AgentState.RINGING and before.contact is not None:
                self._rung[before.contact].discard(before.seat)
                if not self._rung[before.contact]:
                    del self._rung[before.contact]
        self._agents[agent.seat] = agent
        self._rest(agent, True)
        if agent.state is AgentState.RINGING and agent.contact is not None:
            self._rung.setdefault(agent.contact, set()).add(agent.seat)
        return agent

    def _rest(self, agent: Agent, begins: bool) -> None:
        """A ready agent begins to be idle for its queues, or is no longer."""
        if begins and agent.state is AgentState.READY:
            self._ready.add(agent.seat)
            for line, level in self._lines_of[agent.seat]:
                line.idle(agent, level)
        elif not begins and agent.seat in self._ready:
            self._ready.remove(agent.seat)
            for line, level in self._lines_of[agent.seat]:
                line.not_idle(agent, level)

    def _turn(self, waiting: Waiting) -> Turn:
        rules = self._lines[waiting.queue].rules
        return rules.rank_s(waiting.since_s, waiting.priority), waiting.since_s, waiting.contact

    def _unreserve(self, waiting: Waiting, turn: Turn) -> bool:
        """Whether it waited for one agent alone."""
        turns = self._reserved.get(waiting.seat or "")
        if turns is None or not turns.remove(turn):
            return False
        if not turns:
            del self._reserved[waiting.seat or ""]
        return True

    def _expire(self, now_s: float) -> None:
        """Who has waited long enough for one agent now takes any."""
        while self._expiries and self._expiries[0][0] <= now_s:
            until_s, contact = heapq.heappop(self._expiries)
            waiting = self._waiting.get(contact)
            if waiting is not None and waiting.seat is not None and waiting.seat_until_s == until_s:
                turn = self._turn(waiting)
                if self._unreserve(waiting, turn):
                    self._lines[waiting.queue].open.add(turn)

    def _seats_for(self, waiting: Waiting, now_s: float) -> tuple[str, ...]:
        if waiting.seat is not None and now_s < waiting.seat_until_s:
            return (waiting.seat,) if waiting.seat in self._ready else ()
        line = self._lines[waiting.queue]
        level = line.rules.level_after(now_s - waiting.since_s)
        if waiting.seat in self._ready and line.rules.level_of(self._agents[waiting.seat]) >= level:
            return (waiting.seat,)
        return line.seats_for(level)

    def _offer(self, waiting: Waiting, seats: tuple[str, ...], now_s: float) -> Offer:
        self.leave(waiting.contact)
        self._lines[waiting.queue].rate.served(waiting.since_s, now_s)
        for seat in seats:
            self._put(self._agents[seat].offered(waiting.contact, now_s))
        return Offer(waiting.contact, seats)
