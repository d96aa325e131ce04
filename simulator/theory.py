"""What queueing theory says: Erlang B, C and A, by recursions that stay exact for thousands of agents.

A. K. Erlang 1917 (B and C); C. Palm 1946 and O. Garnett, A. Mandelbaum, M. Reiman, Designing a call center with
impatient customers, 2002 (A). In all: Poisson arrivals, exponential conversations, one queue in order of arrival.
"""

from collections.abc import Iterator
from math import exp, expm1, inf, lgamma, log
from typing import NamedTuple

from simulator import checks
from simulator.errors import OverloadError, RateError

_NEGLIGIBLE = 1e-20
"""States this much rarer than the commonest one change no figure that a float can hold."""


class QueueFigures(NamedTuple):
    """The steady state of a queue. `mean_wait_s` is over all callers, `served_wait_s` over the served; `service_level`
    is served within the threshold over *all* callers (so who gave up counts against)."""

    p_wait: float
    mean_wait_s: float
    served_wait_s: float
    service_level: float
    p_abandon: float


def offered_load(rate_per_h: float, aht_s: float) -> float:
    """Work that arrives, in erlangs: the mean number of agents who would be busy if nobody ever waited."""
    return checks.rate("rate_per_h", rate_per_h) / 3600.0 * checks.duration("aht_s", aht_s)


def erlang_b(load: float, lines: int) -> float:
    """The share of callers who find all `lines` taken and are lost (`load` in erlangs), by B(n) = aB / (n + aB)."""
    checks.rate("load", load)
    blocked = 1.0
    for n in range(1, checks.count("lines", lines, least=0) + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(rate_per_h: float, aht_s: float, agents: int, threshold_s: float = 20.0) -> QueueFigures:
    """The queue in which nobody gives up. Raises `OverloadError` if the agents cannot do the work."""
    load = offered_load(rate_per_h, aht_s)
    checks.time("threshold_s", threshold_s)
    if load >= checks.count("agents", agents):
        raise OverloadError(f"{load:.3f} erlangs for {agents} agents: the queue never ends; give more than {load:.3f}")
    blocked = erlang_b(load, agents)
    p_wait = agents * blocked / (agents - load * (1 - blocked))
    spare_per_s = (agents - load) / aht_s
    mean_wait_s = p_wait / spare_per_s
    in_time = 1 - p_wait * exp(-spare_per_s * threshold_s)
    return QueueFigures(p_wait, mean_wait_s, mean_wait_s, in_time, 0.0)


def erlang_a(
    rate_per_h: float, aht_s: float, agents: int, patience_s: float, threshold_s: float = 20.0
) -> QueueFigures:
    """The queue with exponential patience of mean `patience_s` (`inf` is Erlang C), from its birth-death chain.

    A caller with k before it is offered service after k+1 exponential steps of rates (c/aht + j/patience), j = k…0;
    with V that time, exp(-V/patience) is Beta(c·patience/aht, k+1), which gives the waits of the served in closed form.
    """
    if patience_s == inf:
        return erlang_c(rate_per_h, aht_s, agents, threshold_s)
    load = offered_load(rate_per_h, aht_s)
    checks.duration("patience_s", patience_s)
    checks.time("threshold_s", threshold_s)
    if load == 0:
        raise RateError("rate_per_h is 0: without callers there is no wait to speak of")
    chance = _states(load, checks.count("agents", agents), aht_s / patience_s)
    waiting = {n - agents: p for n, p in chance.items() if n >= agents}
    p_wait = sum(waiting.values())
    mean_wait_s = sum(k * p for k, p in waiting.items()) / load * aht_s
    p_abandon = mean_wait_s / patience_s
    shape = agents * patience_s / aht_s
    served_wait = steps = 0.0
    for k in range(max(waiting, default=-1) + 1):
        steps += 1.0 / (shape + 1 + k)
        served_wait += waiting.get(k, 0.0) * shape / (shape + k + 1) * steps * patience_s
    late = sum(
        p * shape / (shape + k + 1) * late_share
        for (k, p), late_share in zip(
            sorted(waiting.items()), _late(shape, threshold_s / patience_s, waiting), strict=True
        )
    )
    in_time = max(0.0, 1 - p_abandon - late)  # rounding may leave -1e-16
    return QueueFigures(p_wait, mean_wait_s, served_wait / (1 - p_abandon), in_time, p_abandon)


def _states(load: float, agents: int, impatience: float) -> dict[int, float]:
    """Steady-state probability of each number of callers on the floor; `impatience` is aht / patience.

    Built outwards from the commonest state, so that every ratio is below 1 and nothing overflows.
    """

    def leaving(n: int) -> float:
        return min(n, agents) + max(0, n - agents) * impatience

    commonest = int(load) if load < agents else agents + int((load - agents) / impatience)
    weights = {commonest: 1.0}
    n, weight = commonest, 1.0
    while n > 0 and weight > _NEGLIGIBLE:
        weight *= leaving(n) / load
        n -= 1
        weights[n] = weight
    n, weight = commonest, 1.0
    while weight > _NEGLIGIBLE:
        n += 1
        weight *= load / leaving(n)
        weights[n] = weight
    whole = sum(weights.values())
    return {n: weight / whole for n, weight in weights.items()}


def _late(shape: float, threshold: float, waiting: dict[int, float]) -> Iterator[float]:
    """For each k of `waiting`, in order: how much of the served with k before them are served after the threshold.

    P(X < x) of X ~ Beta(shape + 1, k + 1) at x = exp(-threshold): the sum over j ≤ k of
    x^(shape+1) (1-x)^j (shape+1)(shape+2)…(shape+j) / j!, each term by logarithms, since x^(shape+1) may be too small.
    """
    start = -threshold * (shape + 1)
    step = log(-expm1(-threshold)) if threshold > 0 else -inf
    total = 0.0
    for k in range(max(waiting, default=-1) + 1):
        if k == 0:
            total = exp(start)
        elif step > -inf:
            total += exp(start + k * step + lgamma(shape + 1 + k) - lgamma(shape + 1) - lgamma(k + 1))
        if k in waiting:
            yield min(1.0, total)
