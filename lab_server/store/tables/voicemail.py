"""A message that a caller left in a mailbox."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Sited, UtcDateTime, one_of


class Voicemail(Sited, table=True):
    """`path` is relative to the recordings folder. Deleted ones stay, so that it can be undone."""

    __tablename__ = "voicemail"
    __table_args__ = (one_of("mode", Mode), Index(None, "site_id", "mailbox", "created_at"))

    mode: Mode = Field(sa_type=String)
    mailbox: str = Field(max_length=40)
    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    caller_number: str = Field(default="", max_length=40)
    path: str = Field(max_length=200, unique=True)
    duration_s: float = 0.0
    created_at: datetime = Field(sa_type=UtcDateTime)
    heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heard_by: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_by: str | None = Field(default=None, foreign_key="user.id", max_length=26)
