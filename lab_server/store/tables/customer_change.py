"""A customer's history: who changed which field from what to what; and which double entries were made one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class CustomerChange(Sited, table=True):
    """One field's change. `version` is the field's after it. Created, deleted, brought back: `field` is empty."""

    __tablename__ = "customer_change"
    __table_args__ = (Index(None, "customer_id", "at"),)

    customer_id: str = Field(foreign_key="customer.id", max_length=26)
    kind: str = Field(max_length=20)
    field: str = Field(default="", max_length=40)
    before: str = Field(default="", max_length=2000)
    after: str = Field(default="", max_length=2000)
    version: int = 0
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)


class CustomerMerge(Sited, table=True):
    """`gone_id` became part of `kept_id`. `before`: the kept one's fields; `moved`: table → ids that went over."""

    __tablename__ = "customer_merge"

    kept_id: str = Field(foreign_key="customer.id", max_length=26, index=True)
    gone_id: str = Field(foreign_key="customer.id", max_length=26, index=True)
    before: dict[str, Any] = Field(sa_type=JSON)
    moved: dict[str, Any] = Field(sa_type=JSON)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
