"""The one door to the normalisers: a field's kind decides how it is compared."""

from datetime import date

from datasets.language import Language
from grading.normalise import addresses, amounts, choices, counts, dates, names, phone, points, text
from grading.normalise.match import Match
from scenarios.facts import FactKind, RecordField


def compare(field: RecordField, expected: str, found: str, today: date, language: Language) -> Match:  # noqa: PLR0911
    """How well `found` (as typed) fits `expected` (canonical, see `scenarios.facts`). Never raises for any `found`."""
    match field.kind:
        case FactKind.NAME:
            return names.compare(expected, found)
        case FactKind.PHONE:
            return phone.compare(expected, found)
        case FactKind.ADDRESS:
            return addresses.compare(expected, found)
        case FactKind.DATE:
            return dates.compare(expected, found, today, language)
        case FactKind.AMOUNT:
            return amounts.compare(expected, found, language)
        case FactKind.COUNT:
            return counts.compare(expected, found)
        case FactKind.CHOICE:
            return choices.compare(expected, found, field.choices)
        case FactKind.POINTS:
            return points.compare(expected, found)
        case FactKind.TEXT:
            return text.compare(expected, found)


def canonical(field: RecordField, found: str) -> str | None:
    """What was typed, as `scenarios.facts` writes it, for the kinds that others are computed from or shown by."""
    match field.kind:
        case FactKind.CHOICE:
            return choices.code_of(found, field.choices)
        case FactKind.COUNT:
            count = counts.parse(found)
            return str(int(count)) if count is not None and count == int(count) and count >= 0 else None
        case FactKind.AMOUNT:
            amount = amounts.parse(found)
            return str(amount[0]) if amount is not None and amount[0] >= 0 else None
        case _:
            return found or None
