"""The scenario in docs/scenarios.md is one a teacher can copy: it loads, can be drawn, and its calls can be held."""

import re
from datetime import date
from pathlib import Path

from scenarios.facts import FactKind
from scenarios.load import loads
from scenarios.persona import draw_case
from scenarios.profiles import PROFILES
from scenarios.rehearsal import rehearse_case
from scenarios.schema import LineRole, Source

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")


def test_the_example_is_a_scenario_that_works() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    scenario = loads(example, "docs/scenarios.md")
    for index in range(20):
        case = draw_case(scenario, "en", 7, index, date(2026, 3, 6))
        played, _ = rehearse_case(scenario, case, PROFILES["perfect"])
        assert played.length_s > 5


def test_the_page_names_every_source_role_and_kind() -> None:
    for source in Source.__args__:
        assert f"`{source}`" in PAGE
    for role in LineRole:
        assert f"`{role}`" in PAGE
    for kind in FactKind:
        assert str(kind) in PAGE
