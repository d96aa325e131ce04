"""From a file to a floor plan, or to a list of everything that is wrong with the file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lab_server.routing.errors import RoutingError
from lab_server.routing.ivr_nodes import PROMPT_FIELDS
from lab_server.routing.plan import FloorPlan
from lab_server.routing.plan_check import check_plan
from scenarios.errors import Problem, ScenarioFileError
from scenarios.marked_yaml import MarkedDocument, parse_marked, read_marked

PLANS = Path(__file__).parent / "plans"

_SEAT_RANGE = re.compile(r"^([0-9]{2,8})-([0-9]{2,8})$")
_MOST_SEATS = 2000


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
    data = _written_out(document.data)
    try:
        plan = FloorPlan.model_validate(data)
    except ValidationError as error:
        raise PlanFileError(_schema_problems(document, error)) from error
    found = check_plan(plan)
    if found:
        problems = (document.problem(place, reason) for place, reason in found)
        raise PlanFileError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return plan


# -- what a file may write shorter than the plan has it ---------------------------------------------------------------


def _written_out(data: object) -> object:
    """Prompts written where they are said get a name; queues know theirs; `1001-1010` is ten seats."""
    if not isinstance(data, Mapping):
        return data
    plan: dict[str, Any] = dict(data)
    own: dict[str, object] = dict(plan["prompts"]) if isinstance(plan.get("prompts"), Mapping) else {}
    for name, menu in _tables(plan.get("menus")):
        nodes = {node_name: _named(node, PROMPT_FIELDS, f"menu-{name}-{node_name}", own)
                 for node_name, node in _items(menu.get("nodes"))}  # fmt: skip
        if "nodes" in menu and isinstance(menu["nodes"], Mapping):
            plan["menus"] = {**plan["menus"], name: {**menu, "nodes": nodes}}
    for kind, field in (("lines", "greeting"), ("mailboxes", "prompt")):
        for name, table in _tables(plan.get(kind)):
            plan[kind] = {**plan[kind], name: _named(table, (field,), f"{kind}-{name}".lower(), own)}
    for name, hours in _tables(plan.get("hours")):
        plan["hours"] = {**plan["hours"], name: _named_hours(name, hours, own)}
    for name, queue in _tables(plan.get("queues")):
        plan["queues"] = {**plan["queues"], name: {**queue, "name": name}}
    if isinstance(plan.get("seats"), Mapping):
        plan["seats"] = dict(_seats(plan["seats"]))
    if own:
        plan["prompts"] = own
    return plan


def _items(table: object) -> Iterator[tuple[str, Any]]:
    if isinstance(table, Mapping):
        yield from table.items()


def _tables(table: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (
        (name, {} if one is None else one) for name, one in _items(table) if one is None or isinstance(one, Mapping)
    )


def _named(table: object, fields: tuple[str, ...], name: str, own: dict[str, object]) -> object:
    """The table with every text in it replaced by a prompt's name, under which it goes to `own`."""
    if not isinstance(table, Mapping):
        return table
    result = dict(table)
    for field in fields:
        if isinstance(result.get(field), Mapping):
            prompt = f"{name}-{field}"
            own[prompt], result[field] = result[field], prompt
    return result


def _named_hours(name: str, hours: Mapping[str, Any], own: dict[str, object]) -> dict[str, Any]:
    result = dict(hours)
    if isinstance(result.get("periods"), list):
        result["periods"] = [
            _named(period, ("prompt",), f"hours-{name}-{at}", own) for at, period in enumerate(result["periods"])
        ]
    if "otherwise" in result:
        result["otherwise"] = _named(result["otherwise"], ("prompt",), f"hours-{name}-otherwise", own)
    return result


def _seats(seats: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for number, seat in seats.items():
        span = _SEAT_RANGE.match(number)
        first, last = (int(span[1]), int(span[2])) if span else (0, -1)
        written = {} if seat is None else seat
        if span and first <= last < first + _MOST_SEATS:
            yield from ((str(one), written) for one in range(first, last + 1))
        else:
            yield number, written


# -- what pydantic refuses --------------------------------------------------------------------------------------------


def _schema_problems(document: MarkedDocument, error: ValidationError) -> tuple[Problem, ...]:
    """One problem a place, in the file's order."""
    found: dict[tuple[str, ...], Problem] = {}
    for detail in error.errors(include_url=False):
        place = document.nearest(tuple(str(part) for part in detail["loc"]))
        if detail["type"] == "missing":
            place = (*place, str(detail["loc"][-1]))
        found.setdefault(place, document.problem(place, _reason(detail)))
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
