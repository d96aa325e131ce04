"""Waits: how fast a queue moves, and how people say how long something takes."""

from bisect import bisect_left
from enum import StrEnum

WEIGHT = 0.2
"""Of the newest gap in the mean: the last ten services count for 90 %."""
KNOWN_AFTER = 3
"""So many services make a rate."""
NO_WAIT_S = 1.0
"""Who waited less did not wait for an agent, and so tells nothing of how often one becomes free."""

STEPS_MIN = (2, 3, 4, 5, 10, 15, 20, 25, 30, 45, 60)
"""What "about … minutes" may say; each needs a prompt."""


class ServedRate:
    """The time from one service of a queue to its next while somebody waited: an exponentially weighted mean."""

    def __init__(self) -> None:
        self._gap_s = 0.0
        self._gaps = 0
        self._last_s = float("-inf")

    def served(self, since_s: float, now_s: float) -> None:
        """Somebody who came at `since_s` is served now."""
        if now_s - since_s >= NO_WAIT_S:
            gap_s = now_s - max(self._last_s, since_s)
            self._gaps += 1
            self._gap_s += (gap_s - self._gap_s) * max(WEIGHT, 1 / self._gaps)
        self._last_s = now_s

    @property
    def gap_s(self) -> float | None:
        """None until enough have been served."""
        return self._gap_s if self._gaps >= KNOWN_AFTER else None


class Unit(StrEnum):
    """How a wait is said."""

    LESS_THAN_A_MINUTE = "less_than_a_minute"
    MINUTES = "minutes"  # about so many
    MORE_THAN_AN_HOUR = "more_than_an_hour"


def as_said(wait_s: float) -> tuple[Unit, int]:
    """A wait as people say it: the unit, and the number of minutes (0 with the first unit, 60 with the last).

    Rounded up to the next of `STEPS_MIN`: being served sooner than told annoys nobody. Raises ValueError below 0.
    """
    if not wait_s >= 0:
        raise ValueError(f"a wait of {wait_s} s: expected 0 or more")
    if wait_s < 60:
        return Unit.LESS_THAN_A_MINUTE, 0
    step = bisect_left(STEPS_MIN, wait_s / 60)
    if step == len(STEPS_MIN):
        return Unit.MORE_THAN_AN_HOUR, STEPS_MIN[-1]
    return Unit.MINUTES, STEPS_MIN[step]
