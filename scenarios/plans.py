"""What a caller worker needs to carry out one call by itself: the words, the sounds and the patience."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from scenarios.case import Case, Temper
from scenarios.errors import PlanError
from scenarios.facts import Frozen
from scenarios.schema import LineRole


class PlannedLine(Frozen):
    """A caller's line with the sound it is played from. See `case.CaseLine`."""

    id: str
    role: LineRole
    wav: str
    facts: dict[str, str]
    answers: tuple[str, ...]
    follows: str
    again: str


class CallerPlan(Frozen):
    """One customer's part in one call. Times in seconds. `menu`: the keys it presses when the menu asks."""

    part: Literal["caller"] = "caller"
    contact: str
    direction: Literal["in", "out"]
    temper: Temper
    patience_s: float
    hold_patience_s: float
    menu: str
    lines: tuple[PlannedLine, ...]


def caller_plan(case: Case, wavs: Mapping[str, str], contact: str, menu: str = "") -> dict[str, Any]:
    """The plan of the case's caller, JSON-able. `wavs`: line id → path. `PlanError` names the lines without a sound."""
    missing = [line.id for line in case.lines if line.id not in wavs]
    if missing:
        raise PlanError(
            f"case {case.id}: no sound for the lines {', '.join(missing)}; synthesise every line of the case"
        )
    plan = CallerPlan(
        contact=contact,
        direction=case.direction,
        temper=case.temper,
        patience_s=case.patience_s,
        hold_patience_s=case.hold_patience_s,
        menu=menu,
        lines=tuple(
            PlannedLine(
                id=line.id,
                role=line.role,
                wav=str(wavs[line.id]),
                facts=line.facts,
                answers=line.answers,
                follows=line.follows,
                again=line.again,
            )
            for line in case.lines
        ),
    )
    return plan.model_dump(mode="json")


def read_caller_plan(plan: Mapping[str, Any]) -> CallerPlan:
    """The plan as it arrived; `PlanError` says what is wrong with it."""
    try:
        read = CallerPlan.model_validate(plan)
    except ValidationError as error:
        raise PlanError(f"not a caller's plan: {error}") from error
    roles = {line.role for line in read.lines}
    needed = {LineRole.OPENING, LineRole.WAITING, LineRole.PUZZLED, LineRole.ACKNOWLEDGE, LineRole.GOODBYE}
    missing = needed.union((LineRole.HELD, LineRole.LEAVING)) - roles
    if missing:
        raise PlanError(f"a caller's plan without a line for: {', '.join(sorted(missing))}")
    return read
