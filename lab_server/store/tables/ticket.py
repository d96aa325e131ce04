"""A ticket (工单): a case that travels between people until closed."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, UtcDateTime, one_of

TicketState = Literal["open", "assigned", "resolved", "closed"]


class Ticket(Scoped, table=True):
    """One a contact. `fields` are the form's values, by the names of the form's fields."""

    __tablename__ = "ticket"
    __table_args__ = (UniqueConstraint("contact_id"), one_of("mode", Mode), one_of("state", TicketState))

    mode: Mode = Field(sa_type=String)
    contact_id: str | None = Field(default=None, foreign_key="contact.id", max_length=26)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", max_length=26, index=True)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    state: TicketState = Field(default="open", sa_type=String)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
