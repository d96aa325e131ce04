"""Wrong values as people write them: a digit, a neighbour in the list, another flat. Never the right one."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from datasets.people import draw_person
from datasets.products import catalogue
from scenarios.case import Case
from scenarios.facts import (
    FactKind,
    RecordField,
    Told,
    address_elements,
    address_value,
    point_wordings,
    points_value,
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CHARACTERS = "明华丽军敏杰磊静"


def slip(case: Case, field: RecordField, told: Sequence[Told], rng: random.Random) -> tuple[str, str]:
    """A wrong canonical value for a field, and the word for what went wrong. `told`: its tellings, the last one counts.

    Who was told two values keeps the first one; else it depends on the kind.
    """
    final = told[-1].value
    earlier = [one.value for one in told if one.value != final]
    if earlier:
        return earlier[0], "first_told"
    match field.kind:
        case FactKind.PHONE:
            wrong = _other_digit(final, rng.randrange(3, len(final)), rng), "digit"
        case FactKind.NAME:
            wrong = _other_name(final, rng), "name"
        case FactKind.ADDRESS:
            wrong = _other_address(final, rng), "element"
        case FactKind.COUNT:
            wrong = str(int(final) + (rng.choice((-1, 1)) if int(final) > 1 else 1)), "count"
        case FactKind.DATE:
            wrong = (date.fromisoformat(final) - timedelta(days=rng.randint(1, 3))).isoformat(), "date"
        case FactKind.CHOICE:
            wrong = rng.choice([choice.code for choice in field.choices if choice.code != final]), "choice"
        case FactKind.POINTS:
            points = point_wordings(final)
            wrong = points_value(points[:-1] or (("…",),)), "point"
        case _:
            wrong = _other_text(case, final, rng), "text"
    return wrong


def invent(case: Case, field: RecordField, rng: random.Random) -> str:
    """A canonical value for something that was never told: plausible, and made up."""
    stranger = draw_person(rng, case.language)
    match field.kind:
        case FactKind.PHONE:
            made_up = stranger.phone
        case FactKind.NAME:
            made_up = stranger.name
        case FactKind.ADDRESS:
            made_up = address_value({str(key): text for key, text in stranger.address.elements.items()})
        case FactKind.COUNT | FactKind.AMOUNT:
            made_up = str(rng.randint(1, 4))
        case FactKind.DATE:
            made_up = (case.today - timedelta(days=rng.randint(1, 6))).isoformat()
        case FactKind.CHOICE:
            made_up = rng.choice([choice.code for choice in field.choices])
        case FactKind.POINTS:
            made_up = points_value([["没有" if case.language == "zh-CN" else "nothing special"]])
        case _:
            fact = case.truth.fact(field.field)
            made_up = _other_text(case, fact.value if fact else "", rng)
    return made_up


def _other_digit(digits: str, at: int, rng: random.Random) -> str:
    other = rng.choice([digit for digit in "0123456789" if digit != digits[at]])
    return digits[:at] + other + digits[at + 1 :]


def _other_name(name: str, rng: random.Random) -> str:
    """The last character, or a letter inside the last word, is another one."""
    if not name.isascii():
        return name[:-1] + rng.choice([one for one in _CHARACTERS if one != name[-1]])
    at = len(name) - 2
    return name[:at] + rng.choice([letter for letter in _LETTERS if letter != name[at].lower()]) + name[at + 1 :]


def _other_address(value: str, rng: random.Random) -> str:
    """The number of another house, building, unit or flat."""
    elements = address_elements(value)
    numbered = [
        key for key in ("number", "building", "room") if any(char.isdecimal() for char in elements.get(key, ""))
    ]
    key = rng.choice(numbered) if numbered else next(iter(elements))
    old = elements[key]
    places = [at for at, char in enumerate(old) if char.isdecimal()]
    new = _other_digit(old, places[-1], rng) if places else old[::-1]
    return address_value({**elements, key: "1" + new if new.startswith("0") else new})


def _other_text(case: Case, value: str, rng: random.Random) -> str:
    if value.isdecimal():
        return _other_digit(value, rng.randrange(len(value)), rng)
    goods = catalogue(case.language)
    if case.product is not None and value in case.product.variants:
        others = [variant for variant in case.product.variants if variant != value]
    else:
        category = next((one.category for one in goods if one.name == value), "")
        others = [one.name for one in goods if one.category != category]
    return rng.choice(others) if others else "?"
