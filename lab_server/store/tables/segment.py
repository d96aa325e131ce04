"""A segment: who talked with whom, from when to when. A transfer makes a new segment, not a new call."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Segment(Sited, table=True):
    """`seq` counts from 1 in the contact."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("contact_id", "seq"),)

    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    seq: int = Field(ge=1)
    one_leg_id: str = Field(foreign_key="leg.id", max_length=26)
    other_leg_id: str = Field(foreign_key="leg.id", max_length=26)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hold_s: float = 0.0
