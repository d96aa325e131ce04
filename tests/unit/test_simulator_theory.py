"""Erlang B, C and A against the computed rows that the project measures itself by, and against each other."""

from math import inf, isfinite

import pytest

from simulator.errors import CountError, OverloadError, TimeError
from simulator.theory import erlang_a, erlang_b, erlang_c

ERLANG_C = [  # λ/h, AHT s, agents, P(wait), E[W] s, service level at 20 s, digits given
    ("C1", 200, 180, 14, 0.174132, 7.835937, 0.888350, 6),
    ("C2", 48, 60, 1, 0.800000, 240.000000, 0.251594, 6),
    ("C3", 60, 60, 2, 0.333333, 20.000000, 0.761156, 6),
    ("C4", 120, 240, 10, 0.409180, 49.101618, 0.653636, 6),
    ("C5", 2880, 60, 50, 0.694456, 20.833668, 0.643455, 6),
    ("C6", 720, 240, 55, 0.23870, 8.184, 0.86680, 3),
    ("C7", 720, 240, 54, 0.30131, 12.052, 0.81725, 3),
]
ERLANG_A = [  # λ/h, AHT s, agents, patience s, P(wait), E[W] s, service level, P(ab), wait of the served
    ("A6", 2880, 60, 50, 120, 0.467774, 3.709470, 0.943019, 0.030912, 3.615900),
    ("A7", 637.5, 240, 50, 120, 0.124091, 1.713517, 0.958149, 0.014279, 1.562238),
    ("A8", 150, 240, 10, 60, 0.395339, 9.911892, 0.717304, 0.165198, 7.379055),
    ("A9", 360, 240, 20, 90, 0.669114, 18.624305, 0.519052, 0.206937, 17.505323),
    ("A10", 2940, 240, 200, 180, 0.370086, 3.835822, 0.931549, 0.021310, 3.733770),
]


@pytest.mark.parametrize(("row", "rate", "aht", "agents", "p_wait", "wait", "level", "digits"), ERLANG_C)
def test_erlang_c(
    row: str, rate: float, aht: float, agents: int, p_wait: float, wait: float, level: float, digits: int
) -> None:
    figures = erlang_c(rate, aht, agents)
    assert figures.p_wait == pytest.approx(p_wait, abs=0.6 * 10 ** -min(digits + 2, 6))
    assert figures.mean_wait_s == pytest.approx(wait, abs=0.6 * 10**-digits)
    assert figures.service_level == pytest.approx(level, abs=0.6 * 10 ** -min(digits + 2, 6))
    assert figures.p_abandon == 0


@pytest.mark.parametrize(
    ("row", "rate", "aht", "agents", "patience", "p_wait", "wait", "level", "lost", "served_wait"), ERLANG_A
)
def test_erlang_a(
    row: str,
    rate: float,
    aht: float,
    agents: int,
    patience: float,
    p_wait: float,
    wait: float,
    level: float,
    lost: float,
    served_wait: float,
) -> None:
    expected = (p_wait, wait, served_wait, level, lost)
    assert erlang_a(rate, aht, agents, patience) == pytest.approx(expected, abs=0.6e-6)


def test_erlang_a_row_11() -> None:
    figures = erlang_a(200, 180, 13, 300)
    assert figures.p_wait == pytest.approx(0.22580, abs=0.6e-5)
    assert figures.mean_wait_s == pytest.approx(7.489, abs=0.6e-3)
    assert figures.service_level == pytest.approx(0.85818, abs=0.6e-5)
    assert figures.p_abandon == pytest.approx(0.02496, abs=0.6e-5)


def test_erlang_b() -> None:
    assert erlang_b(5, 10) == pytest.approx(0.0184, abs=0.6e-4)
    assert erlang_b(5, 0) == 1


def test_very_patient_callers_make_erlang_a_into_erlang_c() -> None:
    assert erlang_a(120, 240, 10, 1e7) == pytest.approx(erlang_c(120, 240, 10), rel=1e-3, abs=1e-5)
    assert erlang_a(120, 240, 10, inf) == erlang_c(120, 240, 10)


def test_thousands_of_agents_and_hopeless_overload_stay_finite() -> None:
    for rate, agents in [(150_000, 10_000), (10, 2_000), (600_000, 100), (151_000, 10_050)]:
        figures = erlang_a(rate, 240, agents, 90)
        assert all(isfinite(figure) for figure in figures)
        assert 0 <= figures.service_level <= 1
        assert figures.p_abandon == pytest.approx(figures.mean_wait_s / 90)
    assert erlang_a(600_000, 240, 100, 90).p_abandon == pytest.approx(1 - 100 / 40_000, rel=1e-3)


def test_a_threshold_of_no_time_leaves_those_who_never_wait() -> None:
    figures = erlang_a(360, 240, 20, 90, threshold_s=0)
    assert figures.service_level == pytest.approx(1 - figures.p_wait)


def test_overload_without_patience_is_refused() -> None:
    with pytest.raises(OverloadError, match=r"10\.000 erlangs for 10 agents"):
        erlang_c(150, 240, 10)


def test_wrong_figures_are_refused() -> None:
    with pytest.raises(CountError, match="agents"):
        erlang_a(100, 240, 0, 60)
    with pytest.raises(TimeError, match="patience_s"):
        erlang_a(100, 240, 5, 0)
