"""A link with which somebody sets a password, once."""

from datetime import datetime

from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class OneTimeLink(Sited, table=True):
    """`digest` is the SHA-256 of the key in the link: the link itself is shown once and kept nowhere."""

    __tablename__ = "one_time_link"

    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
