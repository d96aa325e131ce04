"""How a contact ended in the agent's own words: a code of the school's list, and a note."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Disposition(Sited, table=True):
    """One code. `queues` empty: for all."""

    __tablename__ = "disposition"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    code: str = Field(max_length=40)
    title: dict[str, str] = Field(sa_type=JSON)
    queues: list[str] = Field(default_factory=list, sa_type=JSON)
    position: int = 0
    active: bool = True


class ContactNote(Sited, table=True):
    """One agent's note on one contact, and its disposition."""

    __tablename__ = "contact_note"
    __table_args__ = (UniqueConstraint("contact_id", "user_id"),)

    contact_id: str = Field(foreign_key="contact.id", max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    disposition: str = Field(default="", max_length=40)
    text: str = Field(default="", max_length=4000)
    saved_at: datetime = Field(sa_type=UtcDateTime)
