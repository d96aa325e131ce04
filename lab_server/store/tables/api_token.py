"""A key by which an outside program acts as one of the site's users."""

from datetime import datetime

from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class ApiToken(Sited, table=True):
    """`digest` is the SHA-256 of the token in hexadecimal: a token is long and random, so a slow hash adds nothing."""

    __tablename__ = "api_token"

    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    name: str = Field(default="", max_length=80)
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
