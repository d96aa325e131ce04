"""Reading one field of a JSON object, or refusing it with the field's name and what was expected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from telephony.ari.errors import AriMalformed

Json = Mapping[str, Any]


def text(data: Json, name: str) -> str:
    value = data.get(name)
    if type(value) is not str:
        raise AriMalformed(f"field `{name}` should be text, is {value!r}")
    return value


def text_or(data: Json, name: str, default: str = "") -> str:
    """Optional text: missing and null both give the default."""
    return default if data.get(name) is None else text(data, name)


def number(data: Json, name: str) -> int:
    value = data.get(name)
    if type(value) is not int:
        raise AriMalformed(f"field `{name}` should be a whole number, is {value!r}")
    return value


def number_or(data: Json, name: str, default: int = 0) -> int:
    return default if data.get(name) is None else number(data, name)


def part(data: Json, name: str) -> Json:
    """A JSON object inside this one."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise AriMalformed(f"field `{name}` should be an object, is {value!r}")
    return value


def part_or_none(data: Json, name: str) -> Json | None:
    return None if data.get(name) is None else part(data, name)


def texts(data: Json, name: str) -> tuple[str, ...]:
    """A list of texts; a missing list is empty."""
    value = data.get(name, [])
    if not isinstance(value, list) or not all(type(item) is str for item in value):
        raise AriMalformed(f"field `{name}` should be a list of texts, is {value!r}")
    return tuple(value)


def when(data: Json, name: str) -> datetime:
    """Asterisk's own time of day, such as `2026-11-22T12:14:32.722+0000`, timezone-aware."""
    value = text(data, name)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise AriMalformed(f"field `{name}` should be a time with its zone, is {value!r}") from None
    if moment.tzinfo is None:
        raise AriMalformed(f"field `{name}` has no time zone: {value!r}")
    return moment
