"""Tickets as pages see them, and whose they are."""

from datetime import datetime
from typing import Any

from lab_server.desk import reach
from lab_server.desk.crm import within
from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownTicketError
from lab_server.desk.rights import Right
from lab_server.store.tables import Customer, Ticket, TicketKind, TicketState, Urgency, User
from scenarios.facts import Frozen


class TicketView(Frozen):
    """A ticket. `version`: send the one you saw back with a change. `fields`: what was recorded on the form."""

    id: str
    kind: TicketKind
    title: str
    text: str
    category_id: str | None
    urgency: Urgency
    state: TicketState
    customer_id: str | None
    contact_id: str | None
    user_id: str
    assignee_id: str | None
    due_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    fields: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime


class TicketStep(Frozen):
    """One line of a ticket's history."""

    kind: str
    user_id: str | None
    data: dict[str, Any]
    at: datetime


def view(row: Ticket, now: datetime) -> TicketView:
    """The ticket of a row."""
    open_still = row.state in {"open", "assigned"}
    plain = row.model_dump(include=set(TicketView.model_fields) - {"fields", "overdue"})
    return TicketView(
        **plain,
        fields={str(key): str(value) for key, value in row.fields.items()},
        overdue=open_still and row.due_at is not None and row.due_at < now,
    )


def ticket(desk: Desk, ticket_id: str, right: Right, *, lock: bool = False) -> Ticket:
    """The ticket, if the actor may do this to it. Raises `UnknownTicketError`, `NoRightError`, `NotYoursError`."""
    row = desk.session.get(Ticket, ticket_id, with_for_update=lock)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownTicketError(f"there is no ticket {ticket_id!r}: take the id from a list")
    desk.check(right, own=is_own(desk, row))
    return row


def is_own(desk: Desk, row: Any) -> bool:
    """Whether a ticket or order is the actor's: wrote it, has it, or may see its customer or its writer."""
    actor = desk.actor
    if row.mode == "production" or actor.role not in {"student", "supervisor"}:
        return True
    if actor.id in {row.user_id, getattr(row, "assignee_id", None)}:
        return True
    if actor.role == "supervisor":
        writer = desk.session.get(User, row.user_id)
        if writer is not None and reach.has_user(desk.session, actor, writer):
            return True
    customer = desk.session.get(Customer, row.customer_id) if row.customer_id is not None else None
    return customer is not None and within.is_own(desk, customer)
