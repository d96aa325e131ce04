"""The audit trail: who did what to whom among users, classes and rights. Append-only, like the journal."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from lab_server.store.tables.columns import Row, UtcDateTime


class AuditEntry(Row, table=True):
    """No foreign keys: an entry outlives what it speaks of. `subject` is whom or what it was done to, in words."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "site_id", "at"),)

    site_id: str = Field(max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)
    user_id: str | None = Field(default=None, max_length=26, index=True)
    login: str = Field(default="", max_length=40)
    action: str = Field(max_length=40, index=True)
    subject_id: str | None = Field(default=None, max_length=26, index=True)
    subject: str = Field(default="", max_length=120)
    source: str = Field(default="", max_length=45)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
