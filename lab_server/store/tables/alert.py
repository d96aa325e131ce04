"""Something an operator has to see to: raised once, until it is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Alert(Sited, table=True):
    """`kind` (`disk_full`, …) names the text, `args` fill it; `subject` tells two of one kind apart (which disk)."""

    __tablename__ = "alert"
    __table_args__ = (Index(None, "site_id", "cleared_at"),)

    kind: str = Field(max_length=40)
    subject: str = Field(default="", max_length=200)
    args: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
