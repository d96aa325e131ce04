"""A class: students who learn together, and the course they take. (`class` is a word of the language.)"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Klass(Sited, table=True):
    """At `bell_at` the lesson ends: its students are signed out everywhere."""

    __tablename__ = "klass"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    name: str = Field(max_length=80)
    course: str = Field(default="", max_length=80)
    instructor_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    bell_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
