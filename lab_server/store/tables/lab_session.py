"""A session: one run of a class on the floor."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, String
from sqlmodel import Field

from lab_server.store.tables.columns import Language, Sited, UtcDateTime, one_of

SessionStatus = Literal["planned", "running", "ended", "broken"]


class LabSession(Sited, table=True):
    """`scenarios` holds every scenario of the session with its rubric as it was at launch: later edits change no grade.

    `plan` is what was asked for (calls, agents, arrivals); `engines` the versions it ran on (asterisk, speech, …).
    """

    __tablename__ = "lab_session"
    __table_args__ = (one_of("status", SessionStatus), one_of("language", Language))

    klass_id: str | None = Field(default=None, foreign_key="klass.id", max_length=26, index=True)
    name: str = Field(default="", max_length=120)
    seed: int = Field(sa_type=BigInteger)
    language: Language = Field(sa_type=String)
    status: SessionStatus = Field(default="planned", sa_type=String)
    scenarios: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    engines: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
