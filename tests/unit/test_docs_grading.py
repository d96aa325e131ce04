"""The examples in docs/grading.md are judged as the page says."""

import re
from datetime import date
from pathlib import Path

import pytest

from datasets.language import Language
from grading.line import Verdict
from grading.normalise.compare import compare
from scenarios.facts import FactKind, RecordField

PAGE = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
CELL = r" ([^|]+?) \|"
EXAMPLES = [row for row in re.findall(rf"^\|{CELL * 4}$", PAGE, re.MULTILINE) if row[3] in ("right", "half", "wrong")]


def test_the_page_has_examples_and_every_verdict() -> None:
    assert len(EXAMPLES) >= 10
    for verdict in Verdict:
        assert f"**{verdict.value.replace('_', ' ')}**" in PAGE


@pytest.mark.parametrize(("kind", "meant", "written", "share"), EXAMPLES)
def test_an_example_is_judged_as_the_page_says(kind: str, meant: str, written: str, share: str) -> None:
    language: Language = "zh-CN" if re.search(r"[\u4e00-\u9fff]", meant + written) else "en"
    field = RecordField(form="ticket", field="field", kind=FactKind(kind), title={language: "field"})
    match = compare(field, meant, written, date(2026, 3, 6), "zh-CN" if kind == "amount" else language)
    assert match.share == {"right": 1.0, "half": 0.5, "wrong": 0.0}[share]
