"""A caller's life: arrives, waits, gives up after its patience, may ring again, ends.

This one description runs both ways: in simulated time against `agents.ModelFloor`, and on the wall clock (`pacing`)
against the live floor. Every life ends in exactly one `Outcome`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

from simpy import Environment

from simulator import checks
from simulator.errors import TimeError
from simulator.floor import CallerCase, Floor, Visit
from simulator.story import FirstOf, Steps, Story

__all__ = ["CallerCase", "Kind", "Outcome", "Record", "crowd", "life"]

Kind = Literal["served", "abandoned", "refused", "broken"]


class Outcome(NamedTuple):
    """How a life ended. `attempts`: how often it rang in all. Times are of the last attempt: `waited_s` from ringing to
    being served or to giving up, `talked_s` from being served to the end (0 if it never was)."""

    kind: Kind
    attempts: int
    waited_s: float
    talked_s: float


Record = Callable[[CallerCase, Outcome], None]


def life(
    env: Environment,
    case: CallerCase,
    floor: Floor,
    record: Record | None = None,
    *,
    resume: Visit | None = None,
    attempt: int = 1,
    entered_at_s: float | None = None,
    served_at_s: float | None = None,
) -> Story:
    """Start one caller's life; the returned event succeeds with its `Outcome`, which `record` is told, too.

    The caller rings at `case.arrives_at_s`, or now if that is past. After a restart a life begins in its middle:
    `resume` is the visit of attempt number `attempt` that is under way, begun at `entered_at_s` (now, if not known) and
    served since `served_at_s`. A life whose caller is in its pause is started with the time of the next attempt as
    `arrives_at_s` and that attempt's number. Raises `SimulatorError` for a wrong case.
    """
    _check(case, attempt)
    if resume is None:
        return Story(env, _arrive(env, case, floor, record, attempt))
    entered_s = env.now if entered_at_s is None else entered_at_s
    return Story(env, _calls(env, case, floor, record, attempt, resume, entered_s, served_at_s))


def crowd(env: Environment, cases: Iterable[CallerCase], floor: Floor, record: Record | None = None) -> Story:
    """Start the lives of many callers, each when it arrives; `cases` is read lazily and must be in order of arrival.

    The returned event succeeds with the number of callers when the last has arrived.
    """
    return Story(env, _arrivals(env, cases, floor, record))


def _check(case: CallerCase, attempt: int) -> None:
    checks.time("arrives_at_s", case.arrives_at_s)
    checks.horizon("patience_s", case.patience_s)
    for pause_s in case.rings_again:
        checks.time("rings_again", pause_s)
    checks.count("attempt", attempt)


def _arrivals(env: Environment, cases: Iterable[CallerCase], floor: Floor, record: Record | None) -> Steps:
    arrived = 0
    last_s = 0.0
    for case in cases:
        at_s = case.arrives_at_s
        if not at_s >= last_s:
            raise TimeError(f"a caller arrives at {at_s} s, after one at {last_s} s; sort the cases by arrival")
        if not case.patience_s >= 0:
            raise TimeError(f"a caller's patience is {case.patience_s}; give seconds of 0 or more, or inf")
        delay_s = at_s - env.now
        if delay_s > 0:
            yield env.timeout(delay_s)
        last_s = at_s
        arrived += 1
        Story(env, _calls(env, case, floor, record))
    return arrived


def _arrive(env: Environment, case: CallerCase, floor: Floor, record: Record | None, attempt: int) -> Steps:
    if case.arrives_at_s > env.now:
        yield env.timeout(case.arrives_at_s - env.now)
    return (yield from _calls(env, case, floor, record, attempt))


def _calls(
    env: Environment,
    case: CallerCase,
    floor: Floor,
    record: Record | None,
    attempt: int = 1,
    visit: Visit | None = None,
    entered_s: float = 0.0,
    served_s: float | None = None,
) -> Steps:
    """All attempts of one caller, from the ringing of number `attempt` (or from the middle of `visit`) on."""
    while True:
        if visit is None:
            entered_s = env.now
            visit = floor.enter(case, attempt)
        served, ended = visit.served, visit.ended
        if not (served.triggered or ended.triggered):
            left_s = case.patience_s - (env.now - entered_s)
            if left_s < float("inf"):
                yield FirstOf(env, served, ended, env.timeout(max(0.0, left_s)))
            else:
                yield FirstOf(env, served, ended)
        if served.triggered:
            # Served in the very moment the patience ran out counts as served: the agent has already answered.
            served_s = env.now if served_s is None else served_s
            kind: Kind = "broken" if (yield ended) == "broken" else "served"
            outcome = Outcome(kind, attempt, served_s - entered_s, env.now - served_s)
        elif ended.triggered:
            outcome = Outcome(_unserved(ended.value), attempt, env.now - entered_s, 0.0)
        else:
            visit.leave()
            outcome = Outcome("abandoned", attempt, env.now - entered_s, 0.0)
        if outcome.kind in ("served", "broken") or attempt > len(case.rings_again):
            break
        yield env.timeout(case.rings_again[attempt - 1])
        attempt, visit, served_s = attempt + 1, None, None
    if record is not None:
        record(case, outcome)
    return outcome


def _unserved(ending: Any) -> Kind:
    """The outcome of a visit that ended before anybody served it: a floor that hangs up has turned the caller away."""
    return ending if ending in ("abandoned", "broken") else "refused"
