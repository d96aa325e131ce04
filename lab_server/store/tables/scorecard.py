"""A contact's scorecard and its lines. The automatic score is never overwritten: a human's stands beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Row, Scoped, UtcDateTime


class Scorecard(Scoped, table=True):
    """One a contact. `score`: 0…100; `raw_score`: without critical errors; `rubric`: as it was used."""

    __tablename__ = "scorecard"
    __table_args__ = (UniqueConstraint("contact_id"),)

    contact_id: str = Field(foreign_key="contact.id", max_length=26)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26, index=True)
    scenario: str = Field(default="", max_length=64)
    rubric: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    score: float | None = None
    raw_score: float | None = None
    passed: bool | None = None
    critical_failures: list[str] = Field(default_factory=list, sa_type=JSON)
    not_applicable: list[str] = Field(default_factory=list, sa_type=JSON)
    graded_at: datetime = Field(sa_type=UtcDateTime)
    human_score: float | None = None
    human_passed: bool | None = None
    human_user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    human_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    human_comment: str = Field(default="", max_length=2000)


class ScorecardLine(Row, table=True):
    """One item, as `grading.line.Line` has it: the seconds are into the customer's recording and prove the verdict."""

    __tablename__ = "scorecard_line"
    __table_args__ = (UniqueConstraint("scorecard_id", "item"),)

    scorecard_id: str = Field(foreign_key="scorecard.id", max_length=26, index=True)
    position: int
    item: str = Field(max_length=64)
    kind: str = Field(default="", max_length=20)
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    expected: str = Field(default="", max_length=2000)
    found: str = Field(default="", max_length=2000)
    verdict: str = Field(max_length=20)
    told_at_s: float | None = None
    clip_from_s: float | None = None
    clip_to_s: float | None = None
    points: float
    of: float
    critical: bool = False
    consequential: bool = False
    reason: str = Field(default="", max_length=40)
    params: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    human_points: float | None = None
    human_verdict: str | None = Field(default=None, max_length=20)
    human_reason: str = Field(default="", max_length=2000)
    human_user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    human_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
