"""The figures of a call centre, each in the variants people mean, against worked examples."""

import pytest

from simulator.errors import CountError, RateError
from simulator.metrics import (
    Contact,
    Counts,
    ServiceLevel,
    abandonment,
    adherence,
    average_handling_time,
    average_speed_of_answer,
    occupancy,
    service_level,
    staff_with_shrinkage,
)

DAY = Counts(answered=1000, abandoned=60, answered_in_time=860, abandoned_in_time=20, abandoned_shortly=10, short_s=5)


@pytest.mark.parametrize(
    ("variant", "percent"),
    [
        (ServiceLevel.BOTH_IN_TIME, 83.02),
        (ServiceLevel.OF_ANSWERED, 86.00),
        (ServiceLevel.ABANDONED_AGAINST, 81.13),
        (ServiceLevel.ABANDONED_IN_TIME_IGNORED, 82.69),
        (ServiceLevel.SHORT_FOR, 82.08),
    ],
)
def test_service_level_in_all_its_variants(variant: ServiceLevel, percent: float) -> None:
    figure = service_level(DAY, variant)
    assert figure.value is not None
    assert round(figure.value * 100, 2) == percent
    assert str(variant) in figure.variant


@pytest.mark.parametrize(
    ("variant", "percent"),
    [
        (ServiceLevel.ABANDONED_IN_TIME_IGNORED, 77.78),
        (ServiceLevel.ABANDONED_AGAINST, 70.00),
        (ServiceLevel.BOTH_IN_TIME, 80.00),
    ],
)
def test_service_level_as_icm_counts_it(variant: ServiceLevel, percent: float) -> None:
    figure = service_level(Counts(90, 10, 70, 10, 0), variant)
    assert figure.value is not None
    assert round(figure.value * 100, 2) == percent


def test_counting_calls_includes_both_thresholds() -> None:
    contacts = [
        Contact(True, 20.0),
        Contact(True, 20.1),
        Contact(False, 6.0),
        Contact(False, 6.1),
        Contact(False, 30.0),
    ]
    assert Counts.of(contacts) == Counts(2, 3, 1, 2, 1)


def test_asa_and_aht_are_of_answered_calls_only() -> None:
    contacts = [Contact(True, 10, 100, 20, 30), Contact(True, 20, 200), Contact(False, 600)]
    assert average_speed_of_answer(contacts).value == 15
    assert average_handling_time(contacts).value == 175
    assert average_handling_time(contacts).of == 2


def test_abandonment_with_and_without_short_ones() -> None:
    assert abandonment(DAY).value == pytest.approx(60 / 1060)
    assert abandonment(DAY, leave_out_short=True).value == pytest.approx(50 / 1050)


def test_occupancy_adherence_and_shrinkage() -> None:
    assert occupancy(45, 15).value == 0.75
    kept = adherence(480, 25).value
    assert kept is not None
    assert round(kept * 100, 2) == 94.79
    assert staff_with_shrinkage(70, 0.3) == pytest.approx(100)


def test_without_calls_there_is_no_figure() -> None:
    none = Counts.of([])
    assert all(service_level(none, variant).value is None for variant in ServiceLevel)
    assert abandonment(none).value is None
    assert average_speed_of_answer([]).value is None
    assert occupancy(0, 0).value is None


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(CountError, match="answered is -1"):
        Counts(-1, 0, 0, 0, 0)
    with pytest.raises(CountError, match="at most"):
        Counts(10, 0, 11, 0, 0)
    with pytest.raises(RateError, match="shrinkage"):
        staff_with_shrinkage(10, 1.0)
