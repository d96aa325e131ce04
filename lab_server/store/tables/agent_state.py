"""The log of agents' states: one row a change, never altered."""

from datetime import datetime
from typing import Literal

from sqlalchemy import String
from sqlmodel import Field

from lab_server.store.tables.columns import Scoped, UtcDateTime, one_of

AgentStateWord = Literal["offline", "ready", "not_ready", "ringing", "talking", "wrap_up"]


class AgentState(Scoped, table=True):
    """From `at` on the agent at `seat` was in `state`, until its next row."""

    __tablename__ = "agent_state"
    __table_args__ = (one_of("state", AgentStateWord),)

    seat: str = Field(max_length=16, index=True)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26, index=True)
    state: AgentStateWord = Field(sa_type=String)
    reason: str = Field(default="", max_length=80)
    contact_id: str | None = Field(default=None, max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)
    monotonic_s: float
