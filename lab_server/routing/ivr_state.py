"""Where a caller is in the menus, as one short text: what a restarted process needs to go on at the same node."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from datasets.language import LANGUAGES, Language

LONGEST = 200
"""Characters a state's text may have; the check on loading refuses menus whose blanks could need more."""
MOST_STEPS = 200
"""Nodes a caller may pass; who has walked further (keying "once more" for ever) is sent on by the machine."""


class IvrError(Exception):
    """A state or an event that does not fit the menus; nothing has changed."""

    error_id: ClassVar[str] = "ivr"

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id  # type: ignore[misc]


@dataclass(frozen=True)
class Facts:
    """What is known of a call when it comes to a menu."""

    language: Language = "zh-CN"
    period: str = ""
    vip: bool = False
    recognised: bool = False
    anonymous: bool = False


@dataclass(frozen=True)
class State:
    """A caller's place. `tries`: wrong or missing entries at this node. `part`: `pin` once a member's number is there.

    `blanks` hold what was keyed, never a PIN.
    """

    menu: str
    node: str
    facts: Facts = field(default_factory=Facts)
    tries: int = 0
    part: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)
    steps: int = 0

    def text(self) -> str:
        """JSON of at most `LONGEST` characters, without what is empty."""
        flags = "".join(letter for letter, name in _FLAGS.items() if getattr(self.facts, name))
        values: dict[str, Any] = {
            "m": self.menu, "n": self.node, "l": LANGUAGES.index(self.facts.language), "h": self.facts.period,
            "f": flags, "t": self.tries, "p": self.part, "b": dict(self.blanks), "s": self.steps,
        }  # fmt: skip
        return json.dumps({key: value for key, value in values.items() if value}, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "State":
        """The state of a text. Raises IvrError `bad_state`."""
        try:
            values = json.loads(text)
            flags = _word(values, "f")
            known = {name: letter in flags for letter, name in _FLAGS.items()}
            facts = Facts(LANGUAGES[_count(values, "l")], _word(values, "h"), **known)
            blanks = values.get("b", {})
            if not all(isinstance(part, str) for pair in blanks.items() for part in pair):
                raise ValueError("blanks that are no texts")
            return cls(
                values["m"], values["n"], facts, _count(values, "t"), _word(values, "p"), blanks, _count(values, "s")
            )
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise IvrError("bad_state", f"{text[:LONGEST]!r} is no place in a menu: begin the menu again") from error


_FLAGS = {"v": "vip", "r": "recognised", "a": "anonymous"}


def _count(values: dict[str, Any], key: str) -> int:
    value = values.get(key, 0)
    if not isinstance(value, int) or value < 0:
        raise ValueError(key)
    return value


def _word(values: dict[str, Any], key: str) -> str:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def longest_text(menus: int, nodes: int, periods: int, blanks: Mapping[str, int]) -> int:
    """Characters the longest state can have: by the longest names, and each blank with its longest value."""
    empty = State("", "", Facts(LANGUAGES[-1], vip=True, recognised=True, anonymous=True), 9, "pin", {}, MOST_STEPS)
    frame = len(empty.text()) + len('"m":"","n":"",') + (len('"h":"",') + periods if periods else 0)
    kept = len('"b":{},') + sum(len(name) + size + len('"":"",') for name, size in blanks.items()) if blanks else 0
    return frame + menus + nodes + kept
