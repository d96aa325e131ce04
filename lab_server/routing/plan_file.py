"""From a file to a floor plan, or to a list of everything that is wrong with the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lab_server.routing.errors import RoutingError
from lab_server.routing.ivr_nodes import KINDS
from lab_server.routing.plan import FloorPlan
from lab_server.routing.plan_check import check_plan
from lab_server.routing.plan_short import Place, written_out
from scenarios.errors import Problem, ScenarioFileError
from scenarios.marked_yaml import MarkedDocument, parse_marked, read_marked

PLANS = Path(__file__).parent / "plans"
LONGEST_LINE = 400


class PlanFileError(RoutingError):
    """A plan is refused, with everything found wrong in it: file, line, place, what was expected."""

    ERROR_ID: ClassVar[str] = "plan_file_wrong"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(self.ERROR_ID, "\n".join(str(problem) for problem in problems))
        self.problems = problems


def load_plan(path: Path) -> FloorPlan:
    """The plan of a file. Raises PlanFileError with every problem found."""
    try:
        return _build(read_marked(path))
    except ScenarioFileError as error:  # the reader of YAML is the scenarios'
        raise PlanFileError(error.problems) from error


def loads_plan(text: str, name: str = "plan.yaml") -> FloorPlan:
    """The plan of a text; `name` stands for the file in problems."""
    try:
        return _build(parse_marked(text, name))
    except ScenarioFileError as error:
        raise PlanFileError(error.problems) from error


def _build(document: MarkedDocument) -> FloorPlan:
    data, texts = written_out(document.data)
    try:
        plan = FloorPlan.model_validate(data)
    except ValidationError as error:
        raise PlanFileError(_schema_problems(document, error, texts)) from error
    found = check_plan(plan)
    if found:
        problems = (document.problem(_in_file(place, texts), _line(reason)) for place, reason in found)
        raise PlanFileError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return plan


def _in_file(place: Place, texts: Mapping[str, Place]) -> Place:
    """Where in the file a place of the plan is: a text stands where it is said."""
    if place[:1] == ("prompts",) and place[1:2] and place[1] in texts:
        return texts[place[1]] + place[2:]
    return place


def _without_kind(place: Place) -> Place:
    """Pydantic puts a node's kind into the places of what is wrong in it."""
    in_node = place[:1] == ("menus",) and place[2:3] == ("nodes",) and len(place) > 4
    return place[:4] + place[5:] if in_node and place[4] in KINDS else place


def _schema_problems(
    document: MarkedDocument, error: ValidationError, texts: Mapping[str, Place]
) -> tuple[Problem, ...]:
    """One problem a place, in the file's order."""
    found: dict[Place, Problem] = {}
    for detail in error.errors(include_url=False):
        at = _in_file(_without_kind(tuple(str(part) for part in detail["loc"])), texts)
        place = document.nearest(at)
        if detail["type"] == "missing":
            place = (*place, at[-1])
        found.setdefault(place, document.problem(place, _line(_reason(detail))))
    return tuple(sorted(found.values(), key=lambda problem: problem.line))


def _reason(detail: ErrorDetails) -> str:
    given: Any = detail["input"]
    known = {
        "missing": "is missing",
        "extra_forbidden": "is not a field that belongs here",
        "value_error": detail["msg"].removeprefix("Value error, "),
        "union_tag_not_found": "kind is missing: say what the node does, such as play, keys or go",
    }.get(detail["type"])
    if known:
        return known
    if detail["type"] == "string_type" and isinstance(given, int | float):
        return f"{given!r} is read as a figure: write it in quotes"
    plain = isinstance(given, str | int | float | bool) or given is None
    return f"{detail['msg']}, not {given!r}" if plain else detail["msg"]


def _line(reason: str) -> str:
    """On one line that can be read, whatever stands in the file."""
    seen = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in reason)
    return seen if len(seen) <= LONGEST_LINE else f"{seen[:LONGEST_LINE]}…"
