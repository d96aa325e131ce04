"""The textbook queue as a simulation: M/M/c, with patience M/M/c+M (Erlang C and A, see `theory`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import inf
from random import Random

from simpy import Environment

from simulator import arrivals, bulk, checks
from simulator.agents import Draw, ModelFloor
from simulator.callers import Outcome, crowd
from simulator.errors import RateError
from simulator.floor import CallerCase


class Tally:
    """Adds up outcomes while a run goes on; callers before `warm_up_s`, who met an empty floor, are left out."""

    def __init__(self, warm_up_s: float, threshold_s: float) -> None:
        self._warm_up_s = warm_up_s
        self._threshold_s = threshold_s
        self.callers = self.served = self.abandoned = self.refused = self.served_in_time = self.waited_at_all = 0
        self.waited_s = self.served_waited_s = 0.0

    def record(self, case: CallerCase, outcome: Outcome) -> None:
        """One life has ended: what `callers.life` and `callers.crowd` take as `record`."""
        if case.arrives_at_s < self._warm_up_s:
            return
        kind, _, waited_s, _ = outcome
        self.callers += 1
        self.waited_s += waited_s
        self.waited_at_all += waited_s > 0
        if kind == "served":
            self.served += 1
            self.served_waited_s += waited_s
            self.served_in_time += waited_s <= self._threshold_s
        elif kind == "abandoned":
            self.abandoned += 1
        else:
            self.refused += 1

    def figures(self) -> dict[str, float]:
        """`p_wait`, `mean_wait_s` (over all callers), `served_wait_s` (over the served), `service_level` (served in
        time over all callers), `p_abandon`, `p_refused`: the columns of `theory.QueueFigures`, and the last."""
        callers, served = max(1, self.callers), max(1, self.served)
        return {
            "p_wait": self.waited_at_all / callers,
            "mean_wait_s": self.waited_s / callers,
            "served_wait_s": self.served_waited_s / served,
            "service_level": self.served_in_time / callers,
            "p_abandon": self.abandoned / callers,
            "p_refused": self.refused / callers,
        }


@dataclass(frozen=True)
class QueueModel:
    """Poisson arrivals, exponential conversations of mean `aht_s`, `agents` agents, exponential patience of mean
    `patience_s` (`inf`: nobody gives up). `customers` callers come in all; those before `warm_up_s` are not counted."""

    rate_per_h: float
    aht_s: float
    agents: int
    patience_s: float = inf
    customers: int = 20_000
    warm_up_s: float = 0.0
    threshold_s: float = 20.0

    def __post_init__(self) -> None:
        if checks.rate("rate_per_h", self.rate_per_h) == 0:
            raise RateError("rate_per_h is 0: no caller would ever come")
        checks.duration("aht_s", self.aht_s)
        checks.count("agents", self.agents)
        checks.horizon("patience_s", self.patience_s)
        checks.count("customers", self.customers)
        checks.time("warm_up_s", self.warm_up_s)
        checks.time("threshold_s", self.threshold_s)

    def __call__(self, rng: Random) -> dict[str, float]:
        """One run, the fast way (`bulk`); returns `Tally.figures`."""
        tally = Tally(self.warm_up_s, self.threshold_s)
        bulk.play(Environment(), self._cases(rng), self.agents, self._talk(rng), tally.record)
        return tally.figures()

    def by_lives(self, rng: Random) -> dict[str, float]:
        """The same run through the callers' lives that a class uses, too: the same figures, at a third of the speed."""
        env = Environment()
        tally = Tally(self.warm_up_s, self.threshold_s)
        crowd(env, self._cases(rng), ModelFloor(env, self.agents, self._talk(rng)), tally.record)
        env.run()
        return tally.figures()

    def _cases(self, rng: Random) -> Iterator[CallerCase]:
        patience = self._patience(rng)
        for at_s in islice(arrivals.poisson(rng, self.rate_per_h), self.customers):
            yield CallerCase(at_s, patience())

    def _talk(self, rng: Random) -> Draw:
        return partial(rng.expovariate, 1 / self.aht_s)

    def _patience(self, rng: Random) -> Draw:
        if self.patience_s == inf:
            return lambda: inf
        return partial(rng.expovariate, 1 / self.patience_s)
