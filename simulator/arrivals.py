"""When callers arrive: each function yields arrival times in seconds, never decreasing.

Chance comes in as `rng`; the same generator in the same state gives the same times. A wrong argument is refused when
the function is called, not when the first time is asked for. `until_s` is exclusive; the default is an endless stream.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from random import Random

from simulator import checks
from simulator.errors import RateError, TimeError

HOUR_S = 3600.0


def poisson(rng: Random, rate_per_h: float, until_s: float = math.inf) -> Iterator[float]:
    """Callers who know nothing of each other: a Poisson process, that is, exponential gaps of mean 3600 / rate."""
    rate_per_s = checks.rate("rate_per_h", rate_per_h) / HOUR_S
    checks.horizon("until_s", until_s)
    return _poisson(rng, rate_per_s, until_s)


def _poisson(rng: Random, rate_per_s: float, until_s: float) -> Iterator[float]:
    if rate_per_s == 0:
        return
    gap = rng.expovariate
    at_s = gap(rate_per_s)
    while at_s < until_s:
        yield at_s
        at_s += gap(rate_per_s)


def piecewise(rng: Random, steps: Sequence[tuple[float, float]], until_s: float = math.inf) -> Iterator[float]:
    """A Poisson process whose rate changes in steps of (from_s, rate_per_h), the first from 0 s.

    Exact: an exponential gap has no memory, so at each step's beginning the gap is simply drawn anew at its rate. The
    last step's rate holds until `until_s`; an endless stream at rate 0 ends.
    """
    if not steps or steps[0][0] != 0:
        raise TimeError("the first step must begin at 0 s; give (0, rate_per_h) first")
    for from_s, rate_per_h in steps:
        checks.time("step", from_s)
        checks.rate(f"rate from {from_s} s", rate_per_h)
    starts = [from_s for from_s, _ in steps]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise TimeError(f"steps begin at {starts}; each must begin after the one before")
    checks.horizon("until_s", until_s)
    return _piecewise(rng, steps, until_s)


def _piecewise(rng: Random, steps: Sequence[tuple[float, float]], until_s: float) -> Iterator[float]:
    ends = [from_s for from_s, _ in steps[1:]] + [until_s]
    for (from_s, rate_per_h), end_s in zip(steps, ends, strict=True):
        for since_s in _poisson(rng, rate_per_h / HOUR_S, min(end_s, until_s) - from_s):
            yield from_s + since_s


def thinned(
    rng: Random, rate_per_h: Callable[[float], float], peak_per_h: float, until_s: float = math.inf
) -> Iterator[float]:
    """A Poisson process of any rate: `rate_per_h(at_s)`, nowhere above `peak_per_h`.

    By thinning: draw at the peak rate and keep each arrival with probability rate / peak (Lewis and Shedler, Simulation
    of nonhomogeneous Poisson processes by thinning, Naval Research Logistics Quarterly 26, 1979). A rate found above
    the peak raises `RateError` at that arrival, since every count so far would have been too low.
    """
    checks.rate("peak_per_h", peak_per_h)
    checks.horizon("until_s", until_s)
    return _thinned(rng, rate_per_h, peak_per_h, until_s)


def _thinned(rng: Random, rate_per_h: Callable[[float], float], peak_per_h: float, until_s: float) -> Iterator[float]:
    for at_s in _poisson(rng, peak_per_h / HOUR_S, until_s):
        rate = checks.rate(f"rate at {at_s:.3f} s", rate_per_h(at_s))
        if rate > peak_per_h:
            raise RateError(
                f"the rate at {at_s:.3f} s is {rate} an hour, above the peak of {peak_per_h}; name a higher peak"
            )
        if rng.random() * peak_per_h < rate:
            yield at_s


def burst(rng: Random, calls: int, at_s: float, within_s: float) -> Iterator[float]:
    """`calls` callers at once (an advertisement was shown): anywhere in the `within_s` seconds from `at_s`, evenly."""
    checks.count("calls", calls, least=0)
    checks.time("at_s", at_s)
    checks.time("within_s", within_s)
    return iter(sorted(at_s + rng.uniform(0.0, within_s) for _ in range(calls)))


def fixed(times_s: Iterable[float]) -> Iterator[float]:
    """Arrivals written down beforehand: a list, or the trace of a real day. Refused if one is out of order."""
    times = list(times_s)
    for index, at_s in enumerate(times):
        checks.time(f"arrival {index}", at_s)
        if index and at_s < times[index - 1]:
            raise TimeError(
                f"arrival {index} at {at_s} s comes before the one above it, at {times[index - 1]} s; sort them"
            )
    return iter(times)


def merged(*streams: Iterable[float]) -> Iterator[float]:
    """Several streams as one, in order of time: an ordinary day with a burst in it."""
    return heapq.merge(*streams)
