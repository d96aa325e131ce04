"""A queue's rules, as the floor plan writes them: who serves it, in which order, and when it sends people elsewhere."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lab_server.routing.agents import BEST_LEVEL, Agent
from lab_server.routing.target import LONGEST_NAME, Kind, Target

Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=r"^[\w-]+$")]
Seconds = Annotated[float, Field(gt=0, le=86_400)]

SLACK = 1e-9
"""In steps: at the very second of a step the step counts as done, whatever floats make of it."""


class Strategy(StrEnum):
    """Which of the agents who may serve a contact is offered it."""

    LONGEST_IDLE = "longest_idle"
    ROUND_ROBIN = "round_robin"  # whom a queue has not rung for the longest time
    FEWEST_CALLS = "fewest_calls"
    RING_ALL = "ring_all"  # all of them at once; the first to answer has it


class LastAgent(StrEnum):
    """Whether a caller gets the agent who served this number last."""

    OFF = "off"
    PREFER = "prefer"
    ASK = "ask"  # the caller chooses by key


class QueueRules(BaseModel):
    """One queue. Times are in seconds, a day at most; None means "no such limit" (or, for `ring_timeout_s` and
    `wrap_up_s`, the floor's own).

    `priority` and a contact's own are worth `ageing_s` seconds of waiting each: who waits that long has risen by one.
    So a VIP passes those who came up to that much earlier, and nobody is passed for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Name
    strategy: Strategy = Strategy.LONGEST_IDLE
    skill: Name | None = None
    level: int = Field(default=1, ge=1, le=BEST_LEVEL)
    best_first: bool = False
    relax_after_s: Seconds | None = None
    priority: int = Field(default=0, ge=0, le=9)
    ageing_s: Seconds = 120.0
    ring_timeout_s: Seconds | None = None
    max_waiting: int | None = Field(default=None, ge=1)
    max_wait_s: Seconds | None = None
    when_full: Target = Target(Kind.HANGUP)
    when_late: Target = Target(Kind.HANGUP)
    last_agent: LastAgent = LastAgent.OFF
    last_agent_wait_s: float = Field(default=20.0, ge=0, le=86_400)
    music: str = Field(default="default", min_length=1, max_length=40)
    announce_every_s: Seconds | None = None
    callback_key: str | None = Field(default=None, pattern=r"^[0-9*#]$")
    wrap_up_s: Seconds | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.skill is None and (self.level > 1 or self.best_first or self.relax_after_s is not None):
            raise ValueError(f"queue {self.name}: level, best_first and relax_after_s need a skill; name one")
        for which in (self.when_full, self.when_late):
            if which == Target(Kind.QUEUE, self.name):
                raise ValueError(f"queue {self.name} sends on to itself; name another target")
        return self

    def rank_s(self, since_s: float, priority: int) -> float:
        """The place in all queues: as if a contact had come so much earlier as its priority is worth.

        It never changes while a contact waits, since all who wait age alike; and it compares across queues.
        """
        return since_s - (self.priority + priority) * self.ageing_s

    def level_after(self, waited_s: float) -> int:
        """The skill level that is demanded of who serves a contact that has waited so long."""
        if self.relax_after_s is None:
            return self.level
        return max(1, self.level - int(waited_s / self.relax_after_s + SLACK))

    def falls_after_s(self, level: int) -> float | None:
        """After how much waiting no more than `level` is demanded; None: never."""
        if level >= self.level:
            return 0.0
        return None if self.relax_after_s is None else (self.level - level) * self.relax_after_s

    def level_of(self, agent: Agent) -> int:
        """How well the agent can serve this queue: its level in the skill, 1 if none is asked for, 0 if not at all."""
        if not agent.serves(self.name):
            return 0
        return agent.skills.get(self.skill, 0) if self.skill is not None else 1

    def comes_first(self, agent: Agent) -> tuple[float, float]:
        """What idle agents are sorted by: the least is offered the next contact."""
        if self.strategy is Strategy.ROUND_ROBIN:
            return agent.last_offered_s, agent.idle_since_s
        if self.strategy is Strategy.FEWEST_CALLS:
            return agent.calls, agent.idle_since_s
        return agent.idle_since_s, 0.0
