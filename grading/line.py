"""One line of a scorecard, and the words a verdict can be."""

from enum import StrEnum

from pydantic import Field

from scenarios.facts import Frozen, Localised


class Verdict(StrEnum):
    """Five verdicts, never mixed up. Lines of time and rating are `right` (all points) or `wrong` (less)."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"  # told, and not recorded
    NOT_ASKED = "not_asked"  # never told, because nobody asked, and not recorded
    INVENTED = "invented"  # recorded, though never told: a lucky guess earns nothing


class Line(Frozen):
    """What was expected, what was found, and the seconds of the customer's recording that prove it.

    `expected` of a line that was `not_asked` or `invented` is the truth (empty if the question did not apply).
    `reason` is a code of `grading.reasons`, `params` fill its sentence. `told_at` is the second at which the telling
    that counts began, `clip` (from, to) plays it. `points` of `of` were earned. A `consequential` line follows only
    from an earlier mistake: it leaves the denominator. `critical`: anything but right fails the call.
    """

    item: str
    kind: str
    title: Localised
    expected: str
    found: str
    verdict: Verdict
    reason: str
    params: dict[str, str] = Field(default_factory=dict)
    told_at: float | None = None
    clip: tuple[float, float] | None = None
    points: float
    of: float
    consequential: bool = False
    critical: bool = False
