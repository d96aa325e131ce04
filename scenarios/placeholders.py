"""The `{fact}` places in a line's text."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{([^{}]*)\}")
FIRST = ".first"


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, in order: `quantity`, `quantity.first`."""
    return tuple(_PLACE.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every place filled; KeyError names one that has no value."""
    return _PLACE.sub(lambda place: values[place.group(1)], text)
