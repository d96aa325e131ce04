"""The journal: append-only, the source of every later figure.

No foreign keys: an entry is written whatever became of the rows it speaks of, and outlives them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Row, UtcDateTime

JOURNAL_VERSION = 1


class JournalEntry(Row, table=True):
    """`seq` counts from 1 in the contact (0: an entry about no contact). `recording_s`: offset into the recording."""

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index("uq_journal_contact_id_seq", "contact_id", "seq", unique=True),
        Index(None, "kind", "at"),
    )

    version: int = JOURNAL_VERSION
    site_id: str = Field(default="", max_length=26)
    session_id: str | None = Field(default=None, max_length=26, index=True)
    user_id: str | None = Field(default=None, max_length=26)
    contact_id: str | None = Field(default=None, max_length=26)
    seq: int = 0
    kind: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    monotonic_s: float
    source: str = Field(max_length=40)
    recording_s: float | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    idempotency_key: str = Field(max_length=120)
