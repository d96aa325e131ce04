"""Whose Python environment it is: ours is kept complete, somebody else's is left as it is."""

from pathlib import Path

import pytest

from tools.environment import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    folder = tmp_path / ".venv/bin"
    folder.mkdir(parents=True)
    for program in ("python", "ruff", "mypy"):
        (folder / program).touch()
    return Environment(tmp_path)


def test_an_environment_made_by_hand_is_taken_as_it_is(environment: Environment) -> None:
    assert environment.made_by_hand("ruff", "mypy")


def test_one_that_lacks_a_program_is_not(environment: Environment) -> None:
    assert not environment.made_by_hand("ruff", "lint-imports")


@pytest.mark.parametrize("mark", ["ringside-made", "ringside-dev.stamp", "ringside-runtime.stamp"])
def test_one_of_ours_is_brought_up_to_date_even_if_it_was_interrupted(environment: Environment, mark: str) -> None:
    (environment.folder / mark).touch()
    assert not environment.made_by_hand("ruff", "mypy")


def test_no_environment_is_nobodys(tmp_path: Path) -> None:
    assert not Environment(tmp_path).made_by_hand()
