"""Whole scorecards of frozen calls, line by line. After a change that is meant, run this file to write them anew."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from grading.evidence import Evidence
from grading.scorecard import Scorecard, grade
from scenarios.rubric import Rubric

FOLDER = Path(__file__).parent / "scorecards"
NAMES = sorted(path.name.removesuffix(".call.json") for path in FOLDER.glob("*.call.json"))


class FrozenCall(BaseModel):
    """One call's evidence and the rubric it was held under."""

    evidence: Evidence
    rubric: Rubric


def graded(name: str) -> Scorecard:
    call = FrozenCall.model_validate_json((FOLDER / f"{name}.call.json").read_text(encoding="utf-8"))
    return grade(call.evidence, call.rubric)


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_call_gets_the_same_scorecard(name: str) -> None:
    kept = Scorecard.model_validate_json((FOLDER / f"{name}.scorecard.json").read_text(encoding="utf-8"))
    assert graded(name) == kept


def test_there_are_frozen_calls_of_every_scenario() -> None:
    assert {name.split("-")[0] for name in NAMES} == {"complaint", "order", "survey"}


if __name__ == "__main__":
    for each in NAMES:
        (FOLDER / f"{each}.scorecard.json").write_text(graded(each).model_dump_json(indent=1) + "\n", encoding="utf-8")
