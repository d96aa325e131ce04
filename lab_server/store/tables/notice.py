"""What colleagues write each other, and what is announced to everybody."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class ColleagueMessage(Sited, table=True):
    """One message to one person."""

    __tablename__ = "colleague_message"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index(None, "recipient_id", "read_at"),
        Index(None, "recipient_id", "sent_at"),
        Index(None, "sender_id", "sent_at"),
    )

    sender_id: str = Field(foreign_key="user.id", max_length=26)
    recipient_id: str = Field(foreign_key="user.id", max_length=26)
    text: str = Field(max_length=2000)
    contact_id: str | None = Field(default=None, foreign_key="contact.id", max_length=26)
    idempotency_key: str = Field(max_length=120)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Announcement(Sited, table=True):
    """For those of `roles` (empty: all) and of the class (None: all), from `since` until `until`."""

    __tablename__ = "announcement"
    __table_args__ = (Index(None, "site_id", "since"),)

    klass_id: str | None = Field(default=None, foreign_key="klass.id", max_length=26)
    title: str = Field(max_length=120)
    text: str = Field(max_length=4000)
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AnnouncementRead(Sited, table=True):
    __tablename__ = "announcement_read"
    __table_args__ = (UniqueConstraint("announcement_id", "user_id"),)

    announcement_id: str = Field(foreign_key="announcement.id", max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
