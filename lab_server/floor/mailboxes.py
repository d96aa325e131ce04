"""What the mailboxes hold, as the floor knows it: counts in memory, messages left and heard written down behind it."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from lab_server.desk import mailboxes
from lab_server.desk.errors import DeskError
from lab_server.desk.mailboxes import Counts
from lab_server.desk.users import at_seat
from lab_server.floor.message import Message
from lab_server.store.errors import StoreError
from lab_server.store.journal import Journal
from lab_server.store.tables import Contact, Voicemail
from lab_server.store.writer import Reader, Writer
from telephony.clock import Clock

log = logging.getLogger(__name__)

LIST_S = 2.0


@dataclass(frozen=True)
class Kept:
    """A message as somebody who listens to it is told; `path` is relative to the recordings folder."""

    id: str
    caller: str
    path: str
    received_at: datetime
    length_s: float
    new: bool


class Mailboxes(Protocol):
    """No method may block or fail: what cannot be read in time is not there for now."""

    def count(self, mailbox: str) -> int:
        """How many messages lie there."""
        ...

    def counts(self, mailbox: str) -> Counts: ...

    async def refresh(self) -> bool:
        """Other processes have changed messages: count again."""
        ...

    def left(self, message: Message, length_s: float, spoken_s: float) -> None:
        """A message is to be kept; told again nothing changes."""
        ...

    async def keep(self, message: Message, length_s: float, spoken_s: float) -> None:
        """`left`, and wait until it is written down, if that is possible now."""
        ...

    async def unkept(self, messages: Collection[Message]) -> list[Message]:
        """Those of this site's contacts that nobody has written down."""
        ...

    async def messages(self, mailbox: str) -> list[Kept] | None:
        """New ones first, each in the order they came. None: not to be had just now."""
        ...

    def heard(self, message_id: str, seat: str) -> None: ...

    def delete(self, message_id: str, seat: str) -> None: ...

    def bring_back(self, message_id: str, seat: str) -> None: ...


class NoMailboxes:
    """Keeps nothing."""

    def count(self, mailbox: str) -> int:
        return 0

    def counts(self, mailbox: str) -> Counts:
        return Counts()

    async def refresh(self) -> bool:
        return True

    def left(self, message: Message, length_s: float, spoken_s: float) -> None: ...

    async def keep(self, message: Message, length_s: float, spoken_s: float) -> None: ...

    async def unkept(self, messages: Collection[Message]) -> list[Message]:
        return []

    async def messages(self, mailbox: str) -> list[Kept] | None:
        return []

    def heard(self, message_id: str, seat: str) -> None: ...

    def delete(self, message_id: str, seat: str) -> None: ...

    def bring_back(self, message_id: str, seat: str) -> None: ...


class StoreMailboxes:
    """`Mailboxes` on the store. `changed` is called when any count may have changed: the lamps look."""

    def __init__(self, reader: Reader, writer: Writer, journal: Journal, clock: Clock, *, site_id: str) -> None:
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._site = site_id
        self._counts: dict[str, Counts] = {}
        self._refreshing: set[asyncio.Task[bool]] = set()
        self.changed: Callable[[], None] = lambda: None

    def count(self, mailbox: str) -> int:
        return sum(self.counts(mailbox))

    def counts(self, mailbox: str) -> Counts:
        return self._counts.get(mailbox, Counts())

    async def refresh(self) -> bool:
        """Count again: other processes change messages too. False: the database does not answer."""

        def count(session: Session) -> dict[str, Counts]:
            found: dict[str, Counts] = {}
            for mode in ("training", "production"):
                for name, (new, old) in mailboxes.counts(session, self._site, mode).items():
                    before = found.get(name, Counts())
                    found[name] = Counts(before.new + new, before.old + old)
            return found

        try:
            async with asyncio.timeout(LIST_S):
                counts = await self._reader.run(count)
        except (TimeoutError, StoreError, SQLAlchemyError) as error:
            log.warning("the messages could not be counted: %s", error or "no answer")
            return False
        if counts != self._counts:
            self._counts = counts
            self.changed()
        return True

    def left(self, message: Message, length_s: float, spoken_s: float) -> None:
        def work(session: Session) -> None:
            try:
                mailboxes.leave(
                    session, self._clock, contact_id=message.contact, mailbox=message.mailbox, path=message.path,
                    duration_s=length_s,
                )  # fmt: skip
            except DeskError as refused:
                log.error("message %s could not be kept: %s", message.path, refused)
                return
            contact = session.get(Contact, message.contact)
            if contact is not None and contact.answered_at is None and contact.outcome in {"abandoned", "broken"}:
                contact.outcome = "message"  # found when its caller had hung up, or the switch died
                session.add(contact)

        self._post(work)
        data = {"mailbox": message.mailbox, "path": message.path, "length_s": round(length_s, 2),
                "spoken_s": round(spoken_s, 2)}  # fmt: skip
        self._journal.append(message.contact, "voicemail.left", data, key=f"voicemail.left/{message.path}")

    async def keep(self, message: Message, length_s: float, spoken_s: float) -> None:
        self.left(message, length_s, spoken_s)
        try:
            await self._writer.flush(LIST_S)
        except StoreError as error:
            log.warning("message %s is written down when the database takes it: %s", message.path, error)

    async def unkept(self, messages: Collection[Message]) -> list[Message]:
        def look(session: Session) -> tuple[set[str], set[str]]:
            kept = select(Voicemail.path).where(col(Voicemail.path).in_([one.path for one in messages]))
            ours = select(Contact.id).where(
                Contact.site_id == self._site, col(Contact.id).in_({one.contact for one in messages})
            )
            return set(session.exec(kept)), set(session.exec(ours))

        if not messages:
            return []
        try:
            kept, ours = await self._reader.run(look)
        except (StoreError, SQLAlchemyError) as error:
            log.warning("whether messages were kept is not known: %s", error)
            return []
        return [one for one in messages if one.path not in kept and one.contact in ours]

    async def messages(self, mailbox: str) -> list[Kept] | None:
        def look(session: Session) -> list[Kept]:
            found = select(Voicemail).where(
                Voicemail.site_id == self._site, Voicemail.mailbox == mailbox, col(Voicemail.deleted_at).is_(None)
            )
            rows = session.exec(found.order_by(col(Voicemail.created_at), col(Voicemail.id)))
            kept = [
                Kept(row.id, row.caller_number, row.path, row.created_at, row.duration_s, row.heard_at is None)
                for row in rows
            ]
            return sorted(kept, key=lambda one: not one.new)

        try:
            async with asyncio.timeout(LIST_S):
                return await self._reader.run(look)
        except (TimeoutError, StoreError, SQLAlchemyError) as error:
            log.warning("the messages of %s are not to be had: %s", mailbox, error or "no answer")
            return None

    def heard(self, message_id: str, seat: str) -> None:
        def work(session: Session) -> None:
            message = session.get(Voicemail, message_id)
            if message is not None and message.heard_at is None:
                user = at_seat(session, self._site, seat)
                message.heard_at, message.heard_by = self._clock.utc(), user.id if user else None
                session.add(message)

        self._note(work, "mailbox.heard", message_id, seat)

    def delete(self, message_id: str, seat: str) -> None:
        def work(session: Session) -> None:
            message = session.get(Voicemail, message_id)
            if message is not None and message.deleted_at is None:
                user = at_seat(session, self._site, seat)
                message.deleted_at, message.deleted_by = self._clock.utc(), user.id if user else None
                session.add(message)

        self._note(work, "mailbox.deleted", message_id, seat)

    def bring_back(self, message_id: str, seat: str) -> None:
        def work(session: Session) -> None:
            message = session.get(Voicemail, message_id)
            if message is not None:
                message.deleted_at = message.deleted_by = None
                session.add(message)

        self._note(work, "mailbox.brought_back", message_id, seat)

    def _note(self, work: Callable[[Session], None], kind: str, message_id: str, seat: str) -> None:
        self._post(work)
        self._journal.append(None, kind, {"id": message_id, "seat": seat})

    def _post(self, work: Callable[[Session], None]) -> None:
        loop = asyncio.get_running_loop()
        done = self._writer.post(work)
        done.add_done_callback(lambda _: _soon(loop, self._recount))

    def _recount(self) -> None:
        task = asyncio.create_task(self.refresh(), name="mailboxes")
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """From the writer's thread; a loop that has been closed needs nothing any more."""
    if not loop.is_closed():
        try:
            loop.call_soon_threadsafe(act)
        except RuntimeError:
            log.info("the floor was closed before its mailboxes were counted again")
