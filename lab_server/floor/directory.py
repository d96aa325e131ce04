"""What the floor asks while a caller waits: who rings, what holds for a seat, whether a PIN is right.

Nobody waits for a database here. Lists and seats' settings are in memory; the rest is read with a deadline, and what
cannot be read in time is unknown: the call goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from lab_server.desk import customers, members, number_lists, seat_settings
from lab_server.desk.last_agent import last_agent
from lab_server.desk.members import Figures, PinCheck, Tries
from lab_server.desk.number_lists import Lists
from lab_server.desk.numbers import identity
from lab_server.desk.seat_settings import SeatFacts
from lab_server.store.errors import StoreError
from lab_server.store.tables import ListKind, Mode
from lab_server.store.writer import Reader, Writer
from telephony.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

DEADLINE_S = 0.3
PIN_DEADLINE_S = 2.0
"""A hash takes 50 ms of a core, and twenty callers may key their PINs at once."""


@dataclass(frozen=True)
class CallerFacts:
    """What is known of a caller. `known`: there is a record of the customer; `last_seat`: where who served him sits."""

    number: str
    known: bool = False
    name: str = ""
    customer_id: str | None = None
    is_vip: bool = False
    blacklisted: bool = False
    hides: bool = False
    last_seat: str | None = None


class Directory:
    """Call `refresh` at the start and whenever a list or a seat's setting was changed."""

    def __init__(
        self, reader: Reader, writer: Writer, clock: Clock, *, site_id: str, deadline_s: float = DEADLINE_S
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._site = site_id
        self._deadline_s = deadline_s
        self._lists: Mapping[Mode, Lists] = {}
        self._seats: Mapping[str, SeatFacts] = {}
        self._fresh: dict[str, tuple[SeatFacts, Future[Any]]] = {}  # just set here, and perhaps not in the rows yet
        self._tries: dict[str, Tries] = {}  # by membership: counted, and not yet in the database
        self._turns: WeakValueDictionary[tuple[Mode, str], asyncio.Lock] = WeakValueDictionary()

    async def refresh(self) -> bool:
        """Read lists and settings again; False: the database does not answer, and what was known still holds."""
        written = {seat: fresh for seat, fresh in self._fresh.items() if fresh[1].done()}
        found = await self._ask(
            "lists and seats", lambda s: (number_lists.load(s, self._site), seat_settings.load(s, self._site)), 5.0
        )
        if found is not None:
            self._lists, self._seats = found
            self._fresh = {seat: fresh for seat, fresh in self._fresh.items() if written.get(seat) is not fresh}
        return found is not None

    def seat(self, seat: str) -> SeatFacts:
        """What holds for a seat."""
        fresh = self._fresh.get(seat)
        return fresh[0] if fresh is not None else self._seats.get(seat) or SeatFacts(seat)

    def set_seat(self, facts: SeatFacts, written: Future[Any]) -> None:
        """It holds at once; `written` is done when the rows say so, too."""
        self._fresh[facts.seat] = facts, written

    def lists_of(self, number: str, mode: Mode) -> frozenset[ListKind]:
        """The lists a number is on now."""
        lists = self._lists.get(mode)
        return lists.kinds(number, self._clock.utc()) if lists is not None else frozenset()

    async def caller(self, number: str, mode: Mode) -> CallerFacts:
        """Who rings. The lists always answer; the customer's record and the last agent only if read in time."""
        kinds = self.lists_of(number, mode)
        facts = CallerFacts(number, is_vip="vip" in kinds, blacklisted="blacklist" in kinds, hides=not identity(number))
        if facts.hides:
            return facts

        def look(session: Session) -> CallerFacts:
            last = last_agent(session, self._site, mode, number)
            seen = replace(facts, last_seat=last.seat if last is not None else None)
            customer = customers.find(session, self._site, mode, number)
            if customer is None:
                return seen
            vip = facts.is_vip or customer.is_vip
            return replace(seen, known=True, name=customer.name, customer_id=customer.id, is_vip=vip)

        return await self._ask("a caller", look) or facts

    async def member(self, member_number: str, pin: str, mode: Mode) -> PinCheck | None:
        """Judge a PIN and count the try. None: it could not be judged in time; then it does not count either.

        Tries of one number are judged one after the other, and count at once, though the database may be locked.
        """
        turn = self._turns.setdefault((mode, member_number), asyncio.Lock())

        def judge(session: Session) -> PinCheck:
            member = members.find(session, self._site, mode, member_number)
            tries = self._tries.get(member.id) if member is not None else None
            return members.checked(member, pin, self._clock.utc(), tries)

        async with turn:
            check = await self._ask("a member", judge, PIN_DEADLINE_S)
            if check is not None and check.membership_id is not None:
                self._count(check.membership_id, check)
        return check

    async def figures(self, customer_id: str) -> Figures | None:
        """What a menu can say to a customer; None: not to be had just now."""
        return await self._ask("figures", lambda session: members.figures(session, customer_id))

    async def numbers_of(self, customer_id: str) -> list[str]:
        """Where to ring the customer, in order; empty if it is not to be had just now."""
        return await self._ask("a customer's numbers", lambda s: customers.numbers_of(s, customer_id)) or []

    async def next_number(self, customer_id: str, tried: str) -> str | None:
        """What to ring when `tried` was busy or silent."""
        return await self._ask("a customer's numbers", lambda s: customers.next_number(s, customer_id, tried))

    def _count(self, membership_id: str, check: PinCheck) -> None:
        self._tries[membership_id] = check.tries

        def written(done: Future[object]) -> None:
            """In the writer's thread."""
            if not done.cancelled() and done.exception() is None and self._tries.get(membership_id) is check.tries:
                self._tries.pop(membership_id, None)

        self._writer.post(lambda session: members.note_try(session, check)).add_done_callback(written)

    async def _ask(self, what: str, work: Callable[[Session], T], deadline_s: float | None = None) -> T | None:
        try:
            async with asyncio.timeout(self._deadline_s if deadline_s is None else deadline_s):
                return await self._reader.run(work)
        except (TimeoutError, StoreError, SQLAlchemyError) as error:
            # The caller waits: whatever is wrong with the database, the call goes on without what it would have told.
            log.warning("The database did not tell of %s in time (%s): the call goes on.", what, error or "no answer")
            return None
