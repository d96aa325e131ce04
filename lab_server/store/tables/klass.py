"""A class: students who learn together, and the course they take. (`class` is a word of the language.)"""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited


class Klass(Sited, table=True):
    __tablename__ = "klass"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    name: str = Field(max_length=80)
    course: str = Field(default="", max_length=80)
    instructor_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
