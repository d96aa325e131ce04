"""The page on the floor's API says what the code does: every command, every event, every error id."""

import re
from pathlib import Path
from typing import get_args

import pytest

from lab_server.floor.api.commands import AnyCommand
from lab_server.floor.api.door import FloorApi
from lab_server.floor.api.reference import commands_table, events_table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
_ID = re.compile(r'(?:Refused|refusal)\(\s*"([a-z_]+)"')


def error_ids() -> list[str]:
    """Every id with which a module of the floor refuses something."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "lab_server" / "floor").rglob("*.py")]
    return sorted({found for text in sources for found in _ID.findall(text)})


@pytest.mark.parametrize("table", [commands_table, events_table])
def test_the_tables_are_those_of_the_code(table: type) -> None:
    assert table() in PAGE, "run: python -m lab_server.floor.api.reference"


@pytest.mark.parametrize("error_id", [*error_ids(), "bad_command", "no_right", "not_yours", "switch_away", "floor_away",
                                      "failed", "store.busy", "http.401", "unknown_menu"])  # fmt: skip
def test_every_error_is_explained(error_id: str) -> None:
    assert f"`{error_id}`" in PAGE, error_id


def test_there_are_as_many_commands_as_the_door_knows() -> None:
    assert len(re.findall(r"^\| `[a-z_]+` \| .* \| `[a-z_.]+` \|", PAGE, re.MULTILINE)) >= len(
        get_args(get_args(AnyCommand)[0])
    )
    assert FloorApi.__doc__


def test_the_example_is_short() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(example.splitlines()) <= 60
