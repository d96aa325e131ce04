"""A database behind a floor of the lab: what the floor writes down is there to be read, beside the notebook."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from floor_lab import FloorLab, House
from sqlmodel import Session

from lab_server.config import Settings
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.floor.book import StoreBook
from lab_server.floor.lamps import Lamps
from lab_server.floor.mailboxes import StoreMailboxes
from lab_server.floor.ringing_back import RingingBack
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.journal import Journal
from lab_server.store.migrate import upgrade
from lab_server.store.writer import Reader, Writer
from telephony.clock import SystemClock

T = TypeVar("T")


class Both:
    """A `Book` that hands everything to two."""

    def __init__(self, one: object, other: object) -> None:
        self._books = (one, other)

    def __getattr__(self, name: str) -> Callable[..., None]:
        def both(*given: object) -> None:
            for book in self._books:
                getattr(book, name)(*given)

        return both


class StoreLab:
    """A site with two students at 1001 and 1002."""

    def __init__(self, folder: Path, recordings: Path, seats: tuple[str, ...]) -> None:
        self.clock = SystemClock()
        self.back: dict[int, RingingBack] = {}
        self.back_how: dict[str, Any] = {"retry_s": 0.5, "most_tries": 2}
        self.engine = open_engine(f"sqlite:///{folder / 'lab.db'}")
        upgrade(self.engine)
        with writing(self.engine) as session:
            self.site = ensure_site(session, self.clock, Settings()).id
            ensure_seats(session, self.site, seats)
            for login, seat in (("wang", "1001"), ("li", "1002")):
                user = ensure_user(session, self.clock, site_id=self.site, login=login, name=login, role="student")
                sit_down(session, user, seat)
        self.writer, self.reader = Writer(self.engine, clock=self.clock), Reader(self.engine)
        self.journal = Journal(self.writer, source="test", clock=self.clock, site_id=self.site)
        self.book = StoreBook(
            self.writer, self.journal, self.clock, site_id=self.site, recordings=recordings, session_of=lambda _: None
        )

    def house(self, lab: FloorLab, **how: Any) -> House:
        """A floor that writes into the database too, and has its mailboxes there; not started yet."""
        more = dict(how.pop("more", {}))
        more["mailboxes"] = StoreMailboxes(self.reader, self.writer, self.journal, self.clock, site_id=self.site)
        back = RingingBack(self.reader, self.writer, self.journal, self.clock, site_id=self.site, **self.back_how)
        house = lab.house(more={"callbacks": back} | more, **how)
        house.floor._kit = replace(house.floor._kit, book=Both(house.book, self.book))
        back.join(house.floor)
        house.kit.listeners.append(back)
        self.back[id(house)] = back
        lamps = Lamps(house.kit)
        house.kit.mailboxes.changed = lamps.look  # type: ignore[attr-defined]
        house.ari.subscribe(lamps.handle)
        return house

    async def start(self, house: House) -> RingingBack:
        """As the brain does it: the floor first, then whom it is to ring back."""
        await house.floor.start()
        await self.back[id(house)].look()
        return self.back[id(house)]

    async def stop(self, house: House) -> None:
        """The floor goes, its calls stay."""
        await self.back[id(house)].close()
        await house.floor.close()

    @asynccontextmanager
    async def open(self, lab: FloorLab, *ready: str, **how: Any) -> AsyncIterator[House]:
        house = self.house(lab, **how)
        house.ready(*ready)
        await self.start(house)
        try:
            yield house
        finally:
            await lab.shut(house)
            await self.back[id(house)].close()

    def look(self, work: Callable[[Session], T]) -> T:
        """What is committed now."""
        with reading(self.engine) as session:
            return work(session)

    async def sees(self, work: Callable[[Session], T], within_s: float = 5.0) -> T:
        """What `work` finds, as soon as it finds anything."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not (found := self.look(work)):
            assert asyncio.get_running_loop().time() < deadline, "not in the database in time"
            await asyncio.sleep(0.02)
        return found

    def close(self) -> None:
        self.reader.close()
        self.writer.close()
        self.engine.dispose()
