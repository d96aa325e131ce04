"""What a plan's file may write shorter than the plan has it: texts where they are said, seats as a range."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lab_server.routing.ivr_nodes import PROMPT_FIELDS

Place = tuple[str, ...]

_SAID = frozenset({*PROMPT_FIELDS, "greeting"})
_SEAT_RANGE = re.compile(r"^([0-9]{2,8})-([0-9]{2,8})$")
_MOST_SEATS = 2000


def written_out(data: object) -> tuple[object, dict[str, Place]]:
    """The plan in full, and where in the file each prompt's text stands that was written where it is said.

    Such a text gets the place as its name: `menu-main-top-prompt`. Queues know their names; `1001-1010` is ten seats.
    """
    if not isinstance(data, Mapping):
        return data, {}
    texts: dict[str, object] = {}
    places: dict[str, Place] = {}
    plan = {name: part if name == "prompts" else _named(part, (name,), texts, places) for name, part in data.items()}
    if isinstance(plan.get("queues"), dict):
        plan["queues"] = {name: _with_name(name, queue) for name, queue in plan["queues"].items()}
    if isinstance(plan.get("seats"), dict):
        plan["seats"] = dict(_seats(plan["seats"]))
    own = plan.get("prompts") or {}
    if texts and isinstance(own, Mapping):
        plan["prompts"] = {**own, **texts}
    return plan, places


def _named(part: object, place: Place, texts: dict[str, object], places: dict[str, Place]) -> Any:
    """The part with every text in it replaced by a name, under which it goes to `texts`."""
    if isinstance(part, list):
        return [_named(one, (*place, str(at)), texts, places) for at, one in enumerate(part)]
    if not isinstance(part, Mapping):
        return part
    if place[-1] in _SAID and len(place) > 2:
        name = _name(place)
        texts[name], places[name] = part, place
        return name
    return {key: _named(one, (*place, key), texts, places) for key, one in part.items()}


def _name(place: Place) -> str:
    parts = ("menu" if part == "menus" else part for part in place if part not in {"nodes", "periods"})
    return "-".join(parts).lower()


def _with_name(name: str, queue: object) -> object:
    if queue is None:
        return {"name": name}
    return {**queue, "name": name} if isinstance(queue, dict) else queue


def _seats(seats: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for number, seat in seats.items():
        span = _SEAT_RANGE.match(number)
        first, last = (int(span[1]), int(span[2])) if span else (0, -1)
        written = {} if seat is None else seat
        if span and first <= last < first + _MOST_SEATS:
            yield from ((str(one), written) for one in range(first, last + 1))
        else:
            yield number, written
