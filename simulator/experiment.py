"""Replications: the same model with many seeds, and how sure their mean is.

A model is any callable that takes a `random.Random` and returns named figures, such as `model.QueueModel`. A sweep
plays every variant with the same seeds (common random numbers), so that variants differ by what was varied.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from math import atan, cos, inf, pi, sin, sqrt
from multiprocessing import get_context
from random import Random
from statistics import fmean, stdev
from typing import NamedTuple, TypeVar

from simulator import checks
from simulator.errors import CountError, RateError

Model = Callable[[Random], Mapping[str, float]]
Varied = TypeVar("Varied")


class Estimate(NamedTuple):
    """The mean of a figure over `runs` replications, their standard deviation, and the half width of the confidence
    interval of the mean (`inf` for a single run): the true mean lies within `mean ± half_width`, as sure as asked."""

    mean: float
    sd: float
    half_width: float
    runs: int

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self.mean + self.half_width


def replicate(model: Model, seeds: Iterable[int], confidence: float = 0.95, processes: int = 1) -> dict[str, Estimate]:
    """Run `model` once for each seed; the mean of every figure, with its confidence interval.

    With more than one process the runs are spread over fresh local ones; the model must then be picklable. The order of
    the results is the seeds', so the figures do not depend on `processes`.
    """
    chosen = list(seeds)
    if not chosen or len(set(chosen)) != len(chosen):
        raise CountError(f"seeds are {chosen}; give at least one, each only once")
    checks.count("processes", processes)
    if processes == 1 or len(chosen) == 1:
        runs = [_run(model, seed) for seed in chosen]
    else:
        with ProcessPoolExecutor(min(processes, len(chosen)), mp_context=get_context("spawn")) as pool:
            runs = list(pool.map(_run, repeat(model), chosen))
    return {name: estimate([run[name] for run in runs], confidence) for name in runs[0]}


def sweep(
    build: Callable[[Varied], Model],
    values: Iterable[Varied],
    seeds: Sequence[int],
    confidence: float = 0.95,
    processes: int = 1,
) -> list[tuple[Varied, dict[str, Estimate]]]:
    """`replicate` the model that `build` makes of each value, for example of each number of agents."""
    return [(value, replicate(build(value), seeds, confidence, processes)) for value in values]


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Mean and confidence interval of independent values, by Student's t."""
    if not 0 < confidence < 1:
        raise RateError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
    runs = len(values)
    if runs < 2:
        return Estimate(fmean(values), 0.0, inf, runs)
    sd = stdev(values)
    return Estimate(fmean(values), sd, student_t(confidence, runs - 1) * sd / sqrt(runs), runs)


def student_t(confidence: float, freedom: int) -> float:
    """The t with P(|T| ≤ t) = `confidence` at `freedom` degrees of freedom, by halving on the exact distribution."""
    low, high = 0.0, 1.0
    while _within(high, freedom) < confidence:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return high


def _within(t: float, freedom: int) -> float:
    """P(|T| ≤ t): the finite series for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = atan(t / sqrt(freedom))
    square = cos(angle) ** 2
    odd = freedom % 2
    term = total = 0.0 if freedom == 1 else cos(angle) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    if odd:
        return 2 / pi * (angle + sin(angle) * total)
    return sin(angle) * total


def _run(model: Model, seed: int) -> dict[str, float]:
    return dict(model(Random(seed)))  # noqa: S311  (a simulation's chance, no secret)
