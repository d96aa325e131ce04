"""Where a contact may be sent: written `queue:order`, `seat:1001`, `mailbox:main`, `number:16312345678`, `hangup`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Kind(StrEnum):
    """What a target is; the words stand in front of the colon."""

    QUEUE = "queue"
    SEAT = "seat"
    GROUP = "group"  # follow-me: numbers rung one after the other
    MAILBOX = "mailbox"
    MENU = "menu"
    NUMBER = "number"  # over the trunk
    CALLBACK = "callback"  # of the queue named
    OPERATOR = "operator"
    HANGUP = "hangup"


_ALONE = frozenset({Kind.OPERATOR, Kind.HANGUP})
LONGEST_NAME = 40


@dataclass(frozen=True)
class Target:
    """`name` is empty for the operator and for hanging up. In a pydantic model it is written as text."""

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with what was expected."""
        word, _, name = text.strip().partition(":")
        try:
            kind = Kind(word)
        except ValueError:
            expected = ", ".join(kind if kind in _ALONE else f"{kind}:<name>" for kind in Kind)
            raise ValueError(f"{text!r:.60} is no target: expected one of {expected}") from None
        if (kind in _ALONE) == bool(name) or len(name) > LONGEST_NAME or not (name or "x").isprintable():
            raise ValueError(f"{text!r:.60} is no target: expected {kind if kind in _ALONE else f'{kind}:<name>'}")
        return cls(kind, name)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        def take(value: object) -> Target:
            if isinstance(value, Target):
                return value
            if not isinstance(value, str):
                raise ValueError("this is no target: expected text such as queue:order")  # noqa: TRY004 (pydantic's)
            return cls.parse(value)

        return core_schema.no_info_plain_validator_function(take, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        named, alone = "|".join(kind for kind in Kind if kind not in _ALONE), "|".join(sorted(_ALONE))
        pattern = f"^(({named}):.{{1,{LONGEST_NAME}}}|{alone})$"
        return {"type": "string", "pattern": pattern, "examples": ["queue:order", "seat:1002", "operator"]}
