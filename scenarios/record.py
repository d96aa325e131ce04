"""What ends up in the desk's form, and the mistakes that were made on purpose on the way."""

from typing import Literal, cast

from datasets.addresses import Element, one_line
from scenarios.facts import FactKind, Form, Frozen, address_elements, point_wordings

Verdict = Literal["right", "wrong", "missing", "not_asked", "invented"]


class Mistake(Frozen):
    """A field that is not recorded as it should be, and the verdict a fair grading must come to.

    `consequential`: it only follows from another mistake (a total after a wrong quantity).
    `reason` is a word: `digit`, `first_told`, `element`, `empty`, `point`, `count`, `choice`, `date`, `text`,
    `never_told`, `guessed`, `follows`.
    """

    field: str
    verdict_expected: Verdict
    reason: str = ""
    consequential: bool = False


class Recorded(Frozen):
    """A filled-in form: `values` as a person types them (field → text); an empty field is not in it.

    `mistakes`: every field that is not right, and no other.
    """

    form: Form
    values: dict[str, str]
    mistakes: tuple[Mistake, ...] = ()


def as_written(kind: FactKind, value: str) -> str:
    """How a faultless typist writes a canonical value: an address in one line, an amount with two decimals."""
    match kind:
        case FactKind.ADDRESS:
            elements = cast(dict[Element, str], address_elements(value))
            return one_line("zh-CN" if "district" in elements else "en", elements)
        case FactKind.AMOUNT:
            return f"{int(value) // 100}.{int(value) % 100:02d}"
        case FactKind.POINTS:
            return "; ".join(point[0] for point in point_wordings(value))
        case _:
            return value
