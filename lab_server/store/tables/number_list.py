"""The lists that calls are screened by: numbers that are turned away, numbers that go first."""

from datetime import datetime
from typing import Literal

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Sited, UtcDateTime, one_of

ListKind = Literal["blacklist", "vip"]


class ListedNumber(Sited, table=True):
    """`number` is the one spelling that all others lead to, or (`is_prefix`) what such a spelling begins with.

    It counts until `until` (None: for good). `dialled` is what was typed, `user_id` who typed it.
    """

    __tablename__ = "number_list"
    __table_args__ = (
        UniqueConstraint("site_id", "mode", "kind", "number", "is_prefix"),
        one_of("mode", Mode),
        one_of("kind", ListKind),
    )

    mode: Mode = Field(sa_type=String)
    kind: ListKind = Field(sa_type=String)
    dialled: str = Field(max_length=40)
    number: str = Field(max_length=40)
    is_prefix: bool = False
    reason: str = Field(default="", max_length=200)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    created_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
