"""A recording: what one leg's party said, in one file."""

from datetime import datetime

from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Recording(Sited, table=True):
    """`path` is `date/contact/leg.wav`, relative to the recordings folder.

    `offset_s`: where on the customer's recording this one begins. `repaired`: its header was mended after a crash.

    `expected_s`: how long the leg was up; `short`: the file holds clearly less (the disk was full, the switch died).
    """

    __tablename__ = "recording"

    contact_id: str = Field(foreign_key="contact.id", max_length=26, index=True)
    leg_id: str = Field(foreign_key="leg.id", max_length=26, unique=True)
    path: str = Field(max_length=200, unique=True)
    duration_s: float = 0.0
    expected_s: float | None = None
    short: bool = False
    offset_s: float = 0.0
    repaired: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
