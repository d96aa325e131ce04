"""Which period it is: holidays, swapped days, lunch, past midnight, clocks that are changed, days of one's own."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from lab_server.routing.days import DayKind, announced_until, china, plain_week
from lab_server.routing.hours import Hours, day_kind, next_change, period_at

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def stretch(name: str, start: str, until: str, *days: str) -> dict[str, Any]:
    return {"name": name, "from": start, "to": until, "then": f"menu:{name}"} | ({"days": days} if days else {})


def hours(*periods: dict[str, Any], **more: Any) -> Hours:
    return Hours.model_validate(
        {"periods": periods, "otherwise": {"name": "night", "then": "mailbox:main"}, "holidays": "china", **more}
    )


OFFICE = (
    stretch("morning", "08:30", "12:00", "workday"),
    stretch("lunch", "12:00", "13:30", "workday"),
    stretch("afternoon", "13:30", "17:30", "workday"),
    stretch("holiday", "00:00", "24:00", "holiday"),
)


def name_at(table: Hours, at: str, zone: ZoneInfo = SHANGHAI) -> str:
    return period_at(table, zone, datetime.fromisoformat(at).replace(tzinfo=zone)).name


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-11-23T08:29:59.999", "night"),
        ("2026-11-23T08:30", "morning"),
        ("2026-11-23T11:59:59.999", "morning"),
        ("2026-11-23T12:00", "lunch"),
        ("2026-11-23T13:30", "afternoon"),
        ("2026-11-23T17:30", "night"),
        ("2026-11-22T10:00", "night"),  # a Sunday
        ("2026-10-01T10:00", "holiday"),
        ("2026-10-10T10:00", "morning"),  # a Saturday that is worked for the National Day's week
        ("2026-09-20T12:30", "lunch"),  # a Sunday, likewise
        ("2026-02-16T10:00", "holiday"),  # the eve of Spring Festival
    ],
)
def test_a_chinese_office(at: str, name: str) -> None:
    assert name_at(hours(*OFFICE), at) == name


def test_an_instant_is_what_counts_not_the_zone_it_is_written_in() -> None:
    assert period_at(hours(*OFFICE), SHANGHAI, datetime(2026, 11, 23, 4, 30, tzinfo=UTC)).name == "lunch"
    with pytest.raises(ValueError, match="has no time zone"):
        period_at(hours(*OFFICE), SHANGHAI, datetime(2026, 11, 23, 4, 30))  # noqa: DTZ001 - that is the point


def test_a_night_goes_on_past_midnight_until_the_morning_says_otherwise() -> None:
    table = hours(stretch("late", "22:00", "06:00", "fri"), stretch("early", "05:00", "07:00", "holiday"),
                  stretch("day", "09:00", "10:00", "workday"))  # fmt: skip
    assert name_at(table, "2026-11-27T23:00") == "late"
    assert name_at(table, "2026-11-28T05:59") == "late"
    assert name_at(table, "2026-11-28T06:00") == "night"
    assert name_at(table, "2026-06-18T23:00") == "night"  # a Thursday
    assert name_at(table, "2026-01-02T23:00") == "night"  # a Friday, but a holiday
    assert name_at(table, "2026-01-03T05:30") == "early"


def test_days_of_ones_own_come_first() -> None:
    table = hours(
        *OFFICE,
        special=[
            {"name": "fair", "day": "2026-09-05", "last": "2026-09-06", "periods": [stretch("fair", "07:00", "21:00")]},
            {"name": "founders", "day": "2026-11-27", "like": "holiday"},
            {"name": "closed", "day": "2026-11-30"},
        ],
    )  # fmt: skip
    assert name_at(table, "2026-09-06T20:00") == "fair"
    assert name_at(table, "2026-11-27T10:00") == "holiday"
    assert name_at(table, "2026-11-30T10:00") == "night"
    assert day_kind(table, date(2026, 11, 27)) is DayKind.HOLIDAY


def test_the_next_change() -> None:
    table = hours(*OFFICE)
    change = next_change(table, SHANGHAI, datetime(2026, 9, 30, 18, 0, tzinfo=SHANGHAI))
    assert change is not None
    assert (change.at, change.period.name) == (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "holiday")
    assert next_change(hours(), SHANGHAI, datetime(2026, 9, 30, tzinfo=UTC)) is None


def test_the_next_change_is_the_next_also_when_a_night_is_interrupted() -> None:
    table = hours(stretch("long", "20:00", "10:00", "holiday"), stretch("call", "00:00", "00:15", "mon"),
                  stretch("worked", "12:00", "13:00", "swapped"))  # fmt: skip
    now = datetime(2027, 1, 3, 21, 0, tzinfo=SHANGHAI)  # a Sunday that belongs to New Year's Day
    seen = []
    while len(seen) < 3:
        change = next_change(table, SHANGHAI, now)
        assert change is not None
        now = change.at
        seen.append((now.astimezone(SHANGHAI).strftime("%H:%M"), change.period.name))
    assert seen == [("00:00", "call"), ("00:15", "long"), ("10:00", "night")]


def test_when_the_clocks_are_changed() -> None:
    table = hours(stretch("one", "01:00", "02:30", "every"), stretch("two", "02:30", "04:00", "every"), holidays="none")
    spring = next_change(table, BERLIN, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # 1:30, and at 2:00 it is 3:00
    assert spring is not None
    assert (spring.at, spring.period.name) == (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "two")
    autumn = next_change(table, BERLIN, datetime(2026, 10, 25, 0, 45, tzinfo=UTC))  # 2:45, and at 3:00 it is 2:00
    assert autumn is not None
    assert (autumn.at, autumn.period.name) == (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "one")


@pytest.mark.parametrize(
    ("periods", "more", "reason"),
    [
        ((stretch("a", "08:00", "12:00", "workday"), stretch("b", "11:00", "13:00", "mon")), {}, "mon: a .* overlap"),
        ((stretch("a", "08:00", "12:00", "swapped"), stretch("b", "11:00", "13:00", "every")), {}, "swapped: a"),
        ((stretch("a", "22:00", "06:00", "every"),
          stretch("b", "05:00", "07:00", "tue"), stretch("c", "09:00", "10:00", "workday")), {},
         "a goes on past midnight into tue, until 06:00, where b has already begun"),
        ((stretch("a", "08:00", "12:00", "mon"),), {}, "say with workday or swapped"),
        ((stretch("a", "8", "12:00", "every"),), {}, "'8' is no time of day"),
        ((stretch("a", "08:00", "25:00", "every"),), {}, "less than or equal to 1440"),
        ((stretch("a", "08:75", "09:00", "every"),), {}, "no time of day"),
        ((stretch("a", "08:00", "09:00", "funday"),), {}, "Input should be 'mon'"),
        ((), {"special": [{"name": "x", "day": "2026-01-02", "last": "2026-01-01"}]}, "must be a day from"),
        ((), {"special": [{"name": "x", "day": "2026-01-01", "last": "2026-01-05"},
                          {"name": "y", "day": "2026-01-05"}]}, "'x' and 'y' overlap on 2026-01-05"),
        ((), {"special": [{"name": "x", "day": "2026-01-02", "like": "holiday",
                           "periods": [stretch("p", "08:00", "09:00")]}]}, "expected either like"),
    ],
)  # fmt: skip
def test_what_is_refused(periods: tuple[dict[str, Any], ...], more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        hours(*periods, **more)


def test_yaml_reads_a_bare_half_past_twelve_as_seconds_which_is_the_same() -> None:
    table = hours({"name": "lunch", "from": 750, "to": "13:30", "then": "hangup", "days": ["every"]})
    assert name_at(table, "2026-11-23T12:30") == "lunch"


def test_chinese_days() -> None:
    assert [china(date(2026, 10, day)) for day in (1, 4, 8, 10, 11)] == [
        DayKind.HOLIDAY, DayKind.HOLIDAY, DayKind.WORKDAY, DayKind.SWAPPED, DayKind.WEEKEND,
    ]  # fmt: skip
    assert plain_week(date(2026, 10, 1)) is DayKind.WORKDAY
    # a year that is not announced yet has its holidays by law
    assert china(date(announced_until() + 1, 10, 1)) is DayKind.HOLIDAY
    assert announced_until() >= 2026
