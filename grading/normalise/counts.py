"""Counts: `3`, `三台`, `three pcs`, `两个`, `a dozen`."""

import re
from decimal import Decimal

from grading.normalise.match import Match, same_if, unreadable
from grading.normalise.numerals import find_numbers
from grading.normalise.text import fold

_WORDS = (
    (re.compile(r"半打|\bhalf a dozen\b"), Decimal(6)),
    (re.compile(r"[一1]打|\b(?:a|one|1) dozen\b|^dozen$"), Decimal(12)),
    (re.compile(r"[一1][双对]|\ba (?:couple|pair)\b"), Decimal(2)),
)
_WORDS_ALONE = (
    (re.compile(r"\b(?:none|no|nil)\b|^[没无]"), Decimal(0)),
    (re.compile(r"^(?:an?|single|once)\b|^单"), Decimal(1)),
    (re.compile(r"\btwice\b"), Decimal(2)),
)
_REMARK = re.compile(r"[(\[].*?[)\]]")


def parse(text: str) -> Decimal | None:
    """The one number of a text; None if there is none, or if there are several that differ."""
    folded = fold(text)
    remarked = _REMARK.sub("", folded).strip() or folded
    for pattern, value in _WORDS:
        if pattern.search(remarked):
            return value
    numbers = set(find_numbers(remarked))
    if numbers:
        return numbers.pop() if len(numbers) == 1 else None
    return next((value for pattern, value in _WORDS_ALONE if pattern.search(remarked)), None)


def compare(expected: str, found: str) -> Match:
    """Equal numbers; what unit is written beside them does not count."""
    written = parse(found)
    return unreadable(found) if written is None else same_if(parse(expected) == written)
