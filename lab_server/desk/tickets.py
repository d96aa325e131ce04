"""The ticket that follows from what was recorded."""

from collections.abc import Mapping

from sqlmodel import Session, select

from lab_server.desk.desk import Desk
from lab_server.store.tables import Contact, Ticket


def apply(desk: Desk, contact: Contact, values: Mapping[str, str] | None) -> None:
    """Make the contact's ticket hold `values`; None takes it away (the entry was undone)."""
    ticket = of_contact(desk.session, contact.id)
    if values is None:
        if ticket is not None and ticket.version > 1:  # others work on it: only what was recorded goes
            ticket.fields = {}
            desk.session.add(ticket)
        elif ticket is not None:
            desk.session.delete(ticket)
        return
    now = desk.clock.utc()
    if ticket is None:
        ticket = Ticket(**desk.scope(contact), created_at=now, updated_at=now)
    ticket.customer_id = contact.customer_id
    ticket.fields = dict(values)
    ticket.updated_at = now
    desk.session.add(ticket)


def of_contact(session: Session, contact_id: str) -> Ticket | None:
    """The contact's ticket."""
    return session.exec(select(Ticket).where(Ticket.contact_id == contact_id)).first()
