"""Automatic call distribution: the waiting contact that came first gets the agent idle longest.

The machine holds who waits and what each agent does; `assign` pairs them. It keeps two promises that the property tests
state: an agent never has two contacts, and within a queue nobody is served before somebody who came earlier and could
have been served by the same agent.
"""

from dataclasses import dataclass, replace

from lab_server.routing.agents import BUSY_WITH_CONTACT, Agent, AgentState


class RoutingError(Exception):
    """A request that does not fit the present state; the state is unchanged."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


@dataclass(frozen=True)
class Waiting:
    """A contact in a queue. `seat`: it asked for this agent and waits for nobody else until `seat_until_s`."""

    contact: str
    queue: str
    since_s: float
    seat: str | None = None
    seat_until_s: float = 0.0


@dataclass(frozen=True)
class Offer:
    """`seat` is to be rung for `contact`."""

    contact: str
    seat: str


class Acd:
    """Waiting contacts and agents; every method is called with the present time in seconds of one steady clock."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._agents: dict[str, Agent] = {}

    # -- agents ---------------------------------------------------------------------------------------------------

    def sign_on(self, seat: str, now_s: float, queues: frozenset[str] = frozenset()) -> Agent:
        """Make the agent known, not ready yet. Signing on again changes only the queues served."""
        known = self._agents.get(seat)
        agent = replace(known, queues=queues) if known else Agent(seat, AgentState.NOT_READY, now_s, queues=queues)
        self._agents[seat] = agent
        return agent

    def set_state(self, seat: str, state: AgentState, now_s: float, contact: str | None = None) -> Agent:
        """Move an agent to `state`; the states that belong to a contact need one, the others take none.

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
        elif contact is not None:
            raise RoutingError("contact_not_allowed", f"agent {seat} can't be {state} with a contact")
        if (agent.state, agent.contact) != (state, contact):
            begins_idle = state is AgentState.READY and agent.state is not AgentState.RINGING
            idle_since_s = now_s if begins_idle else agent.idle_since_s
            agent = replace(agent, state=state, since_s=now_s, contact=contact, idle_since_s=idle_since_s)
            self._agents[seat] = agent
        return agent

    def agent(self, seat: str) -> Agent:
        """Raises RoutingError `unknown_seat`."""
        try:
            return self._agents[seat]
        except KeyError:
            raise RoutingError("unknown_seat", f"no agent is signed on at seat {seat}") from None

    def agents(self) -> list[Agent]:
        return list(self._agents.values())

    # -- contacts -------------------------------------------------------------------------------------------------

    def wait(self, waiting: Waiting) -> None:
        """Put a contact in its queue. A contact that comes back keeps the place its `since_s` gives it."""
        self._waiting[waiting.contact] = waiting

    def leave(self, contact: str) -> None:
        """The contact waits no more (served, gone); harmless if it did not wait."""
        self._waiting.pop(contact, None)

    def waiting(self) -> list[Waiting]:
        """Who waits, first come first."""
        return sorted(self._waiting.values(), key=lambda waiting: (waiting.since_s, waiting.contact))

    def can_expect(self, seat: str) -> bool:
        """Is it worth waiting for this agent? Yes while ready or busy with a contact, no when away or unknown."""
        agent = self._agents.get(seat)
        return agent is not None and agent.state not in {AgentState.OFFLINE, AgentState.NOT_READY}

    def assign(self, now_s: float) -> list[Offer]:
        """Pair waiting contacts with ready agents; the agents become `RINGING` and the contacts leave the queue."""
        idle = sorted(
            (agent for agent in self._agents.values() if agent.state is AgentState.READY),
            key=lambda agent: (agent.idle_since_s, agent.seat),
        )
        offers = []
        for waiting in self.waiting():
            if not idle:
                break
            agent = next((agent for agent in idle if _may_serve(agent, waiting, now_s)), None)
            if agent is None:
                continue
            idle.remove(agent)
            self.leave(waiting.contact)
            self.set_state(agent.seat, AgentState.RINGING, now_s, waiting.contact)
            offers.append(Offer(waiting.contact, agent.seat))
        return offers


def _may_serve(agent: Agent, waiting: Waiting, now_s: float) -> bool:
    if waiting.seat is not None and now_s < waiting.seat_until_s:
        return agent.seat == waiting.seat
    return agent.serves(waiting.queue)
