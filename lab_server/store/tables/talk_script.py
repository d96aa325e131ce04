"""A talk script (话术): what to say in a queue, step by step, with blanks. Saved anew it is a new version."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Language, Sited, UtcDateTime, one_of


class TalkScript(Sited, table=True):
    """`steps`: a list of `{"key", "title", "text"}` in order; queue empty: where a queue has none of its own."""

    __tablename__ = "talk_script"
    __table_args__ = (
        UniqueConstraint("site_id", "queue", "language", "version"),
        one_of("language", Language),
        Index(None, "site_id", "queue", "language", "current"),
    )

    queue: str = Field(default="", max_length=40)
    language: Language = Field(sa_type=String)
    version: int = 1
    current: bool = True
    title: str = Field(max_length=120)
    steps: list[dict[str, Any]] = Field(sa_type=JSON)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    saved_at: datetime = Field(sa_type=UtcDateTime)
