"""A case: what one virtual caller wants, drawn at launch from the session's seed and the case's index.

Truth. No student's page, message or header may carry anything of this table.
"""

from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Language, Sited, one_of

CaseStatus = Literal["planned", "running", "done", "broken"]
Direction = Literal["in", "out"]


class Case(Sited, table=True):
    """`drawn` is the whole `scenarios.case.Case` as JSON: the person, the truth, the lines.

    `arrives_at_s`: seconds after the session's start. `patience_s`: how long the caller waits in the queue.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("session_id", "index"),
        one_of("status", CaseStatus),
        one_of("direction", Direction),
        one_of("language", Language),
    )

    session_id: str = Field(foreign_key="lab_session.id", max_length=26, index=True)
    index: int = Field(ge=0)
    seed: int = Field(sa_type=BigInteger)
    scenario: str = Field(max_length=64)
    language: Language = Field(sa_type=String)
    direction: Direction = Field(default="in", sa_type=String)
    number: str = Field(max_length=32)
    drawn: dict[str, Any] = Field(sa_type=JSON)
    arrives_at_s: float
    patience_s: float
    status: CaseStatus = Field(default="planned", sa_type=String)
