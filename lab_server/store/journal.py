"""The append-only journal: `append` returns at once, whatever the database does."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, insert, text
from sqlmodel import Session, col, select

from lab_server.ids import new_id
from lab_server.store.errors import DatabaseBusyError, StoreClosedError
from lab_server.store.redaction import clean
from lab_server.store.tables import JournalEntry
from lab_server.store.tables.journal_entry import JOURNAL_VERSION
from lab_server.store.writer import Writer
from telephony.clock import Clock

log = logging.getLogger(__name__)

CAPACITY = 100_000
_CHUNK = 500

Entry = dict[str, Any]
"""A `JournalEntry` by its columns: it is made on the thread of the calls, where a row object costs too much."""


class Journal:
    """One process's pen. `source` names the process; `on_trouble` hears when entries had to be given up.

    Entries wait in memory, `capacity` at most, until the writer's thread has them committed (usually within 50 ms).
    """

    def __init__(
        self,
        writer: Writer,
        *,
        source: str,
        clock: Clock,
        site_id: str = "",
        session_id: str | None = None,
        capacity: int = CAPACITY,
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        self._writer = writer
        self._source = source
        self._clock = clock
        self._site_id = site_id
        self.session_id = session_id
        self._capacity = capacity
        self._on_trouble = on_trouble or (lambda sentence: None)
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._writing = False
        self._appended = self._settled = 0
        self.lost = 0
        """Entries given up because `capacity` others waited already."""

    def append(
        self,
        contact: str | None,
        kind: str,
        data: Mapping[str, Any] | None = None,
        *,
        at: datetime | None = None,
        monotonic_s: float | None = None,
        recording_s: float | None = None,
        session_id: str | None = None,
        user_id: str | None = None,
        key: str | None = None,
    ) -> None:
        """Write down that `kind` happened. Never waits and never fails; from any thread.

        `key` makes it idempotent: of entries with one key the first stays. `at`, `monotonic_s`: when it happened, if
        not now; `recording_s`: where in the customer's recording.
        """
        entry = make(
            kind,
            source=self._source,
            clock=self._clock,
            contact=contact,
            data=data,
            at=at,
            monotonic_s=monotonic_s,
            recording_s=recording_s,
            site_id=self._site_id,
            session_id=session_id or self.session_id,
            user_id=user_id,
            key=key,
        )
        with self._lock:
            full = len(self._entries) >= self._capacity
            if not full:
                self._entries.append(entry)
                self._appended += 1
            begin = not self._writing and not full
            self._writing = self._writing or begin
        if full:
            self._lose()
        if begin:
            self._post()

    @property
    def waiting(self) -> int:
        """Entries not yet in the database."""
        return len(self._entries)

    async def flush(self, timeout_s: float = 10.0) -> None:
        """Return when every entry appended so far is committed. Raises `DatabaseBusyError` if that takes longer."""
        target = self._appended
        try:
            async with asyncio.timeout(timeout_s):
                while self._settled < target:
                    await self._writer.flush(timeout_s)
                await self._writer.flush(timeout_s)
        except TimeoutError as error:
            raise DatabaseBusyError(f"{target - self._settled} journal entries still wait for the database") from error

    def _lose(self) -> None:
        self.lost += 1
        if self.lost & (self.lost - 1) == 0:  # 1, 2, 4, 8 …: an alarm, no flood
            sentence = f"The journal is full ({self._capacity} entries wait for the database): {self.lost} are lost."
            log.error(sentence)
            self._on_trouble(sentence)

    def _post(self) -> None:
        try:
            done = self._writer.post(self._write, urgent=False)
        except StoreClosedError:
            log.error("The journal is closed: %d entries are lost.", len(self._entries))
            return
        done.add_done_callback(self._written)

    def _write(self, session: Session) -> int:
        """In the writer's thread, perhaps more than once: nothing is forgotten before the commit."""
        with self._lock:
            entries = [self._entries[index] for index in range(min(_CHUNK, len(self._entries)))]
        record(session, entries)
        return len(entries)

    def _written(self, done: "Future[int]") -> None:
        with self._lock:
            if done.exception() is None:
                for _ in range(done.result()):
                    self._entries.popleft()
                    self._settled += 1
            elif self._entries:
                # The writer has logged why. One entry of the chunk is to blame; the others go alone.
                self._one_by_one()
            more = self._writing = bool(self._entries)
        if more:
            self._post()

    def _one_by_one(self) -> None:
        for _ in range(min(_CHUNK, len(self._entries))):
            entry = self._entries.popleft()
            self._settled += 1
            self._writer.post(partial(record, entries=[entry]), urgent=False)


def make(
    kind: str,
    *,
    source: str,
    clock: Clock,
    contact: str | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    monotonic_s: float | None = None,
    recording_s: float | None = None,
    site_id: str = "",
    session_id: str | None = None,
    user_id: str | None = None,
    key: str | None = None,
) -> Entry:
    """An entry, cleaned of what the journal may not hold; `seq` is given when it is recorded."""
    identity = new_id()
    return {
        "id": identity,
        "version": JOURNAL_VERSION,
        "site_id": site_id,
        "session_id": session_id,
        "user_id": user_id,
        "contact_id": contact,
        "seq": 0,
        "kind": kind,
        "at": at or clock.utc(),
        "monotonic_s": clock.monotonic() if monotonic_s is None else monotonic_s,
        "source": source,
        "recording_s": recording_s,
        "data": clean(data or {}),
        "idempotency_key": key or identity,
    }


def record(session: Session, entries: Iterable[Entry]) -> None:
    """Insert entries in a transaction of the caller's, numbering them within their contacts; known keys are skipped."""
    fresh: dict[str, Entry] = {}
    for entry in entries:
        fresh.setdefault(entry["idempotency_key"], entry)
    contacts = sorted({entry["contact_id"] for entry in fresh.values() if entry["contact_id"]})
    _lock_contacts(session, contacts)
    known = select(JournalEntry.idempotency_key).where(col(JournalEntry.idempotency_key).in_(fresh))
    for key in session.exec(known):
        del fresh[key]
    newest = (
        select(JournalEntry.contact_id, func.max(JournalEntry.seq))
        .where(col(JournalEntry.contact_id).in_(contacts))
        .group_by(col(JournalEntry.contact_id))
    )
    last: dict[str | None, int] = dict(session.exec(newest).all())
    rows = []
    for entry in fresh.values():
        row = dict(entry)  # it may be recorded again
        if entry["contact_id"]:
            row["seq"] = last[entry["contact_id"]] = last.get(entry["contact_id"], 0) + 1
        rows.append(row)
    if rows:
        session.execute(insert(JournalEntry), rows)


def read(session: Session, contact: str) -> list[JournalEntry]:
    """A contact's entries in the order they were written."""
    entries = select(JournalEntry).where(JournalEntry.contact_id == contact).order_by(col(JournalEntry.seq))
    return list(session.exec(entries))


def read_session(session: Session, session_id: str) -> list[JournalEntry]:
    """A lab session's entries by the time they happened."""
    entries = select(JournalEntry).where(JournalEntry.session_id == session_id)
    return list(session.exec(entries.order_by(col(JournalEntry.at), col(JournalEntry.id))))


def _lock_contacts(session: Session, contacts: list[str]) -> None:
    """On SQLite whoever writes is alone; PostgreSQL needs to be told that two may not number one contact's entries."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for contact in contacts:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:contact, 0))"), {"contact": contact})
