"""A conference: a contact without a customer; its parties are legs."""

from datetime import datetime

from sqlalchemy import String
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Sited, UtcDateTime, one_of


class Conference(Sited, table=True):
    """`id` is its contact's. `owner_id` may invite, mute, drop and lock."""

    __tablename__ = "conference"
    __table_args__ = (one_of("mode", Mode),)

    id: str = Field(primary_key=True, foreign_key="contact.id", max_length=26)
    mode: Mode = Field(sa_type=String)
    owner_id: str | None = Field(default=None, foreign_key="user.id", max_length=26, index=True)
    title: str = Field(default="", max_length=80)
    locked: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
