"""What a receiver can ask to be told, by groups; an event's own name is more exact (`ticket.opened`)."""

from collections.abc import Mapping
from types import MappingProxyType

FLOOR = frozenset(
    {"pop", "contact", "ended", "agent", "set_aside", "conference", "mailbox", "callbacks", "alert"}
)  # fmt: skip
"""Of the floor's stream, under their names there. `queues` and `places` change with every step of every caller."""
DESK: Mapping[str, str] = MappingProxyType(
    {"customer": "customer", "ticket": "ticket", "order": "order", "desk": "form", "wrap_up": "form"}
)
"""The part of a journal entry's kind before the dot → its group."""
GROUPS = ("pop", "contact", "ended", "agent", "set_aside", "conference", "mailbox", "callbacks", "alert",
          "customer", "ticket", "order", "form")  # fmt: skip
TEST = "test"
_TOLD = frozenset({"desk.saved", "desk.undone", "desk.noted", "wrap_up.finished"})


def group_of(kind: str) -> str | None:
    """The group of what the desk has written down; None for what is nobody's business outside (each key typed)."""
    group = DESK.get(kind.partition(".")[0])
    return None if group == "form" and kind not in _TOLD else group
