"""A job: work that waits as a row, so that any worker on any machine can take it."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Row, UtcDateTime, one_of

JobState = Literal["waiting", "taken", "done", "failed"]


class Job(Row, table=True):
    """`key` names the work within its kind: enqueued twice, it is one row. `result` is what the work answered."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        one_of("state", JobState),
        Index(None, "kind", "state", "run_after"),
    )

    kind: str = Field(max_length=40)
    key: str = Field(max_length=80)
    state: JobState = Field(default="waiting", sa_type=String)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    attempts: int = 0
    max_attempts: int = 3
    run_after: datetime = Field(sa_type=UtcDateTime)
    locked_by: str | None = Field(default=None, max_length=80)
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", max_length=4000)
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
