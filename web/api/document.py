"""The OpenAPI document: every route below `/api/v1`, with the floor's commands, what is refused, and how to show who
one is."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from lab_server.floor.api.answers import Answer
from lab_server.floor.api.commands import AnyCommand
from lab_server.floor.api.messages import FloorEvent
from web.api.kinds import Failure

BELOW = "/api/v1"
FLOOR = f"{BELOW}/floor"
_REF = "#/components/schemas/{model}"
_MODELS: dict[str, TypeAdapter[Any]] = {
    "Command": TypeAdapter(AnyCommand), "Answer": TypeAdapter(Answer), "Event": TypeAdapter(FloorEvent),
    "Failure": TypeAdapter(Failure),
}  # fmt: skip
_REFUSALS = {
    "400": "The body cannot be read as JSON",
    "401": "Nobody is signed in: the token is missing, wrong, expired or revoked",
    "403": "The role may not do it, or only with what is its own",
    "404": "There is none of that id, or none that this user may see",
    "409": "It does not fit what is there already, or what is going on now",
    "410": "The record was deleted, or merged into another",
    "413": "Too much at once",
    "422": "A value cannot be taken as it is; the message names it",
    "503": "The exchange or the database does not answer just now: send it again",
}
_SAYS = """Everything the pages do, with the rights of whose token is shown. Times are UTC, as ISO 8601; money is in
cents; a list that says `more` goes on after `skip`. What is refused is answered `{error, message, details}`: the id
stays the same from one version to the next, the message is for people."""


def document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1. A route is in it by being below `/api/v1` and in the schema."""
    made = get_openapi(title="Ringside", version="1", description=_SAYS, routes=app.routes)
    made["paths"] = {path: item for path, item in made["paths"].items() if path.startswith(BELOW)}
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name, adapter in _MODELS.items():
        mode = "validation" if name == "Command" else "serialization"
        schema = adapter.json_schema(ref_template=_REF, mode=mode)  # type: ignore[arg-type]
        schemas |= schema.pop("$defs", {})
        schemas[name] = schema
    _say_the_floor(made["paths"])
    for path, item in made["paths"].items():
        for method, operation in item.items():
            operation["operationId"] = f"{method}_{'_'.join(re.findall(r'[a-z0-9]+', path.removeprefix(BELOW)))}"
            for status, why in _REFUSALS.items():
                operation["responses"][status] = {"description": why, "content": _json("Failure")}
    made["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of the user's, from the page /tokens."}
    }
    made["security"] = [{"token": []}]
    made["components"]["schemas"] = _used(made)
    return made


def _say_the_floor(paths: dict[str, Any]) -> None:
    """Its body is one of many commands, which the floor itself reads."""
    do = paths[FLOOR]["post"]
    do["requestBody"] = {"required": True, "content": _json("Command")}
    do["responses"]["200"] = {"description": "Done", "content": _json("Answer")}
    events = paths[f"{FLOOR}/events"]["get"]
    says = "Server-sent events; the data of each is JSON as the model Event"
    events["responses"]["200"] = {
        "description": says, "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }  # fmt: skip


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}


def _used(made: dict[str, Any]) -> dict[str, Any]:
    """The schemas that something refers to."""
    schemas, found = made["components"]["schemas"], set[str]()
    waiting: list[Any] = [made["paths"], {"$ref": _REF.format(model="Event")}]
    while waiting:
        for name in re.findall(r"#/components/schemas/([^'\"]+)", repr(waiting.pop())):
            if name not in found and name in schemas:
                found.add(name)
                waiting.append(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in found}
