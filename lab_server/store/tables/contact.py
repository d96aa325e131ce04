"""A contact: one person's matter on the phone, from the ring to the end of the wrap-up. It holds nothing of a case."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, String
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, UtcDateTime, one_of

ContactDirection = Literal["in", "out", "conf"]


class Contact(Scoped, table=True):
    """Numbers are kept as dialled and as E.164 (empty if they cannot be one).

    `customer_number` is the other side's in the one spelling it is found by; empty if it hides, and in a conference.

    `stage` and `outcome` are the floor's words. The times: it came to the floor, entered the queue, first rang at an
    agent's phone, was first answered by an agent, ended, was wrapped up by the last agent.
    """

    __tablename__ = "contact"
    __table_args__ = (
        one_of("mode", Mode),
        one_of("direction", ContactDirection),
        CheckConstraint("mode = 'training' OR NOT is_virtual", name="virtual_is_training"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 0 AND 10", name="rating"),
        Index(None, "site_id", "offered_at"),
        Index(None, "site_id", "mode", "customer_number", "offered_at"),
    )

    mode: Mode = Field(sa_type=String)
    direction: ContactDirection = Field(sa_type=String)
    is_virtual: bool
    trunk: str = Field(default="", max_length=20)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", max_length=26, index=True)
    caller_dialled: str = Field(default="", max_length=40)
    caller_e164: str = Field(default="", max_length=20)
    called_dialled: str = Field(default="", max_length=40)
    called_e164: str = Field(default="", max_length=20)
    customer_number: str = Field(default="", max_length=40)
    queue: str = Field(default="", max_length=40)
    menu_path: str = Field(default="", max_length=80)
    stage: str = Field(default="screened", max_length=20)
    outcome: str = Field(default="", max_length=40)
    ended_by: str = Field(default="", max_length=20, description="caller, agent or system")
    cause: str = Field(default="", max_length=80)
    offered_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ringing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wrapped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hold_s: float = 0.0
    rating: int | None = None
