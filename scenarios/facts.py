"""The facts of a case: what a caller knows, what it told and when, and where the desk is to record it.

Values are strings in one canonical form per kind, so that they travel in messages and rows and compare exactly:

=========  ==================================================================================================
text       as it is written (an order number, a product's name)
name       the full name, 张伟 or Mary Jones
phone      digits only
address    JSON object of elements, widest first: {"province": "浙江省", "city": "杭州市", ...}
date       ISO date, absolute, though the caller may have said "last Wednesday"
amount     integer minor units (分, pence): "39900"
count      an integer: "2"
choice     the code of one of the field's choices
points     JSON list of points; a point is the list of wordings that all count: [["不制冷", "不冷"], ["噪音大"]]
=========  ==================================================================================================
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.language import Language

Form = Literal["ticket", "order", "survey"]
Localised = dict[Language, str]


class Frozen(BaseModel):
    """Data that is passed between processes and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FactKind(StrEnum):
    """How a fact is compared; see the table above."""

    TEXT = "text"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    DATE = "date"
    AMOUNT = "amount"
    COUNT = "count"
    CHOICE = "choice"
    POINTS = "points"


class Fact(Frozen):
    """One fact in its final form. `first` is what the caller says before it changes its mind (empty: it does not).

    `derived_from`: the keys it is computed from; such a fact is never told in words.
    """

    key: str
    kind: FactKind
    value: str
    spoken: str
    first: str = ""
    first_spoken: str = ""
    derived_from: tuple[str, ...] = ()


class Told(Frozen):
    """One telling of one fact: line `line` was spoken from `began_s` to `ended_s` of the customer's own recording."""

    key: str
    value: str
    line: str
    began_s: float
    ended_s: float


class Condition(Frozen):
    """Holds if fact `fact` has one of the values `among`; or, with `changed`, if the caller changes its mind on it."""

    fact: str
    among: tuple[str, ...] = ()
    changed: bool = False


class Choice(Frozen):
    """One answer of a choice field: what is stored and what is shown."""

    code: str
    title: Localised


class RecordField(Frozen):
    """One field of the desk's form `form`, and the fact (`key`, the same word as the field) that belongs in it.

    `depends_on`: fields whose mistake makes this one's a mere consequence (a total after a wrong quantity, a hidden
    question after a wrong answer). `shown_if`: the page asks this only when the condition holds for what was recorded.
    """

    form: Form
    field: str
    kind: FactKind
    title: Localised
    required: bool = True
    depends_on: tuple[str, ...] = ()
    shown_if: Condition | None = None
    choices: tuple[Choice, ...] = ()
    computed_from: tuple[str, ...] = ()


class Truth(Frozen):
    """What a faultless record of the call holds, and the fields it goes to.

    `given` is what the desk knows without asking (a unit price): a total is the product of its `computed_from`.
    A field without a fact does not apply to this case (a hidden question): anything recorded there is invented.
    """

    form: Form
    fields: tuple[RecordField, ...]
    facts: tuple[Fact, ...]
    given: dict[str, str] = {}

    def fact(self, key: str) -> Fact | None:
        """The fact of that key, or None where it does not apply."""
        return next((fact for fact in self.facts if fact.key == key), None)

    def field(self, name: str) -> RecordField:
        """The field of that name; KeyError if the form has none."""
        for field in self.fields:
            if field.field == name:
                return field
        raise KeyError(name)


def last_told(told: Iterable[Told]) -> dict[str, Told]:
    """The telling that counts of each fact told: the last one."""
    return {one.key: one for one in sorted(told, key=lambda one: (one.began_s, one.ended_s))}


def first_told(told: Iterable[Told]) -> dict[str, Told]:
    """The first telling of each fact told."""
    return {one.key: one for one in sorted(told, key=lambda one: (-one.began_s, -one.ended_s))}


def expected_values(truth: Truth, told: Iterable[Told]) -> dict[str, Told]:
    """What can be expected of each field after these tellings: the last told, and what follows from it.

    A computed field is expected once all it depends on was told; its second is that of the last telling of them.
    """
    last = last_told(told)
    expected: dict[str, Told] = {}
    for field in truth.fields:
        name = field.field
        if field.computed_from:
            computed = _computed(field, truth, last)
            if computed is not None:
                expected[name] = computed
        elif name in last:
            expected[name] = last[name]
    return expected


def _computed(field: RecordField, truth: Truth, last: Mapping[str, Told]) -> Told | None:
    values = {**truth.given, **{key: one.value for key, one in last.items()}}
    value = computed_value(field, values)
    sources = [last[key] for key in field.depends_on if key in last]
    if value is None or len(sources) < len(field.depends_on):
        return None
    latest = max(sources, key=lambda one: one.ended_s)
    return latest.model_copy(update={"key": field.field, "value": value})


def computed_value(field: RecordField, values: Mapping[str, str]) -> str | None:
    """The product of the field's sources, an integer as text; None if one of them is missing or is no number."""
    result = 1
    for key in field.computed_from:
        value = values.get(key, "")
        if not value.isdecimal():
            return None
        result *= int(value)
    return str(result)


def address_value(elements: Mapping[str, str]) -> str:
    """The canonical value of an address: its elements, in their own order."""
    return json.dumps(dict(elements), ensure_ascii=False)


def address_elements(value: str) -> dict[str, str]:
    """The elements of a canonical address; ValueError if it is none."""
    elements = json.loads(value)
    if not isinstance(elements, dict):
        raise ValueError("an address is a JSON object of elements")  # noqa: TRY004 (the text is wrong, not its type)
    return {str(key): str(element) for key, element in elements.items()}


def points_value(points: Sequence[Sequence[str]]) -> str:
    """The canonical value of free text that is graded by its points."""
    return json.dumps([list(point) for point in points], ensure_ascii=False)


def point_wordings(value: str) -> tuple[tuple[str, ...], ...]:
    """The points of a canonical value, each with the wordings that count; ValueError if it is none."""
    points = json.loads(value)
    if not isinstance(points, list):
        raise ValueError("points are a JSON list of wordings")  # noqa: TRY004 (the text is wrong, not its type)
    return tuple(tuple(str(wording) for wording in point) for point in points)
