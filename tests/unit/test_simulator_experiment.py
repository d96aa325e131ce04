"""Replications and the textbook queue: the simulator's waits against theory."""

from math import inf, sqrt
from random import Random

import pytest

from simulator.errors import CountError, RateError
from simulator.experiment import Estimate, estimate, replicate, student_t, sweep
from simulator.model import QueueModel
from simulator.theory import erlang_a, erlang_c

ROWS = {
    "A6": (2880, 60, 50, 120),
    "A7": (637.5, 240, 50, 120),
    "A8": (150, 240, 10, 60),
    "A9": (360, 240, 20, 90),
    "A10": (2940, 240, 200, 180),
}
SEEDS = range(100, 130)


@pytest.mark.parametrize("row", ROWS)
def test_simulated_waits_agree_with_theory(row: str) -> None:
    """Each figure: a run within 3 SD of the truth, the mean of 30 seeds within 3 SD/√30."""
    rate, aht, agents, patience = ROWS[row]
    warm_up_s = 6 * aht
    customers = int(rate / 3600 * (warm_up_s + 3600)) if row != "A8" else 1500
    model = QueueModel(rate, aht, agents, patience, customers=customers, warm_up_s=warm_up_s)
    measured = replicate(model, SEEDS)
    truth = erlang_a(rate, aht, agents, patience)._asdict()
    first = model(Random(SEEDS[0]))
    for name, true_value in truth.items():
        figure = measured[name]
        assert abs(figure.mean - true_value) <= 3 * figure.sd / sqrt(30), (name, figure, true_value)
        assert abs(first[name] - true_value) <= 3 * figure.sd, (name, first[name], true_value)


def test_patient_callers_wait_as_erlang_c_says() -> None:
    measured = replicate(QueueModel(60, 60, 2, customers=3000, warm_up_s=1200), range(30))
    truth = erlang_c(60, 60, 2)
    assert measured["mean_wait_s"].mean == pytest.approx(
        truth.mean_wait_s, abs=3 * measured["mean_wait_s"].sd / sqrt(30)
    )
    assert measured["p_abandon"].mean == 0


def test_lives_and_bulk_are_one_model() -> None:
    model = QueueModel(360, 240, 20, 90, customers=3000)
    assert model.by_lives(Random(4)) == pytest.approx(model(Random(4)), abs=1e-9)


def test_processes_change_nothing_but_the_time() -> None:
    model = QueueModel(360, 240, 20, 90, customers=200)
    assert replicate(model, [1, 2, 3], processes=2) == replicate(model, [1, 2, 3])


def test_a_sweep_plays_every_variant_with_the_same_seeds() -> None:
    swept = sweep(lambda agents: QueueModel(360, 240, agents, 90, customers=2000), [18, 22, 26], seeds=[1, 2, 3])
    levels = [figures["service_level"].mean for _, figures in swept]
    assert [agents for agents, _ in swept] == [18, 22, 26]
    assert levels == sorted(levels)
    assert swept[0][1]["p_abandon"].mean > swept[2][1]["p_abandon"].mean


@pytest.mark.parametrize(
    ("confidence", "freedom", "t"),
    [(0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 3, 3.182), (0.99, 4, 4.604), (0.95, 29, 2.045), (0.9, 30, 1.697)],
)
def test_students_t_as_in_the_tables(confidence: float, freedom: int, t: float) -> None:
    assert student_t(confidence, freedom) == pytest.approx(t, abs=0.0006)


def test_an_estimate_says_how_sure_it_is() -> None:
    got = estimate([9.0, 10.0, 11.0])
    assert (got.mean, got.sd, got.runs) == (10, 1, 3)
    assert got.half_width == pytest.approx(4.303 / sqrt(3), abs=0.001)
    assert (got.low, got.high) == (got.mean - got.half_width, got.mean + got.half_width)
    assert estimate([5.0]) == Estimate(5.0, 0.0, inf, 1)


def test_intervals_hold_the_truth_as_often_as_they_promise() -> None:
    rng = Random(11)
    held = sum(
        abs(got.mean - 3) <= got.half_width
        for got in (estimate([rng.gauss(3, 2) for _ in range(5)], 0.9) for _ in range(1000))
    )
    assert 870 <= held <= 930


def test_wrong_experiments_are_refused() -> None:
    model = QueueModel(360, 240, 20, 90, customers=10)
    with pytest.raises(CountError, match="each only once"):
        replicate(model, [1, 1])
    with pytest.raises(CountError, match="at least one"):
        replicate(model, [])
    with pytest.raises(RateError, match="confidence"):
        replicate(model, [1, 2], confidence=95)
    with pytest.raises(RateError, match="no caller would ever come"):
        QueueModel(0, 240, 20, 90)
