"""One queue at work: who waits in it, in order, and which agents are idle for it."""

from collections.abc import Iterator

from lab_server.routing.agents import Agent
from lab_server.routing.ordered import Ordered
from lab_server.routing.queues import QueueRules, Strategy
from lab_server.routing.waits import ServedRate

Turn = tuple[float, float, str]
"""A contact's place: rank, since when, contact."""
Rest = tuple[float, float, str]
"""An idle agent's place: two figures by the queue's strategy, seat."""


class Line:
    """`waiting` are all of the queue; `open` those who take any agent. Idle agents are kept apart by level, so that
    whoever demands a level looks at the first of each level and at nobody else."""

    def __init__(self, rules: QueueRules) -> None:
        self.rules = rules
        self.waiting: Ordered[Turn] = Ordered()
        self.open: Ordered[Turn] = Ordered()
        self.rate = ServedRate()
        self._idle: dict[int, Ordered[Rest]] = {}

    def has_chance(self, now_s: float) -> bool:
        """Whether somebody waits and somebody idle might be good enough. A quick look: it may say yes in vain.

        Nobody came before the first one's rank, less the queue's own head start; so nobody demands less than who came
        then would.
        """
        if not self._idle or not self.open:
            return False
        rules = self.rules
        waited_s = now_s - self.open.first[0] - rules.priority * rules.ageing_s
        return max(self._idle) >= rules.level_after(waited_s)

    def next_fall_s(self) -> float | None:
        """When, after all have been paired who can be, the first is content with the best who is idle; None: never."""
        if not self._idle or not self.open:
            return None
        falls_s = self.rules.falls_after_s(max(self._idle))
        return None if falls_s is None else min(since_s for _, since_s, _ in self.open) + falls_s

    def idle(self, agent: Agent, level: int) -> None:
        self._idle.setdefault(level, Ordered()).add((*self.rules.comes_first(agent), agent.seat))

    def not_idle(self, agent: Agent, level: int) -> None:
        """The agent as it was when it became idle."""
        idle = self._idle[level]
        idle.remove((*self.rules.comes_first(agent), agent.seat))
        if not idle:
            del self._idle[level]

    def turns(self, now_s: float) -> Iterator[Turn]:
        """If there is a chance: who may take any agent, in order, until there is none any more."""
        for turn in self.open:
            yield turn
            if not self.has_chance(now_s):  # agents have been taken meanwhile
                return

    def seats_for(self, level: int) -> tuple[str, ...]:
        """Whom to ring for a contact that demands `level`: one seat, with ring-all every one, in order; or nobody."""
        good = [(at, idle) for at, idle in self._idle.items() if at >= level]
        if not good:
            return ()
        if self.rules.strategy is Strategy.RING_ALL:
            rests = [(-at if self.rules.best_first else 0, rest) for at, idle in good for rest in idle]
            return tuple(rest[2] for _, rest in sorted(rests))
        if self.rules.best_first:
            return (max(good)[1].first[2],)
        return (min(idle.first for _, idle in good)[2],)
