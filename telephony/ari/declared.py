"""What the running server declares: its description of each resource, and whether it really serves a path.

The description alone is not enough: it names `mailboxes` even where that module is not there. So each path is also
asked for its methods (OPTIONS).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from telephony.ari.operations import ALL, EVENTS, Operation
from telephony.ari.rest import Rest, fill

Declared = Mapping[tuple[str, str], frozenset[str]]


async def resources(rest: Rest) -> Declared:
    """(method, path) → names of its query and body parameters, from `/api-docs` of the running server."""
    listing = await rest.send("GET", "/api-docs/resources.json")
    found: dict[tuple[str, str], frozenset[str]] = {}
    for entry in listing["apis"]:
        description = await rest.send("GET", entry["path"].replace("{format}", "json"))
        for api in description["apis"]:
            for operation in api["operations"]:
                found[operation["httpMethod"], api["path"]] = _parameters(operation)
    return found


async def missing(rest: Rest, used: Iterable[Operation] = ALL) -> list[str]:
    """Sentences on what we use and this server does not have; empty if all is well."""
    declared = await resources(rest)
    return [problem for operation in used if (problem := await _problem(rest, declared, operation))]


async def _problem(rest: Rest, declared: Declared, operation: Operation) -> str | None:
    name = f"{operation.method} {operation.path}"
    parameters = declared.get((operation.method, operation.path))
    if parameters is None:
        return f"{name}: the server does not describe it"
    if unknown := operation.params - parameters:
        return f"{name}: the server knows no parameter {', '.join(sorted(unknown))}"
    if operation is EVENTS:
        return None  # a WebSocket: no method is listed for it; being connected is the proof
    if operation.method not in await rest.allowed(_sample(operation.path)):
        return f"{name}: described, but the server does not serve it (is its module loaded?)"
    return None


def _sample(path: str) -> str:
    names = [piece[1:-1] for piece in path.split("/") if piece.startswith("{")]
    return fill(path, dict.fromkeys(names, "x"))


def _parameters(operation: dict[str, Any]) -> frozenset[str]:
    """A body declared as `variables` is the whole JSON body: `{"variables": {…}}` beside the others."""
    return frozenset(p["name"] for p in operation.get("parameters", []) if p["paramType"] in ("query", "body"))
