"""A customer's calls, as the record shows them, and a call's customer."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk import notes
from lab_server.desk.crm import within
from lab_server.desk.desk import Desk
from lab_server.desk.notes import NoteView
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.store.tables import Contact, ContactDirection, Leg, User
from scenarios.facts import Frozen


class EarlierCall(Frozen):
    """One contact with the customer. `agent`: who had it last."""

    contact_id: str
    at: datetime
    direction: ContactDirection
    queue: str
    outcome: str
    rating: int | None
    agent: str
    notes: tuple[NoteView, ...]


class CustomerCall(EarlierCall):
    """As the record shows it. `mine`: the actor took part, so that the desk shows it."""

    mine: bool


def of_customer(desk: Desk, customer_id: str, *, most: int = 20) -> tuple[CustomerCall, ...]:
    """The customer's calls, the newest first. Raises as `within.customer`."""
    within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True)
    rows = select(Contact).where(Contact.customer_id == customer_id)
    found = desk.session.exec(rows.order_by(col(Contact.offered_at).desc()).limit(most)).all()
    ids = [one.id for one in found]
    agents, noted = agents_of(desk.session, ids), notes.of_contacts(desk.session, ids)
    own = set(
        desk.session.exec(select(Leg.contact_id).where(col(Leg.contact_id).in_(ids), Leg.user_id == desk.actor.id))
    )
    return tuple(
        CustomerCall(
            contact_id=one.id, at=one.offered_at, direction=one.direction, queue=one.queue, outcome=one.outcome,
            rating=one.rating, agent=agents.get(one.id, ""), mine=one.id in own, notes=noted.get(one.id, ()),
        )
        for one in found
    )  # fmt: skip


def link(desk: Desk, contact_id: str, customer_id: str) -> None:
    """The contact is this customer's: said by who has the contact, or writes it up. Raises as `contact_for`."""
    contact = contact_for(desk.session, desk.actor, contact_id)
    customer = within.customer(desk, customer_id, Right.CUSTOMER_READ)
    if contact.customer_id != customer.id and contact.mode == customer.mode:
        contact.customer_id = customer.id
        desk.session.add(contact)
        desk.session.flush()
        desk.note(contact, "contact.customer", {"customer": customer.id})


def agents_of(session: Session, contact_ids: Sequence[str]) -> dict[str, str]:
    """Contact id → the name of who had it last."""
    rows = (
        select(Leg.contact_id, User.name)
        .join(User, col(Leg.user_id) == col(User.id))
        .where(col(Leg.contact_id).in_(contact_ids), Leg.role == "agent", col(Leg.answered_at).is_not(None))
        .order_by(col(Leg.answered_at))
    )
    return dict(session.exec(rows).all())
