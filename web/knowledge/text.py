"""An article's plain text as paragraphs and lists. What is in them stays text: the template escapes it."""

import re
from dataclasses import dataclass
from typing import Literal

_DOT = re.compile(r"\s*[-*•·]\s+")
_NUMBER = re.compile(r"\s*\d{1,2}(?:\.\s|[、)）])\s*")


@dataclass(frozen=True)
class Block:
    """A paragraph, whose lines stay lines, or a list."""

    kind: Literal["p", "ul", "ol"]
    lines: tuple[str, ...]


def blocks(body: str) -> list[Block]:
    """An empty line ends a paragraph; lines that begin with a dash or a number are a list."""
    found: list[Block] = []
    for part in re.split(r"\n[^\S\n]*\n", body.replace("\r\n", "\n").replace("\r", "\n")):
        begun = len(found)
        for line in filter(str.strip, part.split("\n")):
            kind, text = _line(line)
            goes_on = len(found) > begun or kind != "p"  # a list may have empty lines in it
            if goes_on and found and found[-1].kind == kind:
                found[-1] = Block(kind, (*found[-1].lines, text))
            else:
                found.append(Block(kind, (text,)))
    return found


def _line(line: str) -> tuple[Literal["p", "ul", "ol"], str]:
    if mark := _DOT.match(line):
        return "ul", line[mark.end() :].strip()
    if mark := _NUMBER.match(line):
        return "ol", line[mark.end() :].strip()
    return "p", line.strip()
