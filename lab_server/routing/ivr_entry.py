"""When keys are a whole entry: a key may also be the first digit of a longer number, then the pause decides.

As telephone exchanges have always done it (inter-digit time-out); `#` ends an entry at once.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Taken:
    """`entry` was keyed (empty: nothing in time); `rest` are keys that came after it, for the next question."""

    entry: str
    rest: str = ""


@dataclass(frozen=True)
class Rules:
    """How to read keys. `entries`: the only ones that lead anywhere; None: any `low` to `high` digits.

    `secret`: what is keyed must not be written down anywhere.
    """

    first_s: float
    inter_s: float
    entries: frozenset[str] | None = None
    low: int = 1
    high: int = 20
    secret: bool = False

    def wait_s(self, keyed: str) -> float:
        """How long to wait for the next key, from the last one (or from the prompt's end)."""
        return self.inter_s if keyed else self.first_s

    def take(self, keyed: str, quiet_s: float) -> Taken | None:
        """What `keyed` means after `quiet_s` seconds without a key; None: wait for more.

        A `#` in front is what was left of the entry before: many people end every entry with it.
        """
        entry, ended, rest = keyed.lstrip("#").partition("#")
        whole = self._first_whole(entry)
        if whole is not None:
            return Taken(entry[:whole], entry[whole:] + ended + rest if entry[whole:] else rest)
        if ended:
            return Taken(entry, rest)
        if not entry:
            return Taken("") if quiet_s >= self.first_s else None
        return Taken(entry) if quiet_s >= self.inter_s or not self._may_grow(entry) else None

    @staticmethod
    def began(keyed: str) -> bool:
        """Whether the caller has begun to answer: then the prompt ends, or need not be played at all."""
        return bool(keyed.strip("#"))

    def _first_whole(self, entry: str) -> int | None:
        """The length of the shortest beginning that is an entry and can't become a longer one."""
        if self.entries is None:
            return self.high if len(entry) >= self.high else None
        lengths = (length for length in range(1, len(entry) + 1) if entry[:length] in self.entries)
        return next((length for length in lengths if not self._may_grow(entry[:length])), None)

    def _may_grow(self, entry: str) -> bool:
        if self.entries is None:
            return len(entry) < self.high and entry.isdigit()
        return any(one != entry and one.startswith(entry) for one in self.entries)

    def fits(self, entry: str) -> bool:
        """Whether the entry is one that was asked for."""
        if self.entries is None:
            return entry.isascii() and entry.isdigit() and self.low <= len(entry) <= self.high
        return entry in self.entries

    def noted(self, entry: str) -> dict[str, Any]:
        """What the journal may say of an entry."""
        return {"keyed": "" if self.secret else entry, "count": len(entry)}
