"""From a file to a scenario, or to a list of everything that is wrong with the file."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scenarios.checks import check_scenario
from scenarios.errors import Problem, ScenarioFileError, UnknownScenarioError
from scenarios.marked_yaml import MarkedDocument, Place, parse_marked, read_marked
from scenarios.schema import Scenario

LIBRARY = Path(__file__).parent / "library"


def load(path: Path) -> Scenario:
    """The scenario of a file. `ScenarioFileError` holds every problem found: file, line, field, reason."""
    return _build(read_marked(path))


def loads(text: str, name: str = "scenario.yaml") -> Scenario:
    """The scenario of a text; `name` stands for the file in problems."""
    return _build(parse_marked(text, name))


def library() -> dict[str, Scenario]:
    """The scenarios that come with Ringside, by id."""
    scenarios = (load(path) for path in sorted(LIBRARY.glob("*.yaml")))
    return {scenario.id: scenario for scenario in scenarios}


def from_library(name: str) -> Scenario:
    """One scenario of the library (its file is named after it); `UnknownScenarioError` names those there are."""
    paths = {path.stem: path for path in sorted(LIBRARY.glob("*.yaml"))}
    if name not in paths:
        raise UnknownScenarioError(name, tuple(paths))
    return load(paths[name])


def _build(document: MarkedDocument) -> Scenario:
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioFileError(_schema_problems(document, error)) from error
    problems = tuple(document.problem(place, reason) for place, reason in check_scenario(scenario))
    if problems:
        raise ScenarioFileError(problems)
    return scenario


def _schema_problems(document: MarkedDocument, error: ValidationError) -> tuple[Problem, ...]:
    """One problem a place: of a text that may be two things, the first complaint is enough, and the innermost."""
    found: dict[Place, Problem] = {}
    for detail in error.errors(include_url=False):
        loc = tuple(str(part) for part in detail["loc"])
        place = document.nearest(loc)
        if detail["type"] == "missing":
            place = (*place, loc[-1])
        found.setdefault(place, document.problem(place, _reason(detail)))
    innermost = [
        problem
        for place, problem in found.items()
        if not any(other[: len(place)] == place and other != place for other in found)
    ]
    return tuple(sorted(innermost, key=lambda problem: problem.line))


def _reason(detail: ErrorDetails) -> str:
    given: Any = detail["input"]
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field that belongs here"
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case _ if isinstance(given, str | int | float | bool) or given is None:
            return f"{detail['msg']}, not {given!r}"
        case _:
            return detail["msg"]
