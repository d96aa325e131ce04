"""A seat (坐席): an extension, and who sits there now."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited


class Seat(Sited, table=True):
    """`number` is the extension; one user sits at one seat."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("site_id", "number"),)

    number: str = Field(max_length=16)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26, unique=True)
