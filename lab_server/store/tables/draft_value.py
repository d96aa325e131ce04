"""What stands in a form's field while it is being typed; gone when the form is saved."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of
from lab_server.store.tables.desk_entry import Form


class DraftValue(Sited, table=True):
    """`typed_at` is the page's time of the last key, by which a value that comes late is known; one row a field."""

    __tablename__ = "draft_value"
    __table_args__ = (UniqueConstraint("contact_id", "form", "field"), one_of("form", Form))

    contact_id: str = Field(foreign_key="contact.id", max_length=26)
    form: Form = Field(sa_type=String)
    field: str = Field(max_length=64)
    value: str = Field(max_length=2000)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    typed_at: datetime = Field(sa_type=UtcDateTime)
    saved_at: datetime = Field(sa_type=UtcDateTime)
