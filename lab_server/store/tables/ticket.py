"""A ticket (工单): a case that travels between people until closed."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, UtcDateTime, one_of

TicketState = Literal["open", "assigned", "resolved", "closed"]
TicketKind = Literal["", "consultation", "query", "complaint", "fault", "suggestion", "application"]
Urgency = Literal["low", "normal", "high", "urgent"]


class Ticket(Scoped, table=True):
    """One a contact. `fields` are the form's values, by the names of the form's fields.

    `version` counts the changes to all but `fields`: who saves names the one he saw.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("contact_id"),
        one_of("mode", Mode),
        one_of("state", TicketState),
        Index(None, "site_id", "state", "due_at"),
        Index(None, "assignee_id", "state"),
    )

    mode: Mode = Field(sa_type=String)
    contact_id: str | None = Field(default=None, foreign_key="contact.id", max_length=26)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", max_length=26, index=True)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    state: TicketState = Field(default="open", sa_type=String)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    kind: TicketKind = Field(default="", sa_type=String)
    category_id: str | None = Field(default=None, max_length=26, index=True)
    urgency: Urgency = Field(default="normal", sa_type=String)
    title: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=4000)
    assignee_id: str | None = Field(default=None, max_length=26)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = 1
