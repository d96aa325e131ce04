"""A call-back: the caller hung up and keeps the place in the queue; the floor rings back."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, UtcDateTime, one_of

CallbackState = Literal["waiting", "offered", "dialling", "done", "failed", "cancelled"]


class Callback(Scoped, table=True):
    """`contact_id` ordered it; `since` is when that one entered the queue: the place it keeps.

    `due`: not to be rung before. `next_try_at`: `due`, or later after a try that came to nothing. `wants` is what the
    queue has to know of the caller besides (language, skills, …). `dialled_contact_id` is the contact of the newest
    try, `seat` whose call it is then.
    """

    __tablename__ = "callback"
    __table_args__ = (
        UniqueConstraint("contact_id"),
        one_of("mode", Mode),
        one_of("state", CallbackState),
        Index(None, "site_id", "state", "next_try_at"),
        Index(None, "site_id", "mode", "number"),
    )

    mode: Mode = Field(sa_type=String)
    contact_id: str = Field(foreign_key="contact.id", max_length=26)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", max_length=26, index=True)
    number: str = Field(max_length=40)
    dialled: str = Field(max_length=40)
    queue: str = Field(max_length=40)
    priority: int = 0
    wants: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    since: datetime = Field(sa_type=UtcDateTime)
    due: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    state: CallbackState = Field(default="waiting", sa_type=String)
    tries: int = 0
    last_result: str = Field(default="", max_length=40)
    seat: str = Field(default="", max_length=16)
    dialled_contact_id: str | None = Field(default=None, max_length=26)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
