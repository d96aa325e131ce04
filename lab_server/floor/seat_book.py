"""Where what a seat has set for itself is kept, so that it holds tomorrow, too."""

from dataclasses import replace
from typing import Protocol

from lab_server.desk import seat_settings
from lab_server.desk.seat_settings import FollowMe
from lab_server.floor.directory import Directory
from lab_server.store.journal import Journal
from lab_server.store.writer import Writer
from telephony.clock import Clock


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


class StoreSeatBook:
    """Into the seats' rows. The floor's directory knows it at once, though the database may take it later."""

    def __init__(self, directory: Directory, writer: Writer, journal: Journal, clock: Clock, *, site_id: str) -> None:
        self._directory = directory
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._site = site_id

    def dnd(self, seat: str, on: bool) -> None:
        before = self._directory.seat(seat)
        if before.dnd is on:
            return
        written = self._writer.post(lambda s: seat_settings.keep_dnd(s, self._clock, self._site, seat, on))
        self._directory.set_seat(replace(before, dnd=on), written)
        self._journal.append(None, "seat.dnd", {"seat": seat, "on": on})

    def follow_me(self, seat: str, number: str) -> None:
        before = self._directory.seat(seat)
        written = self._writer.post(lambda s: seat_settings.keep_follow_me(s, self._clock, self._site, seat, number))
        follow = (FollowMe(number),) if number else ()
        self._directory.set_seat(replace(before, follow_me=follow), written)
        self._journal.append(
            None, "seat.follow_me", {"seat": seat, "on": bool(number), "numbers": [number][: len(follow)]}
        )
