"""The first menu: a key chooses a queue, or a seat's whole number chooses that seat.

A key may also be the first digit of a seat's number ("1" and "1003"): then the pause after the digit decides, as
telephone exchanges have always done it (inter-digit time-out).
"""

from dataclasses import dataclass, field

KEYPAD = frozenset("0123456789*#")


@dataclass(frozen=True)
class ChoseQueue:
    queue: str


@dataclass(frozen=True)
class ChoseSeat:
    seat: str


@dataclass(frozen=True)
class Wrong:
    """What was keyed leads nowhere; the caller should be told and asked again."""

    digits: str


@dataclass(frozen=True)
class NothingKeyed:
    """Nothing came in time."""


Choice = ChoseQueue | ChoseSeat | Wrong | NothingKeyed


@dataclass(frozen=True)
class Menu:
    """`queues`: key → queue; `seats`: numbers that may be dialled; `fallback`: the queue after `tries` failures."""

    queues: dict[str, str]
    fallback: str
    seats: frozenset[str] = field(default_factory=frozenset)
    tries: int = 3
    first_digit_s: float = 6.0
    inter_digit_s: float = 2.0

    def __post_init__(self) -> None:
        for key in self.queues:
            if len(key) != 1 or key not in KEYPAD or key == "#":
                raise ValueError(f"menu key {key!r}: expected one of 0-9 or *")
        if self.tries < 1:
            raise ValueError(f"menu tries {self.tries}: expected at least 1")

    def choose(self, digits: str, quiet_s: float) -> Choice | None:
        """What `digits` mean after `quiet_s` seconds without a key; None: wait for more. `#` ends the entry at once."""
        entry, ended = digits.rstrip("#"), digits.endswith("#")
        if not entry:
            return NothingKeyed() if ended or quiet_s >= self.first_digit_s else None
        if entry in self.seats:
            return ChoseSeat(entry)
        may_grow = any(seat.startswith(entry) for seat in self.seats)
        if may_grow and not ended and quiet_s < self.inter_digit_s:
            return None
        if entry in self.queues:
            return ChoseQueue(self.queues[entry])
        return Wrong(entry)

    def wait_s(self, digits: str) -> float:
        """How long to wait for the next key, from the last one (or from the prompt's end)."""
        return self.inter_digit_s if digits else self.first_digit_s
