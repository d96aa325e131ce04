"""An agent's working state, as call centres name it."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Agent:
    """One seat's agent. `since_s` is when the present state began; `contact` is set in ringing, talking and wrap-up.

    `idle_since_s` is when the agent last became ready; a ring that came to nothing does not count.
    """

    seat: str
    state: AgentState
    since_s: float
    contact: str | None = None
    queues: frozenset[str] = frozenset()  # empty: serves every queue
    idle_since_s: float = 0.0

    def serves(self, queue: str) -> bool:
        return not self.queues or queue in self.queues
