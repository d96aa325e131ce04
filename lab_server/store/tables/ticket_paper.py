"""What belongs to a ticket: the tree of categories, comments, attachments, history."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Category(Sited, table=True):
    """A node of the category tree; `title` by language. Inactive ones are offered no more but stay on old tickets."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    code: str = Field(max_length=60)
    parent_id: str | None = Field(default=None, foreign_key="category.id", max_length=26, index=True)
    title: dict[str, str] = Field(sa_type=JSON)
    position: int = 0
    active: bool = True


class TicketComment(Sited, table=True):
    """One person's remark; plain text. Taken back: `deleted_at`."""

    __tablename__ = "ticket_comment"
    __table_args__ = (Index(None, "ticket_id", "at"),)

    ticket_id: str = Field(foreign_key="ticket.id", max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    text: str = Field(max_length=4000)
    at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TicketEvent(Sited, table=True):
    """One step of a ticket's history: `data` is before and after."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index(None, "ticket_id", "at"),)

    ticket_id: str = Field(foreign_key="ticket.id", max_length=26)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    kind: str = Field(max_length=40)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)


class Attachment(Sited, table=True):
    """A file of a ticket, kept under its id; `name` is text that is only ever shown. `type` was read from its bytes."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "ticket_id", "at"),)

    ticket_id: str = Field(foreign_key="ticket.id", max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    name: str = Field(max_length=120)
    type: str = Field(max_length=80)
    size: int
    sha256: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
