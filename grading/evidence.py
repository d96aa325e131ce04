"""Everything one scorecard is made from: what was true, told and written down, and how the call was handled."""

from datetime import date
from typing import Literal

from pydantic import Field

from datasets.language import Language
from scenarios.case import Case
from scenarios.facts import Form, Frozen, Told, Truth
from scenarios.rubric import Measure

Direction = Literal["in", "out"]


class DeskRecord(Frozen):
    """The form as it was saved: field → text as a person typed it; an empty field may be left out."""

    form: Form
    values: dict[str, str]


class Timings(Frozen):
    """Seconds. None where it did not happen (a call nobody answered has no talk).

    `ring_s`: from the first ring at the phone of the agent who answered, never the caller's wait in the queue;
    None in calls the agent dialled. `hold_s`: 0 if never held.
    """

    ring_s: float | None = Field(default=None, ge=0)
    talk_s: float | None = Field(default=None, ge=0)
    hold_s: float | None = Field(default=None, ge=0)
    wrap_s: float | None = Field(default=None, ge=0)


class Evidence(Frozen):
    """One contact's evidence; JSON both ways.

    `reference_date`: the call's date where it was held, for what is "last Wednesday". `told`: seconds into the
    customer's own recording. `recorded`: None if the form was never saved. `rating`: None if the customer gave none.
    """

    contact: str
    scenario: str
    scenario_version: int
    language: Language
    direction: Direction
    outcome: str
    reference_date: date
    truth: Truth
    told: tuple[Told, ...] = ()
    asked: tuple[str, ...] = ()
    recorded: DeskRecord | None = None
    timings: Timings = Timings()
    rating: int | None = Field(default=None, ge=1, le=5)
    rating_asked: bool = False

    def measured(self, measure: Measure) -> float | None:
        """The value of one measure; None if this call has none."""
        if measure == "rating":
            return None if self.rating is None else float(self.rating)
        values = {
            "answer_speed_s": self.timings.ring_s,
            "talk_s": self.timings.talk_s,
            "hold_s": self.timings.hold_s,
            "wrap_s": self.timings.wrap_s,
        }
        return values[measure]


def evidence_of(
    case: Case,
    contact: str,
    *,
    told: tuple[Told, ...],
    asked: tuple[str, ...] = (),
    recorded: DeskRecord | None,
    timings: Timings,
    rating: int | None,
    rating_asked: bool,
    outcome: str,
) -> Evidence:
    """The evidence of one call of a drawn case."""
    return Evidence(
        contact=contact,
        scenario=case.scenario,
        scenario_version=case.version,
        language=case.language,
        direction=case.direction,
        outcome=outcome,
        reference_date=case.today,
        truth=case.truth,
        told=told,
        asked=asked,
        recorded=recorded,
        timings=timings,
        rating=rating,
        rating_asked=rating_asked,
    )
