"""Opening hours: which period it is at an instant, what happens to calls then, and when that changes next.

A day has periods by its kind (`workday`, `holiday` …) or its name (`mon`); a named day means that weekday only while it
is neither a holiday nor swapped. Special days of one's own come first and have periods of their own. What no period
covers is the default's. Times are the wall clock's of the site; a period whose end is not after its start goes on past
midnight; there, the next day's own periods come first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lab_server.routing.days import CALENDARS, DayKind
from lab_server.routing.ivr_nodes import Name
from lab_server.routing.target import Target

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayWord = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "weekend", "holiday", "swapped", "every"]
_DAY = 24 * 60
_LOOK_AHEAD = 800
"""Days: a special day may be next year's."""


def _minutes(value: Any) -> Any:
    """`8:30` as minutes since midnight. YAML reads an unquoted 12:30 as 750, which is the same figure."""
    if isinstance(value, str):
        hours, colon, minutes = value.partition(":")
        if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60):
            raise ValueError(f"{value!r} is no time of day: expected hours and minutes such as 08:30, up to 24:00")
        return int(hours) * 60 + int(minutes)
    return value


Clock = Annotated[int, BeforeValidator(_minutes), Field(ge=0, le=_DAY)]
"""Minutes since midnight; 24:00 is the day's end."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Period(_Frozen):
    """What happens to calls in one stretch of the day. `prompt` is said first."""

    name: Name
    then: Target
    prompt: str = ""


class Stretch(Period):
    """A period with its time of day, of the days its table says. `until` not after `start`: on the next day."""

    start: Clock = Field(alias="from")
    until: Clock = Field(alias="to")

    @property
    def end(self) -> int:
        """Minutes since the first day's midnight; above 1440 on the next day."""
        return self.until if self.until > self.start else self.until + _DAY

    def covers(self, minute: float) -> bool:
        return self.start <= minute < self.end


class WeekStretch(Stretch):
    """A stretch of every week."""

    days: tuple[DayWord, ...] = Field(min_length=1)


class SpecialDay(_Frozen):
    """Days of one's own: `like` another kind of day, or with `periods` of their own (none: the default all day)."""

    name: str = Field(min_length=1, max_length=60)
    day: date
    last: date | None = None
    like: DayKind | None = None
    periods: tuple[Stretch, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.like and self.periods:
            raise ValueError("expected either like (another kind of day) or periods of its own")
        if self.last and not self.day <= self.last <= self.day + timedelta(days=366):
            raise ValueError(f"last ({self.last}) must be a day from {self.day} on, within a year")
        _refuse_overlaps(self.periods, self.name)
        return self

    def holds(self, day: date) -> bool:
        return self.day <= day <= (self.last or self.day)


class Hours(_Frozen):
    """Opening hours. `otherwise` is the period of all the time that no other covers. Every instant has exactly one."""

    periods: tuple[WeekStretch, ...] = ()
    special: tuple[SpecialDay, ...] = ()
    holidays: Literal["china", "none"] = "none"
    otherwise: Period

    @model_validator(mode="after")
    def _fits(self) -> Self:
        faults = [*_overlaps(self), *_swapped_forgotten(self), *_special_twice(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def every(self) -> Iterator[Period]:
        """Each period there is."""
        yield from self.periods
        yield from (stretch for special in self.special for stretch in special.periods)
        yield self.otherwise


@dataclass(frozen=True)
class Change:
    """At this instant (UTC) the period becomes another."""

    at: datetime
    period: Period


def period_at(hours: Hours, zone: ZoneInfo, now: datetime) -> Period:
    """The period of an instant. Raises ValueError if `now` has no time zone."""
    local = _aware(now).astimezone(zone)
    minute = local.hour * 60 + local.minute + (local.second + local.microsecond / 1e6) / 60
    today = _stretches(hours, local.date())
    own = next((stretch for stretch in today if stretch.covers(minute)), None)
    if own is None:
        yesterday = _stretches(hours, local.date() - timedelta(days=1))
        own = next((stretch for stretch in yesterday if stretch.covers(minute + _DAY)), None)
    return own or hours.otherwise


def next_change(hours: Hours, zone: ZoneInfo, now: datetime) -> Change | None:
    """When the period becomes another after `now`; None: not for two years."""
    now = _aware(now).astimezone(UTC)
    present = period_at(hours, zone, now)
    first = now.astimezone(zone).date() - timedelta(days=1)
    for days in range(_LOOK_AHEAD):
        for at in _edges(hours, zone, first + timedelta(days=days)):
            if at > now and (period := period_at(hours, zone, at)) != present:
                return Change(at, period)
    return None


def day_kind(hours: Hours, day: date) -> DayKind:
    """What kind of day it is by the hours' calendar and special days that are `like` another."""
    special = _special(hours, day)
    return special.like if special and special.like else CALENDARS[hours.holidays](day)


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError(f"{now} has no time zone: expected an instant")
    return now


def _special(hours: Hours, day: date) -> SpecialDay | None:
    return next((special for special in hours.special if special.holds(day)), None)


def _stretches(hours: Hours, day: date) -> tuple[Stretch, ...]:
    """The periods that begin on this day."""
    special = _special(hours, day)
    if special and not special.like:
        return special.periods
    return _of_kind(hours, day_kind(hours, day), None if special else day.weekday())


def _of_kind(hours: Hours, kind: DayKind, weekday: int | None) -> tuple[Stretch, ...]:
    named = {kind.value, "every"}
    if weekday is not None and kind in {DayKind.WORKDAY, DayKind.WEEKEND}:
        named.add(WEEKDAYS[weekday])
    if kind is DayKind.SWAPPED and not any("swapped" in stretch.days for stretch in hours.periods):
        named.add(DayKind.WORKDAY.value)  # who says nothing of swapped days works on them as on any other
    return tuple(stretch for stretch in hours.periods if named & set(stretch.days))


def _edges(hours: Hours, zone: ZoneInfo, day: date) -> list[datetime]:
    """The instants of this day (UTC) at which the period may become another, in order."""
    today, before = _stretches(hours, day), _stretches(hours, day - timedelta(days=1))
    minutes = {0} | {minute for stretch in today for minute in (stretch.start, stretch.end) if minute <= _DAY}
    minutes |= {stretch.end - _DAY for stretch in before if stretch.end > _DAY}
    edges = set()
    for minute in minutes:
        wall = datetime.combine(day + timedelta(days=minute // _DAY), time(minute % _DAY // 60, minute % 60))
        # an hour that comes twice, in autumn, has each edge twice
        edges |= {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(edges | set(_clock_changes(zone, day)))


def _clock_changes(zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The instant at which the site's clocks are put forward or back on this day."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    before = start.astimezone(zone).utcoffset()
    if before == end.astimezone(zone).utcoffset():
        return
    while end - start > timedelta(seconds=1):
        middle = start + (end - start) / 2
        start, end = (middle, end) if middle.astimezone(zone).utcoffset() == before else (start, middle)
    yield end.replace(microsecond=0)


# -- what is refused --------------------------------------------------------------------------------------------------


def _refuse_overlaps(stretches: tuple[Stretch, ...], where: str) -> None:
    for one, other in pairwise(sorted(stretches, key=lambda stretch: stretch.start)):
        if one.end > other.start:
            raise ValueError(
                f"{where}: {one.name} ({_written(one)}) and {other.name} ({_written(other)}) overlap: "
                "expected one to end before the other begins"
            )


def _written(stretch: Stretch) -> str:
    return f"{stretch.start // 60:02}:{stretch.start % 60:02} to {stretch.until // 60:02}:{stretch.until % 60:02}"


def _overlaps(hours: Hours) -> Iterator[str]:
    """Overlaps within each kind of day, and of a night with the morning after in an ordinary week."""
    week = [_of_kind(hours, DayKind.WORKDAY if day < 5 else DayKind.WEEKEND, day) for day in range(7)]
    days = [*zip(WEEKDAYS, week, strict=True)]
    days += [(kind.value, _of_kind(hours, kind, None)) for kind in (DayKind.HOLIDAY, DayKind.SWAPPED)]
    told = set()
    for name, stretches in days:
        try:
            _refuse_overlaps(stretches, name)
        except ValueError as error:
            fault = str(error)
            if fault.partition(": ")[2] not in told:
                told.add(fault.partition(": ")[2])
                yield fault
    for today, (name, tomorrow) in zip(week, days[1:7] + days[:1], strict=True):
        for late in today:
            for early in tomorrow:
                if late.end - _DAY > early.start:
                    yield (
                        f"{late.name} goes on past midnight into {name}, until {late.until // 60:02}:"
                        f"{late.until % 60:02}, where {early.name} has already begun"
                    )


def _swapped_forgotten(hours: Hours) -> Iterator[str]:
    """Whoever names weekdays only would be closed on a Saturday that all China works."""
    words = {word for stretch in hours.periods for word in stretch.days}
    if hours.holidays == "china" and words & set(WEEKDAYS) and not words & {"workday", "swapped", "every"}:
        yield "the periods name weekdays only: say with workday or swapped what holds on weekend days that are worked"


def _special_twice(hours: Hours) -> Iterator[str]:
    for one, other in pairwise(sorted(hours.special, key=lambda special: special.day)):
        if other.day <= (one.last or one.day):
            yield f"the special days {one.name!r} and {other.name!r} overlap on {other.day}"
