"""The page on floor plans says what the code does: kinds, figures, parts, and its examples can be loaded."""

import re
from pathlib import Path

import pytest
import yaml

from lab_server.routing.hours import Hours
from lab_server.routing.ivr_nodes import FIGURES, KINDS
from lab_server.routing.plan import FloorPlan
from lab_server.routing.screening import Screening
from lab_server.routing.target import Kind

PAGE = (Path(__file__).parents[2] / "docs" / "floor-plan.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", sorted({*KINDS, *FIGURES, *FloorPlan.model_fields, *Screening.model_fields}))
def test_every_word_is_explained(word: str) -> None:
    assert re.search(rf"`{word}\b|^  {word}:", PAGE, re.MULTILINE), word


@pytest.mark.parametrize("kind", list(Kind))
def test_every_target_is_there(kind: Kind) -> None:
    assert re.search(rf"`{kind.value}[:`]", PAGE)


def test_the_examples_are_right() -> None:
    examples = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    assert len(examples) == 2
    assert Hours.model_validate(examples[0]["hours"]["office"]).otherwise.name == "night"
    assert len(Screening.model_validate(examples[1]["screening"]).blacklist) == 1
