"""A browser in which somebody is signed in."""

from datetime import datetime

from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class WebSession(Sited, table=True):
    """It opens the pages until `expires_at` or `ended_at`, whichever is first; `ended_why` is a word for the reason.

    `digest` is the SHA-256 of the secret in the browser's cookie: who reads this table can't become anybody. `seat`:
    where this browser's user sat down, "" for nowhere. `source` is the address it was opened from.
    """

    __tablename__ = "web_session"

    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    digest: str = Field(max_length=64, unique=True)
    seat: str = Field(default="", max_length=16)
    source: str = Field(default="", max_length=45)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_why: str = Field(default="", max_length=20)
