"""What holds for a seat whoever sits there: do not disturb, the numbers its calls follow to, its mailbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class SeatSetting(Sited, table=True):
    """`follow_me`: at most three `{"number": …, "ring_s": …}`, rung in turn while `follow_me_on`.

    `skills` (name → level) stands in for the settings' own; None leaves them. `mailbox` empty: the seat has none.
    """

    __tablename__ = "seat_setting"
    __table_args__ = (UniqueConstraint("site_id", "seat"),)

    seat: str = Field(max_length=16)
    dnd: bool = False
    follow_me: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    follow_me_on: bool = False
    mailbox: str = Field(default="", max_length=40)
    skills: dict[str, int] | None = Field(default=None, sa_type=JSON)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str | None = Field(default=None, foreign_key="user.id", max_length=26)
