"""Arrivals: the rates come out as asked, the same seed gives the same times, and wrong input is refused at once."""

import math
from itertools import islice
from random import Random

import pytest

from simulator import arrivals
from simulator.errors import CountError, RateError, TimeError


def test_poisson_has_the_rate_asked_for_and_the_spread_of_chance() -> None:
    counts = [len(list(arrivals.poisson(Random(seed), 120, until_s=3600))) for seed in range(200)]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    assert mean == pytest.approx(120, abs=3 * math.sqrt(120 / 200))
    assert variance == pytest.approx(120, rel=0.35)  # a Poisson count's variance is its mean


def test_piecewise_follows_its_steps_and_rests_at_rate_zero() -> None:
    times = list(arrivals.piecewise(Random(3), [(0, 360), (3600, 0), (7200, 3600)], until_s=10_800))
    assert len([at for at in times if at < 3600]) == pytest.approx(360, abs=60)
    assert not [at for at in times if 3600 <= at < 7200]
    assert len([at for at in times if at >= 7200]) == pytest.approx(3600, abs=180)
    assert times == sorted(times)
    assert times[-1] < 10_800


def test_piecewise_ends_where_it_is_told_even_before_its_last_step() -> None:
    assert max(arrivals.piecewise(Random(1), [(0, 3600), (500, 3600)], until_s=100)) < 100


def test_thinning_follows_a_curve() -> None:
    def ramp(at_s: float) -> float:
        return 3600 * at_s / 3600

    times = list(arrivals.thinned(Random(5), ramp, peak_per_h=3600, until_s=3600))
    assert len(times) == pytest.approx(1800, abs=3 * math.sqrt(1800))
    assert len([at for at in times if at < 1800]) == pytest.approx(450, abs=3 * math.sqrt(450))


def test_thinning_refuses_a_peak_that_is_too_low() -> None:
    with pytest.raises(RateError, match="name a higher peak"):
        list(arrivals.thinned(Random(5), lambda _: 200.0, peak_per_h=100, until_s=3600))


def test_burst_comes_within_its_window_in_order() -> None:
    times = list(arrivals.burst(Random(2), calls=30, at_s=60, within_s=20))
    assert len(times) == 30
    assert times == sorted(times)
    assert times[0] >= 60
    assert times[-1] <= 80


def test_merged_keeps_the_order_of_endless_streams() -> None:
    day = arrivals.poisson(Random(1), 600)
    both = list(islice(arrivals.merged(day, arrivals.burst(Random(2), 5, at_s=30, within_s=1)), 40))
    assert both == sorted(both)
    assert len([at for at in both if 30 <= at <= 31]) >= 5


def test_the_same_seed_gives_the_same_times() -> None:
    assert list(islice(arrivals.poisson(Random(9), 60), 20)) == list(islice(arrivals.poisson(Random(9), 60), 20))


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_wrong_rate_is_refused_when_asked_for(rate: float) -> None:
    with pytest.raises(RateError, match="rate_per_h is"):
        arrivals.poisson(Random(1), rate)
    with pytest.raises(RateError, match=r"rate from 0 s is"):
        arrivals.piecewise(Random(1), [(0, rate)])
    with pytest.raises(RateError, match="peak_per_h is"):
        arrivals.thinned(Random(1), lambda _: 1.0, rate)


def test_nobody_comes_at_rate_zero() -> None:
    assert list(arrivals.poisson(Random(1), 0)) == []


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([], "first step"),
        ([(5.0, 60.0)], "first step"),
        ([(0.0, 60.0), (0.0, 90.0)], "after the one before"),
        ([(0.0, 60.0), (math.nan, 90.0)], "step is nan"),
    ],
)
def test_wrong_steps_are_refused(steps: list[tuple[float, float]], reason: str) -> None:
    with pytest.raises(TimeError, match=reason):
        arrivals.piecewise(Random(1), steps)


def test_a_trace_is_taken_as_it_is_and_refused_out_of_order() -> None:
    assert list(arrivals.fixed([0.0, 1.5, 1.5])) == [0.0, 1.5, 1.5]
    with pytest.raises(TimeError, match=r"arrival 1 at 1\.0 s"):
        arrivals.fixed([2.0, 1.0])
    with pytest.raises(TimeError, match="arrival 0 is -1"):
        arrivals.fixed([-1.0])


def test_a_burst_of_half_a_call_is_refused() -> None:
    with pytest.raises(CountError, match="whole number"):
        arrivals.burst(Random(1), 1.5, 0, 0)  # type: ignore[arg-type]
