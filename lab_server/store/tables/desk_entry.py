"""What a student typed into a form, as saved: one row a save, none ever altered but for being undone."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Scoped, UtcDateTime, one_of

Form = Literal["ticket", "order", "survey"]


class DeskEntry(Scoped, table=True):
    """The newest row of (contact, form) that is not undone is what is recorded. `version` counts from 1."""

    __tablename__ = "desk_entry"
    __table_args__ = (
        UniqueConstraint("contact_id", "form", "version"),
        UniqueConstraint("idempotency_key"),
        one_of("form", Form),
    )

    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    form: Form = Field(sa_type=String)
    version: int = Field(ge=1)
    values: dict[str, str] = Field(sa_type=JSON)
    idempotency_key: str = Field(max_length=120)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
