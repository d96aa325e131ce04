"""What a virtual caller told, and when. Truth: see `case`."""

from sqlmodel import Field

from lab_server.store.tables.columns import Sited


class Told(Sited, table=True):
    """A fact told several times has several rows; the last one counts. Seconds are into the customer's recording."""

    __tablename__ = "told"

    contact_id: str = Field(foreign_key="attempt.id", max_length=26, index=True)
    fact: str = Field(max_length=64)
    value: str = Field(max_length=2000)
    line: str = Field(max_length=64)
    began_s: float
    ended_s: float
