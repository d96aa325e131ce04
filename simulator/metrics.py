"""Figures of a call centre. Each says which variant it is.

The same day is 81 or 86 % depending on whom one asks. Without any call that counts a figure's value is None, never a
made-up 0 or 100 %.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from simulator import checks
from simulator.errors import CountError, RateError


class ServiceLevel(StrEnum):
    """Which calls count as good, and out of which. `in time` is within the threshold, usually 20 s."""

    BOTH_IN_TIME = "answered+abandoned in time"
    """(answered in time + abandoned in time) / (answered + abandoned)"""
    OF_ANSWERED = "of answered"
    """answered in time / answered"""
    ABANDONED_AGAINST = "abandoned count against"
    """answered in time / (answered + abandoned)"""
    ABANDONED_IN_TIME_IGNORED = "abandoned in time ignored"
    """answered in time / (answered + abandoned late)"""
    SHORT_FOR = "short abandons count for"
    """(answered in time + abandoned shortly) / (answered + abandoned)"""


class Contact(NamedTuple):
    """One queued call, times in seconds; hold is part of neither talk nor wrap-up. Call-backs do not belong here."""

    answered: bool
    wait_s: float
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0


@dataclass(frozen=True)
class Figure:
    """One figure: what it is, which variant, its value in `unit` (None: no call counts), of how many calls."""

    name: str
    variant: str
    value: float | None
    unit: str
    of: int


@dataclass(frozen=True)
class Counts:
    """How many calls were answered and abandoned, in all and within the thresholds."""

    answered: int
    abandoned: int
    answered_in_time: int
    abandoned_in_time: int
    abandoned_shortly: int
    threshold_s: float = 20.0
    short_s: float = 6.0

    def __post_init__(self) -> None:
        for name in ("answered", "abandoned", "answered_in_time", "abandoned_in_time", "abandoned_shortly"):
            checks.count(name, getattr(self, name), least=0)
        for part, whole in (
            ("answered_in_time", "answered"),
            ("abandoned_in_time", "abandoned"),
            ("abandoned_shortly", "abandoned"),
        ):
            if getattr(self, part) > getattr(self, whole):
                raise CountError(f"{part} is {getattr(self, part)}; it is at most {whole}, {getattr(self, whole)}")

    @classmethod
    def of(cls, contacts: Iterable[Contact], threshold_s: float = 20.0, short_s: float = 6.0) -> "Counts":
        """Count calls; both thresholds are inclusive."""
        answered = abandoned = in_time = gave_up_in_time = shortly = 0
        for contact in contacts:
            if contact.answered:
                answered += 1
                in_time += contact.wait_s <= threshold_s
            else:
                abandoned += 1
                gave_up_in_time += contact.wait_s <= threshold_s
                shortly += contact.wait_s <= short_s
        return cls(answered, abandoned, in_time, gave_up_in_time, shortly, threshold_s, short_s)


def service_level(counts: Counts, variant: ServiceLevel) -> Figure:
    """The share of calls dealt with in time, in the variant named, as a share of 1."""
    everyone = counts.answered + counts.abandoned
    good, out_of = {
        ServiceLevel.BOTH_IN_TIME: (counts.answered_in_time + counts.abandoned_in_time, everyone),
        ServiceLevel.OF_ANSWERED: (counts.answered_in_time, counts.answered),
        ServiceLevel.ABANDONED_AGAINST: (counts.answered_in_time, everyone),
        ServiceLevel.ABANDONED_IN_TIME_IGNORED: (counts.answered_in_time, everyone - counts.abandoned_in_time),
        ServiceLevel.SHORT_FOR: (counts.answered_in_time + counts.abandoned_shortly, everyone),
    }[variant]
    return _share("service level", f"{variant}, {counts.threshold_s:g} s", good, out_of)


def abandonment(counts: Counts, leave_out_short: bool = False) -> Figure:
    """The share of callers who hung up in the queue; short ones (≤ `short_s`) may be left out above and below."""
    if not leave_out_short:
        return _share("abandoned", "all", counts.abandoned, counts.answered + counts.abandoned)
    late = counts.abandoned - counts.abandoned_shortly
    return _share("abandoned", f"without those up to {counts.short_s:g} s", late, counts.answered + late)


def average_speed_of_answer(contacts: Iterable[Contact]) -> Figure:
    """ASA: the mean wait of answered calls, in seconds."""
    return _mean("ASA", "answered calls", [contact.wait_s for contact in contacts if contact.answered])


def average_handling_time(contacts: Iterable[Contact]) -> Figure:
    """AHT: talk, hold and wrap-up of answered calls, mean, in seconds."""
    handled = [contact.talk_s + contact.hold_s + contact.wrap_s for contact in contacts if contact.answered]
    return _mean("AHT", "talk+hold+wrap-up", handled)


def occupancy(busy_s: float, idle_s: float) -> Figure:
    """The share of their ready time that agents were busy: (talk+hold+wrap-up) / (that + idle)."""
    whole_s = checks.time("busy_s", busy_s) + checks.time("idle_s", idle_s)
    return Figure("occupancy", "talk+hold+wrap-up over that+idle", busy_s / whole_s if whole_s else None, "share", 1)


def adherence(scheduled_s: float, out_s: float) -> Figure:
    """The share of the scheduled time that an agent was where the schedule says."""
    checks.duration("scheduled_s", scheduled_s)
    kept = 1 - checks.time("out_s", out_s) / scheduled_s
    return Figure("adherence", "in schedule over scheduled", kept, "share", 1)


def staff_with_shrinkage(needed: float, shrinkage: float) -> float:
    """How many to employ so that `needed` are there while the share s is away: needed / (1 − s), never × (1 + s)."""
    checks.rate("needed", needed)
    if not 0 <= shrinkage < 1:
        raise RateError(f"shrinkage is {shrinkage}; give a share from 0 to below 1")
    return needed / (1 - shrinkage)


def _share(name: str, variant: str, part: int, whole: int) -> Figure:
    return Figure(name, variant, part / whole if whole else None, "share", whole)


def _mean(name: str, variant: str, values: list[float]) -> Figure:
    return Figure(name, variant, sum(values) / len(values) if values else None, "s", len(values))
