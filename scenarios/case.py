"""One drawn case: who rings, what is true, and the words it will be told in. JSON both ways, the same every time."""

from datetime import date
from typing import Literal

from pydantic import Field

from datasets.language import Language
from datasets.people import Person
from datasets.products import Product
from scenarios.facts import Condition, Form, Frozen, Truth
from scenarios.schema import LineRole, Manner

Temper = Literal["calm", "impatient", "angry"]


class CaseLine(Frozen):
    """A line with this case's values filled in; `facts` are what it tells (key → canonical value).

    `answers`: the intents it answers. `again`: a line to be said instead when asked once more ("" : this one).
    """

    id: str
    role: LineRole
    text: str
    facts: dict[str, str] = Field(default_factory=dict)
    answers: tuple[str, ...] = ()
    follows: str = ""
    again: str = ""


class PurchaseRecord(Frozen):
    """An earlier order the desk finds under the caller's number; the caller's complaint is about it."""

    order_no: str
    product: str
    sku: str
    variant: str | None
    quantity: int
    amount_minor: int
    ordered_on: date
    delivered_on: date


class RobotAsk(Frozen):
    """One question of the talk script; `keys` are the facts an answer brings, `when` the answer that makes it due."""

    intent: str
    keys: tuple[str, ...] = ()
    when: Condition | None = None


class Case(Frozen):
    """Everything that is decided about one call before it begins.

    `gender` and `voice_pick` choose the voice (`telephony.speech.engine.voice_for`). Times in seconds. The case never
    reaches the student's side; what the desk may show are `person`, `purchase` and `truth.given`.
    """

    id: str
    scenario: str
    version: int
    title: str
    language: Language
    seed: int
    index: int
    today: date
    direction: Literal["in", "out"]
    queue: str
    form: Form
    person: Person
    product: Product | None = None
    purchase: PurchaseRecord | None = None
    temper: Temper
    manner: Manner
    voice_pick: int
    speech_rate: float
    patience_s: float
    hold_patience_s: float
    rings_again: bool
    again_after_s: float
    truth: Truth
    lines: tuple[CaseLine, ...]
    asks: tuple[RobotAsk, ...]

    def line(self, line_id: str) -> CaseLine:
        """The line of that id; KeyError if there is none."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise KeyError(line_id)

    @property
    def caller_number(self) -> str:
        """The number it rings from, or is phoned at: always one out of service."""
        return self.person.phone
