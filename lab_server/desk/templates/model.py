"""A form's template. Scenarios' forms are the same thing, made by `of_case`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from datasets.language import Language
from scenarios.facts import Choice, FactKind, Form, Frozen, Localised

MOST_FIELDS = 80
_KEY = r"^[a-z][a-z0-9_]{0,39}$"


class FieldKind(StrEnum):
    """What is typed into a field, and by which means."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NAME = "name"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    YES_NO = "yes_no"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    CUSTOMER = "customer"  # the id of one, picked from a search
    PRODUCT = "product"  # the SKU of one, picked from the catalogue


CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE})


class Rule(Frozen):
    """Something that is so of an earlier answer. An answer that is hidden, or not there, is no value."""

    field: str
    op: Literal["among", "not_among", "filled", "empty", "at_least", "at_most"] = "among"
    values: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if (self.op in {"filled", "empty"}) == bool(self.values):
            raise ValueError(f"a rule '{self.op}' has {'no' if self.values else 'at least one of'} values")
        return self


class Jump(Frozen):
    """If the answer is one of `among` (empty: whatever it is), go on at field `to`; empty: at the end of the form."""

    among: tuple[str, ...] = ()
    to: str = ""


class Graded(Frozen):
    """How grading reads the field, where it differs from what its kind says."""

    kind: FactKind
    depends_on: tuple[str, ...] = ()
    computed_from: tuple[str, ...] = ()


class TemplateField(Frozen):
    """One question. `lesson`: the first lesson it is asked in. `low`, `high`: limits of a number or amount."""

    key: str = Field(pattern=_KEY)
    kind: FieldKind
    title: Localised
    help: Localised = Field(default_factory=dict)
    required: bool = False
    choices: tuple[Choice, ...] = ()
    shown_if: tuple[Rule, ...] = ()
    jumps: tuple[Jump, ...] = ()
    lesson: int = Field(default=1, ge=1, le=99)
    longest: int = Field(default=2000, ge=1, le=2000)
    low: float | None = None
    high: float | None = None
    graded: Graded | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if bool(self.choices) != (self.kind in CHOOSING):
            raise ValueError(f"{self.key}: choices belong to choice and multi_choice, and only there")
        codes = [choice.code for choice in self.choices]
        if len(set(codes)) < len(codes) or any(not code or "," in code or len(code) > 64 for code in codes):
            raise ValueError(f"{self.key}: each choice needs its own code of at most 64 characters without a comma")
        if not any(text.strip() for text in self.title.values()):
            raise ValueError(f"{self.key}: a question needs a title")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.key}: low ({self.low:g}) is above high ({self.high:g})")
        return self

    def landing(self, nearest: Mapping[str, str]) -> "TemplateField":
        """The same field, whose jumps go to what is `nearest` to their targets."""
        jumps = tuple(jump.model_copy(update={"to": nearest.get(jump.to, "")}) for jump in self.jumps)
        return self.model_copy(update={"jumps": jumps})


class Template(Frozen):
    """An acceptance type and its fields in order. `queues` empty: for all of them."""

    key: str = Field(pattern=_KEY)
    form: Form
    title: Localised
    queues: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ("zh-CN", "en")
    fields: tuple[TemplateField, ...] = Field(min_length=1, max_length=MOST_FIELDS)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        places = {field.key: place for place, field in enumerate(self.fields)}
        if len(places) < len(self.fields):
            raise ValueError("each field needs a key of its own")
        for place, field in enumerate(self.fields):
            self._check_rules(place, field, places)
            for jump in field.jumps:
                if jump.to and places.get(jump.to, -1) <= place:
                    raise ValueError(f"{field.key}: jumps to {jump.to!r}, which does not come after it")
        return self

    def _check_rules(self, place: int, field: TemplateField, places: dict[str, int]) -> None:
        for rule in field.shown_if:
            if not 0 <= places.get(rule.field, -1) < place:
                raise ValueError(f"{field.key}: is shown by {rule.field!r}, which does not come before it")
            if self.fields[places[rule.field]].lesson > field.lesson:
                raise ValueError(f"{field.key}: is asked in an earlier lesson than {rule.field!r}, on which it hangs")

    def field(self, key: str) -> TemplateField | None:
        """The field of that key."""
        return next((field for field in self.fields if field.key == key), None)

    def at(self, lesson: int | None) -> "Template":
        """The form as lesson `lesson` has it: without what is asked later; a jump there goes to the next that is."""
        if lesson is None or all(field.lesson <= lesson for field in self.fields):
            return self
        following, nearest = "", {}
        for field in reversed(self.fields):
            following = field.key if field.lesson <= lesson else following
            nearest[field.key] = following
        kept = tuple(field.landing(nearest) for field in self.fields if field.lesson <= lesson)
        if not kept:
            kept = self.fields[:1]
        return self.model_copy(update={"fields": kept})
