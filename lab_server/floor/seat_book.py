"""Where what a seat has set for itself is kept, so that it holds tomorrow, too."""

from typing import Protocol


class SeatBook(Protocol):
    """No method may block or fail: speech goes on whatever the disk does."""

    def dnd(self, seat: str, on: bool) -> None:
        """Do not disturb."""
        ...

    def follow_me(self, seat: str, number: str) -> None:
        """Calls for this seat follow to the number; empty: they do not."""
        ...


class NullSeatBook:
    """Keeps nothing."""

    def dnd(self, seat: str, on: bool) -> None: ...

    def follow_me(self, seat: str, number: str) -> None: ...
