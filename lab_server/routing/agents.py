"""An agent's working state, as call centres name it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class AgentState(StrEnum):
    """What an agent is doing; only `READY` agents are offered calls."""

    OFFLINE = "offline"
    READY = "ready"
    NOT_READY = "not_ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


BUSY_WITH_CONTACT = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})
AWAY = frozenset({AgentState.NOT_READY, AgentState.OFFLINE})

NO_ANSWER = "no_answer"
"""Why an agent is not ready whose phone rang out."""
DO_NOT_DISTURB = "do_not_disturb"
"""Why an agent is not ready who pressed that button: colleagues are kept out, too."""

BEST_LEVEL = 9


@dataclass(frozen=True)
class Agent:
    """One seat's agent. `since_s` is when the present state began; `contact` is set in ringing, talking and wrap-up.

    `queues`: which it serves, empty for all. `skills`: skill → level, 1 (beginner) to 9. `idle_since_s` is when the
    agent last became ready; a ring that came to nothing does not count. `calls` are those answered, `last_offered_s`
    when a queue last rang it. `reason` says why it is not ready. `next_state` is the wish (not ready or offline) that
    is honoured when the contact is over for the agent, with `next_reason`.
    """

    seat: str
    state: AgentState
    since_s: float
    contact: str | None = None
    queues: frozenset[str] = frozenset()
    idle_since_s: float = 0.0
    skills: Mapping[str, int] = field(default_factory=dict, hash=False)
    calls: int = 0
    last_offered_s: float = 0.0
    reason: str = ""
    next_state: AgentState | None = None
    next_reason: str = ""

    def serves(self, queue: str) -> bool:
        return not self.queues or queue in self.queues

    @property
    def do_not_disturb(self) -> bool:
        return self.state is AgentState.NOT_READY and self.reason == DO_NOT_DISTURB

    def moved(self, state: AgentState, now_s: float, contact: str | None = None, reason: str = "") -> "Agent":
        """The agent in another state; whether the move is allowed is the distributor's to say. A wish outlives moves
        from one busy state to another."""
        busy = state in BUSY_WITH_CONTACT
        wish = (self.next_state, self.next_reason) if busy else (None, "")
        if (self.state, self.contact, self.reason) == (state, contact, reason):
            return self if (self.next_state, self.next_reason) == wish else self.wishing(*wish)
        begins_idle = state is AgentState.READY and self.state is not AgentState.RINGING
        had_it = self.contact == contact and self.state is not AgentState.RINGING
        return replace(
            self,
            state=state,
            since_s=now_s,
            contact=contact,
            reason=reason if state in AWAY else "",
            idle_since_s=now_s if begins_idle else self.idle_since_s,
            calls=self.calls + (state is AgentState.TALKING and not had_it),
            next_state=wish[0],
            next_reason=wish[1],
        )

    def offered(self, contact: str, now_s: float) -> "Agent":
        """The agent while its phone rings for a queue's contact."""
        return replace(self, state=AgentState.RINGING, since_s=now_s, contact=contact, last_offered_s=now_s)

    def wishing(self, state: AgentState | None, reason: str = "") -> "Agent":
        """The agent who goes to `state` as soon as its contact is over; None: back among the ready."""
        return replace(self, next_state=state, next_reason=reason)

    def freed(self, then: AgentState, now_s: float, reason: str = "") -> "Agent":
        """The agent whose contact is over: what it wished, else `then`. Wrapping up comes before either."""
        if then is AgentState.WRAP_UP:
            return self.moved(then, now_s, self.contact)
        if self.next_state is not None:
            return self.moved(self.next_state, now_s, reason=self.next_reason)
        return self.moved(then, now_s, reason=reason)
