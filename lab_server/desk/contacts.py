"""Contacts: how one begins, and what its agent may see of it. Nothing here reads a case's facts."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk import customers, entries
from lab_server.desk.errors import VirtualNumberError
from lab_server.desk.forms import FormView, form_of
from lab_server.desk.numbers import e164, identity, is_virtual
from lab_server.desk.ownership import contact_for
from lab_server.store.tables import Contact, ContactDirection, Mode, Order, Site, Ticket, User
from scenarios.facts import Frozen

_MOST = 10


class CustomerCard(Frozen):
    """The caller's record."""

    id: str
    name: str
    address: str
    note: str


class Earlier(Frozen):
    """Something of this customer's that was there before this contact."""

    kind: str
    id: str
    at: datetime
    summary: dict[str, str]


class ScreenPop(Frozen):
    """All that an agent sees of a contact (弹屏): while it rings, while talking, in wrap-up."""

    contact_id: str
    direction: ContactDirection
    queue: str
    number: str
    offered_at: datetime
    customer: CustomerCard | None
    earlier: tuple[Earlier, ...]
    form: FormView | None
    recorded: dict[str, str]


def begin(
    session: Session,
    site: Site,
    *,
    contact_id: str,
    mode: Mode,
    direction: ContactDirection,
    trunk: str,
    caller: str,
    called: str,
    offered_at: datetime,
    session_id: str | None = None,
    klass_id: str | None = None,
) -> Contact:
    """The contact's row, made if there is none. The customer is the caller of an inbound contact, else the called.

    A conference (`conf`) has no customer: `caller` is whose it is, `called` its name.

    Raises `VirtualNumberError` for a virtual customer's number in production.
    """
    if (known := session.get(Contact, contact_id)) is not None:
        return known
    number = {"in": caller, "out": called, "conf": ""}[direction]
    virtual = is_virtual(number, site.virtual_prefixes)
    if virtual and mode == "production":
        raise VirtualNumberError(f"{number} is a virtual customer's number: it may not be in a contact of production")
    customer = customers.find(session, site.id, mode, number) if identity(number) else None
    contact = Contact(
        id=contact_id,
        site_id=site.id,
        klass_id=klass_id,
        session_id=session_id,
        mode=mode,
        direction=direction,
        is_virtual=virtual,
        trunk=trunk[:20],
        customer_id=customer.id if customer is not None else None,
        caller_dialled=caller[:40],
        caller_e164=e164(caller)[:20],
        called_dialled=called[:40],
        called_e164=e164(called)[:20],
        customer_number=identity(number)[:40],
        offered_at=offered_at,
    )
    session.add(contact)
    session.flush()
    return contact


def reached(contact: Contact, number: str) -> None:
    """An outbound contact's customer has answered at `number`, perhaps not the first that was dialled."""
    contact.called_dialled, contact.called_e164 = number[:40], e164(number)[:20]
    contact.customer_number = identity(number)[:40]


def screen_pop(session: Session, actor: User, contact_id: str) -> ScreenPop:
    """What `actor` may see of a contact that rings or rang at his phone. Raises as `contact_for`."""
    contact = contact_for(session, actor, contact_id, answered=False)
    number = contact.caller_dialled if contact.direction == "in" else contact.called_dialled
    view = form_of(session, contact_id)
    entry = entries.current(session, contact_id, view.form) if view is not None else None
    return ScreenPop(
        contact_id=contact.id,
        direction=contact.direction,
        queue=contact.queue,
        number=number,
        offered_at=contact.offered_at,
        customer=_card(session, contact, number),
        earlier=_earlier(session, contact),
        form=view,
        recorded=entry.values if entry is not None else {},
    )


def _card(session: Session, contact: Contact, number: str) -> CustomerCard | None:
    if contact.direction == "conf" or not identity(number):
        return None
    customer = customers.find(session, contact.site_id, contact.mode, number)
    if customer is None:
        return None
    return CustomerCard(id=customer.id, name=customer.name, address=customer.address, note=customer.note)


def _earlier(session: Session, contact: Contact) -> tuple[Earlier, ...]:
    """The customer's newest ten contacts, tickets and orders but for this one's."""
    if contact.customer_id is None:
        return ()
    past = select(Contact).where(
        Contact.customer_id == contact.customer_id, col(Contact.offered_at) < contact.offered_at
    )
    found = [
        Earlier(kind="contact", id=one.id, at=one.offered_at, summary={"queue": one.queue, "outcome": one.outcome})
        for one in session.exec(past.order_by(col(Contact.offered_at).desc()).limit(_MOST))
    ]
    tickets = select(Ticket).where(
        Ticket.customer_id == contact.customer_id, col(Ticket.contact_id).is_distinct_from(contact.id)
    )
    found_tickets = session.exec(tickets.order_by(col(Ticket.created_at).desc()).limit(_MOST)).all()
    orders = select(Order).where(
        Order.customer_id == contact.customer_id, col(Order.contact_id).is_distinct_from(contact.id)
    )
    found_orders = session.exec(orders.order_by(col(Order.created_at).desc()).limit(_MOST)).all()
    found += _papers("ticket", found_tickets) + _papers("order", found_orders)
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:_MOST])


def _papers(kind: str, rows: Iterable[Ticket | Order]) -> list[Earlier]:
    return [
        Earlier(
            kind=kind,
            id=row.id,
            at=row.created_at,
            summary={"state": row.state} | {name: str(value) for name, value in row.fields.items()},
        )
        for row in rows
    ]
