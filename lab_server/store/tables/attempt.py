"""One ringing of a case. Its id is the id of the contact that comes of it; ringing again is a new attempt."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of

AttemptStatus = Literal["planned", "placed", "answered", "ended", "broken"]


class Attempt(Sited, table=True):
    """Written before the call is placed, so its `id` names a contact that may never come to be.

    `outcome` is the caller's own word for how it ended (`done`, `patience`, `angry`, …); `report` what the worker said.
    """

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("case_id", "number"), one_of("status", AttemptStatus))

    case_id: str = Field(foreign_key="case.id", max_length=26, index=True)
    number: int = Field(default=1, ge=1)
    worker: str = Field(default="", max_length=40)
    status: AttemptStatus = Field(default="planned", sa_type=String)
    outcome: str = Field(default="", max_length=40)
    placed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
