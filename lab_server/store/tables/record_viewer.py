"""Who has a record open, so that two people in one see each other."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class RecordViewer(Sited, table=True):
    """`kind`: customer, ticket, order. `field`: where the cursor is. Whoever was not seen for a while has gone."""

    __tablename__ = "record_viewer"
    __table_args__ = (UniqueConstraint("kind", "record_id", "user_id"),)

    kind: str = Field(max_length=20)
    record_id: str = Field(max_length=26)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    field: str = Field(default="", max_length=64)
    seen_at: datetime = Field(sa_type=UtcDateTime)
