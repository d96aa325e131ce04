"""Who belongs to a class: its students, and the supervisors whose group it is."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class KlassMember(Sited, table=True):
    """What a member is in the class is what the user is everywhere: `User.role`."""

    __tablename__ = "klass_member"
    __table_args__ = (UniqueConstraint("klass_id", "user_id"),)

    klass_id: str = Field(foreign_key="klass.id", max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)
