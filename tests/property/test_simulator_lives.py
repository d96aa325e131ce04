"""Whatever callers come: none is lost, order is kept, one seed gives one log, and the clock changes nothing."""

import asyncio
from functools import partial
from itertools import pairwise
from math import inf
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment, Event

from simulator import arrivals, bulk
from simulator.agents import ModelFloor, ModelVisit
from simulator.callers import CallerCase, Outcome, crowd, life
from simulator.pacing import Pace

GOLDEN = Path(__file__).parent.parent / "golden" / "simulator_lives.txt"
Log = list[tuple[str, Outcome]]

seconds = st.floats(0, 500, allow_nan=False)
cases_of_a_class = st.lists(
    st.tuples(seconds, st.one_of(seconds, st.just(inf)), st.lists(seconds, max_size=3)), min_size=1, max_size=40
).map(
    lambda drawn: [
        CallerCase(at_s, patience_s, tuple(pauses), f"case-{index}")
        for index, (at_s, patience_s, pauses) in enumerate(sorted(drawn, key=lambda case: case[0]))
    ]
)
agents = st.integers(1, 5)
talk_times = st.lists(st.floats(0, 300), min_size=1, max_size=20)
lines = st.one_of(st.none(), st.integers(1, 8))


class WatchedFloor(ModelFloor):
    """Notes the order in which callers queue and are served."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.queued: list[tuple[str, int]] = []
        self.served: list[tuple[str, int]] = []

    def enter(self, case: CallerCase, attempt: int) -> ModelVisit:
        visit = super().enter(case, attempt)
        if not visit.served.triggered and not visit.ended.triggered:
            self.queued.append((case.case_id, attempt))
            visit.served.callbacks.append(lambda _: self.served.append((case.case_id, attempt)))
        return visit


def draws(values: list[float]) -> partial[float]:
    turn = iter(range(10**9))
    return partial(lambda: values[next(turn) % len(values)])


@settings(deadline=None)
@given(cases_of_a_class, agents, talk_times, lines)
def test_every_caller_ends_in_exactly_one_outcome(
    cases: list[CallerCase], count: int, talks: list[float], most: int | None
) -> None:
    env, log = Environment(), Log()
    floor = WatchedFloor(env, count, draws(talks), wrap_up=draws(talks[::-1]), lines=most)
    crowd(env, cases, floor, lambda case, outcome: log.append((case.case_id, outcome)))
    env.run()
    assert sorted(case_id for case_id, _ in log) == sorted(case.case_id for case in cases)
    assert (floor.waiting, floor.talking) == (0, 0)
    for case_id, outcome in log:
        case = cases[int(case_id.removeprefix("case-"))]
        assert 1 <= outcome.attempts <= len(case.rings_again) + 1
        assert 0 <= outcome.waited_s <= case.patience_s + 1e-6
        assert outcome.kind == "served" or outcome.attempts == len(case.rings_again) + 1
        assert outcome.kind != "refused" or most is not None


@settings(deadline=None)
@given(cases_of_a_class, agents, talk_times)
def test_the_queue_keeps_its_order(cases: list[CallerCase], count: int, talks: list[float]) -> None:
    env = Environment()
    floor = WatchedFloor(env, count, draws(talks))
    crowd(env, cases, floor)
    env.run()
    places = [floor.queued.index(served) for served in floor.served]
    assert all(earlier < later for earlier, later in pairwise(places))


def drawn_cases(seed: int) -> list[CallerCase]:
    rng = Random(seed)
    times = list(arrivals.piecewise(rng, [(0, 120), (900, 600), (1200, 60)], until_s=1800))
    return [
        CallerCase(at_s, rng.expovariate(1 / 60), (30.0,) * rng.randrange(3), f"case-{index}")
        for index, at_s in enumerate(times)
    ]


def simulated(cases: list[CallerCase], seed: int, count: int = 6) -> Log:
    env, log = Environment(), Log()
    floor = ModelFloor(env, count, partial(Random(seed).expovariate, 1 / 120))
    crowd(env, cases, floor, lambda case, outcome: log.append((case.case_id, outcome)))
    env.run()
    return log


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_the_same_seed_gives_the_same_log(seed: int) -> None:
    assert simulated(drawn_cases(seed), seed) == simulated(drawn_cases(seed), seed)


def test_seed_7_gives_the_golden_log() -> None:
    """If this fails, every stored class would be drawn anew: change the file only on purpose."""
    lines = [
        f"{case_id} {out.kind} {out.attempts} {out.waited_s:.6f} {out.talked_s:.6f}"
        for case_id, out in simulated(drawn_cases(7), 7)
    ]
    assert lines == GOLDEN.read_text(encoding="utf-8").splitlines()


@settings(deadline=None)
@given(cases_of_a_class, agents, talk_times)
def test_bulk_gives_each_caller_the_same_outcome(cases: list[CallerCase], count: int, talks: list[float]) -> None:
    """Times are drawn apart from each other: of two things at the same instant either may come first."""
    once = [
        CallerCase(
            round(case.arrives_at_s) * 64 + index % 64, round(min(case.patience_s, 999)) * 64 + 0.5, (), case.case_id
        )
        for index, case in enumerate(cases)
    ]
    once.sort(key=lambda case: case.arrives_at_s)
    whole = [round(talk) * 64 + 0.013 * index + 0.001 for index, talk in enumerate(talks)]
    by_lives, by_bulk = Log(), Log()
    env = Environment()
    crowd(
        env, once, ModelFloor(env, count, draws(whole)), lambda case, out: by_lives.append((case.case_id, rounded(out)))
    )
    env.run()
    bulk.play(Environment(), once, count, draws(whole), lambda case, out: by_bulk.append((case.case_id, rounded(out))))
    assert sorted(by_lives) == sorted(by_bulk)


def rounded(outcome: Outcome) -> Outcome:
    return outcome._replace(waited_s=round(outcome.waited_s, 6), talked_s=round(outcome.talked_s, 6))


class FakeClock:
    """Moves when the pace waits, and then by chance too far, as a busy machine does."""

    def __init__(self, rng: Random) -> None:
        self.now_s = 0.0
        self._rng = rng

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, news: asyncio.Event, wait_s: float) -> None:
        await asyncio.sleep(0)
        if not news.is_set():
            self.now_s += max(wait_s, 1e-6) + self._rng.choice([0.0, 0.0, 0.5, 20.0])


@settings(deadline=None, max_examples=40)
@given(cases_of_a_class, agents, talk_times, st.integers(0, 100))
def test_on_the_clock_a_class_goes_as_in_simulated_time(
    cases: list[CallerCase], count: int, talks: list[float], seed: int
) -> None:
    def start(env: Environment, log: Log) -> list[Event]:
        floor = ModelFloor(env, count, draws(talks))
        return [life(env, case, floor, lambda case, out: log.append((case.case_id, out))) for case in cases]

    in_a_moment, on_the_clock = Log(), Log()
    env = Environment()
    start(env, in_a_moment)
    env.run()

    async def paced() -> None:
        clock = FakeClock(Random(seed))
        live = Environment()
        await Pace(live, clock, speed=3, wait=clock.wait).run(until=live.all_of(start(live, on_the_clock)))

    asyncio.run(paced())
    assert on_the_clock == in_a_moment
