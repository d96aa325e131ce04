"""Wrong passwords, counted for each user and each place they come from: one place locks no other."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class SignInTry(Sited, table=True):
    """`login` as it was typed, of a user or of nobody; no try from `source` counts before `locked_until`."""

    __tablename__ = "sign_in_try"
    __table_args__ = (UniqueConstraint("site_id", "login", "source"),)

    login: str = Field(max_length=40)
    source: str = Field(max_length=45, index=True)
    failed: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)
