"""What kind of day it is: work, rest, a public holiday, or a weekend day that is worked for a holiday's sake.

Mainland China's days come from the library `holidays`, whose years are the State Council's notices; for a year that has
not been announced yet (the notice comes in November) it knows the holidays by law, and no swapped days.
"""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

import holidays


class DayKind(StrEnum):
    """What a period's `days` may name besides weekdays."""

    WORKDAY = "workday"  # Monday to Friday, if it is no holiday
    WEEKEND = "weekend"  # Saturday and Sunday, if not swapped or part of a holiday
    HOLIDAY = "holiday"
    SWAPPED = "swapped"  # a weekend day on which people work, because a holiday was made longer


Calendar = Callable[[date], DayKind]

_SATURDAY = 5


def plain_week(day: date) -> DayKind:
    """No holidays at all."""
    return DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKDAY


def china(day: date) -> DayKind:
    """Mainland China's public holidays and swapped working days.

    A weekend that runs into a holiday belongs to it, as the notices have it ("from the 1st to the 7th, 7 days").
    """
    kind = _by_law(day)
    if kind is DayKind.WEEKEND and DayKind.HOLIDAY in {_beside(day, -1), _beside(day, 1)}:
        return DayKind.HOLIDAY
    return kind


def _beside(day: date, step: int) -> DayKind:
    """The first day before or after the weekend."""
    while _by_law(day) is DayKind.WEEKEND:
        day += timedelta(days=step)
    return _by_law(day)


def _by_law(day: date) -> DayKind:
    year = _china(day.year)
    if day in year.weekend_workdays:
        return DayKind.SWAPPED
    return DayKind.HOLIDAY if day in year else plain_week(day)


def announced_until() -> int:
    """The last year whose days off and swapped days in China the installed library knows from the notice."""
    return int(max(holidays.country_holidays("CN").special_public_holidays))


@cache
def _china(year: int) -> holidays.HolidayBase:
    # the year before belongs to it: a Sunday in January may be worked for a day off in December
    return holidays.country_holidays("CN", years=(year - 1, year, year + 1), language="en_US", expand=False)


CALENDARS: dict[str, Calendar] = {"none": plain_week, "china": china}
