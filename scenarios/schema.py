"""A scenario as its author writes it: one YAML file, every text in each of its languages.

What only one part can see (a band that goes down) is checked here; what joins parts together (a line that tells a fact
nobody defined) in `scenarios.checks`, so that an author gets all problems of a file at once.
"""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from datasets.language import Language
from scenarios.facts import Choice, Condition, FactKind, Form, Frozen, Localised
from scenarios.rubric import Rubric

Identifier = str
Manner = Literal["polite", "impatient"]
MANNERS: tuple[Manner, ...] = ("polite", "impatient")
Source = Literal[
    "person.name",
    "person.phone",
    "person.address",
    "order.number",
    "order.tail",
    "order.product",
    "product.name",
    "product.variant",
    "product.price",
    "options",
    "range",
    "days_ago",
    "product_of",
]
_ID = r"^[a-z][a-z0-9_]{0,39}$"


class Spread(Frozen):
    """A range to draw from, both ends included."""

    low: float
    high: float

    @model_validator(mode="after")
    def _goes_upwards(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) is above high ({self.high:g})")
        return self


class Option(Frozen):
    """One of the values a fact may take. `points` (wordings that count, per point) belong to kind `points` only."""

    value: str = ""
    points: dict[Language, tuple[tuple[str, ...], ...]] = Field(default_factory=dict)
    spoken: Localised
    weight: float = Field(default=1, gt=0)


class Draw(Frozen):
    """Where a fact's value comes from. `changes`: how likely the caller first says another value (options, range)."""

    source: Source = Field(alias="from")
    options: tuple[Option, ...] = ()
    low: int = 0
    high: int = 0
    of: tuple[str, ...] = ()
    changes: float = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if (self.source == "options") != bool(self.options):
            raise ValueError("options belong to 'from: options', and only there")
        if (self.source == "product_of") != bool(self.of):
            raise ValueError("'of' belongs to 'from: product_of', and only there")
        if self.source in ("range", "days_ago") and not 0 <= self.low <= self.high:
            raise ValueError(f"'from: {self.source}' needs 0 <= low <= high, not {self.low} to {self.high}")
        room = len(self.options) if self.source == "options" else self.high - self.low + 1
        if self.changes and (self.source not in ("options", "range") or room < 2):
            raise ValueError("a caller can only change its mind between several options or numbers")
        return self


class FactSpec(Frozen):
    """One fact and the field of the form it is recorded in, which has the same name.

    `given`: the desk knows it without asking (a unit price), so it is neither told nor recorded.
    `shown_if`: the question is asked only when the condition holds; else the fact does not exist in the case.
    """

    key: Identifier = Field(pattern=_ID)
    kind: FactKind
    title: Localised
    draw: Draw
    required: bool = True
    given: bool = False
    choices: tuple[Choice, ...] = ()
    depends_on: tuple[str, ...] = ()
    shown_if: Condition | None = None


class LineRole(StrEnum):
    """When the caller says a line."""

    PICKUP = "pickup"  # a customer who is phoned answers
    OPENING = "opening"  # why it rings; for one who is phoned: what it says to the greeting
    ANSWER = "answer"  # to an intent of the agent's
    ADDITION = "addition"  # right after the line it `follows`, as when it changes its mind
    WAITING = "waiting"  # nobody says anything
    HELD = "held"  # back from being put on hold
    PUZZLED = "puzzled"  # the agent was understood, but there is nothing to tell
    ACKNOWLEDGE = "acknowledge"  # the agent said something that asks nothing
    GOODBYE = "goodbye"
    LEAVING = "leaving"  # patience is at an end


class Line(Frozen):
    """One line of the caller's. `{key}` stands for a fact's spoken form, `{key.first}` for what it says at first.

    `says`: one text for all, or one for each manner. `again`: shorter, when it is asked once more.
    """

    id: Identifier = Field(pattern=_ID)
    role: LineRole
    says: dict[Language, str | dict[Manner, str]]
    again: Localised = Field(default_factory=dict)
    tells: tuple[str, ...] = ()
    tells_first: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    follows: str = ""
    when: Condition | None = None

    def text(self, language: Language, manner: Manner) -> str:
        """The line as one of that manner says it; KeyError if it is not written."""
        says = self.says[language]
        return says if isinstance(says, str) else says[manner]


class AgentLine(Frozen):
    """What an agent says: `curt` is how a rude one puts it. `when`: the page shows this question only then."""

    intent: Identifier = Field(pattern=_ID)
    says: Localised
    curt: Localised = Field(default_factory=dict)
    when: Condition | None = None


class AgentScript(Frozen):
    """The talk script of the scenario: the asks in their order, between greeting and close."""

    greet: AgentLine
    asks: tuple[AgentLine, ...] = Field(min_length=1)
    close: AgentLine

    @property
    def lines(self) -> tuple[AgentLine, ...]:
        """All of them, in order."""
        return (self.greet, *self.asks, self.close)


class PersonaSpec(Frozen):
    """Who may ring. `tempers`: weights; `patience_s`: in the queue; `hold_patience_s`: silence or hold in a call.

    `speech_rate`: 1 is the voice's own pace. `rings_again`: how likely a caller who gave up tries once more,
    `again_after_s` later.
    """

    age: Spread
    tempers: dict[Literal["calm", "impatient", "angry"], float] = Field(min_length=1)
    patience_s: Spread
    hold_patience_s: Spread = Spread(low=20, high=40)
    speech_rate: Spread = Spread(low=1, high=1)
    rings_again: float = Field(default=0.5, ge=0, le=1)
    again_after_s: Spread = Spread(low=5, high=15)

    @model_validator(mode="after")
    def _can_be_spoken(self) -> Self:
        if not 0.5 <= self.speech_rate.low <= self.speech_rate.high <= 2:
            raise ValueError("speech_rate is from 0.5 (half as fast) to 2 (twice as fast)")
        return self


class Scenario(Frozen):
    """What a call is about: who rings, what it knows and says, what is to be recorded, how it is graded.

    `not_categories`: categories of articles that make no sense here (nobody has rice repaired).
    """

    id: Identifier = Field(pattern=_ID)
    version: int = Field(ge=1)
    title: Localised
    direction: Literal["in", "out"]
    queue: Identifier = Field(pattern=_ID)
    form: Form
    languages: tuple[Language, ...] = Field(min_length=1)
    not_categories: tuple[str, ...] = ()
    persona: PersonaSpec
    facts: tuple[FactSpec, ...] = Field(min_length=1)
    lines: tuple[Line, ...] = Field(min_length=1)
    agent: AgentScript
    rubric: Rubric

    def fact(self, key: str) -> FactSpec:
        """The fact of that key; KeyError if there is none."""
        for fact in self.facts:
            if fact.key == key:
                return fact
        raise KeyError(key)

    def line(self, line_id: str) -> Line:
        """The line of that id; KeyError if there is none."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise KeyError(line_id)
