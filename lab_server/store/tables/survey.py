"""A survey's questions, and what one contact answered."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, Sited, UtcDateTime, one_of

SurveyState = Literal["draft", "running", "closed"]


class Survey(Sited, table=True):
    """`questions`: a list of `{"key", "text", "choices", "show_if": {key: [answers]} | null}` in order.

    `quotas`: a list of `{"key", "answers", "most"}`: of those who gave such an answer, no more than so many.
    """

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("site_id", "name", "version"),)

    name: str = Field(max_length=64)
    version: int = 1
    title: str = Field(default="", max_length=200)
    questions: list[dict[str, Any]] = Field(sa_type=JSON)
    state: SurveyState = Field(default="draft", sa_type=String)
    quotas: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SurveyAnswer(Scoped, table=True):
    """One answer. `survey_id` is empty while the session's survey exists only in its frozen scenario."""

    __tablename__ = "survey_answer"
    __table_args__ = (UniqueConstraint("contact_id", "question"), one_of("mode", Mode))

    mode: Mode = Field(sa_type=String)
    survey_id: str | None = Field(default=None, foreign_key="survey.id", max_length=26, index=True)
    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    question: str = Field(max_length=64)
    answer: str = Field(max_length=2000)
    answered_at: datetime = Field(sa_type=UtcDateTime)
