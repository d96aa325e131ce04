"""Which rows the floor keeps in memory, and whether a unit of work has changed any of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from lab_server.store.tables import Callback, ListedNumber, SeatSetting, Voicemail

KINDS = (Callback, ListedNumber, SeatSetting, Voicemail)
"""What `brain.Brain.learn` reads. Customers are read anew for each caller."""


@contextmanager
def watched(session: Session) -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether such rows were changed since, and writes out what waits to be written.

    What is changed by a statement instead of by its objects is not seen: the floor then finds it with its next look.
    """
    touched = False

    def flushed(flushing: Any, _context: Any) -> None:
        nonlocal touched
        changed = (*flushing.new, *flushing.dirty, *flushing.deleted)
        touched = touched or any(isinstance(row, KINDS) for row in changed)

    def seen() -> bool:
        session.flush()
        return touched

    event.listen(session, "after_flush", flushed)
    try:
        yield seen
    finally:
        event.remove(session, "after_flush", flushed)
