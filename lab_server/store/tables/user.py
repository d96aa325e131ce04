"""Who works here: people, and the robots that stand in for students."""

from datetime import datetime
from typing import Literal

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of

Role = Literal["student", "instructor", "grader", "supervisor", "admin"]


class User(Sited, table=True):
    """`password` is a slow hash (`desk.passwords`) of a password or PIN, empty for who cannot sign in.

    `language` is the user's own choice, "" for the site's. Who left has `disabled_at`: rows refer to users, so none is
    ever deleted. A student's `login` is the student number.
    """

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("site_id", "login"), one_of("role", Role))

    login: str = Field(max_length=40)
    name: str = Field(max_length=80)
    role: Role = Field(sa_type=String)
    is_robot: bool = False
    password: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=8)
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
