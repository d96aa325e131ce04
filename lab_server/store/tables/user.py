"""Who works here: people, and the robots that stand in for students."""

from datetime import datetime
from typing import Literal

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of

Role = Literal["student", "instructor", "grader", "supervisor", "admin"]


class User(Sited, table=True):
    """`password` is a scrypt hash (`desk.passwords`), empty for who cannot log in."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("site_id", "login"), one_of("role", Role))

    login: str = Field(max_length=40)
    name: str = Field(max_length=80)
    role: Role = Field(sa_type=String)
    is_robot: bool = False
    password: str = Field(default="", max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
