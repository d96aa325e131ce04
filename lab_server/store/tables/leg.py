"""A leg: one channel of a contact."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of

LegRole = Literal["customer", "agent", "supervisor", "consult", "party"]


class Leg(Sited, table=True):
    """`name` is RS_LEG (`customer`, `agent-1`, …); `number` what was rung; `seat` whose leg it is, empty for outsiders.

    Roles: `agent` serves the customer, `consult` was asked by the agent and becomes `agent` when the contact is handed
    over, `party` takes part in a conference or three-way call, `supervisor` listens, whispers or barges.

    `recording` is relative to the recordings folder. `offset_s`: where on the customer's recording this leg's own
    begins, in seconds. `wrapped_at`: when this leg's agent had written everything down.
    """

    __tablename__ = "leg"
    __table_args__ = (
        UniqueConstraint("contact_id", "name"),
        one_of("role", LegRole),
        Index(None, "user_id", "started_at"),
    )

    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    name: str = Field(max_length=40)
    role: LegRole = Field(sa_type=String)
    number: str = Field(default="", max_length=40)
    seat: str = Field(default="", max_length=16)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26, index=True)
    channel: str = Field(default="", max_length=80)
    started_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wrapped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cause: str = Field(default="", max_length=80)
    recording: str = Field(default="", max_length=200)
    offset_s: float = 0.0
