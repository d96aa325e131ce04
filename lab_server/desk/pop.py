"""The screen pop (弹屏): all that the page shows of a contact, in one call, while it rings and until it is written up.

Whoever gets the contact gets its notes: what may be seen follows `desk.ownership`.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from datasets.language import Language
from datasets.origins import Origin, origin_of
from lab_server.desk import customers, drafts, members, notes, polls
from lab_server.desk.crm import fields
from lab_server.desk.crm.calls import EarlierCall, agents_of
from lab_server.desk.crm.fields import CustomerView
from lab_server.desk.desk import Desk
from lab_server.desk.forms import FormView, form_of
from lab_server.desk.knowledge import articles, blanks, scripts
from lab_server.desk.knowledge.articles import ArticleLine
from lab_server.desk.knowledge.scripts import ScriptView
from lab_server.desk.notes import DispositionView, NoteView
from lab_server.desk.numbers import e164, identity, is_virtual
from lab_server.desk.ownership import Part, contact_for, part_in
from lab_server.desk.polls import SurveyCard
from lab_server.desk.rights import Right, may
from lab_server.desk.shop import sales
from lab_server.desk.shop.sales import OrderView
from lab_server.desk.templates import library
from lab_server.desk.templates.library import TemplateCard
from lab_server.desk.ticketing import views
from lab_server.desk.ticketing.views import TicketView
from lab_server.store.tables import Contact, ContactDirection, Customer, Leg, Order, Recording, Site, Ticket
from scenarios.facts import Frozen

_CALLS, _PAPERS = 5, 10
_OPEN_TICKETS, _OPEN_ORDERS = ("open", "assigned"), ("open", "confirmed", "placed", "paid", "shipped")


class MemberCard(Frozen):
    """The customer's membership."""

    member_number: str
    points: int
    balance_cents: int


class Voice(Frozen):
    """One party's recording of an earlier call."""

    id: str
    role: str
    duration_s: float
    short: bool


class LastCall(EarlierCall):
    """As the pop shows it. `recordings` are those the actor may hear."""

    recordings: tuple[Voice, ...]


class Pop(Frozen):
    """The page. `customer` None: a new number, and `origin` says where it is from. `part`: what the actor may do."""

    contact_id: str
    direction: ContactDirection
    queue: str
    number: str
    offered_at: datetime
    part: Part
    customer: CustomerView | None
    origin: Origin | None
    virtual: bool
    member: MemberCard | None
    calls: tuple[LastCall, ...]
    tickets: tuple[TicketView, ...]
    orders: tuple[OrderView, ...]
    notes: tuple[NoteView, ...]
    dispositions: tuple[DispositionView, ...]
    script: ScriptView | None
    articles: tuple[ArticleLine, ...]
    form: FormView | None
    offered_forms: tuple[TemplateCard, ...]
    drafted: drafts.Drafted | None
    surveys: tuple[SurveyCard, ...] = ()


def pop(desk: Desk, contact_id: str, language: Language) -> Pop:
    """Everything of a contact that rings or rang at the actor's phone. Writes nothing. Raises as `contact_for`."""
    contact = contact_for(desk.session, desk.actor, contact_id, answered=False)
    part = part_in(desk.session, desk.actor, contact_id)
    number = contact.caller_dialled if contact.direction == "in" else contact.called_dialled
    customer = _customer(desk.session, contact, number)
    site = desk.session.get_one(Site, contact.site_id)
    tickets, orders = _tickets(desk, customer), _orders(desk, customer)
    member = members.of_customer(desk.session, customer.id) if customer is not None else None
    script = scripts.for_queue(desk.session, site.id, contact.queue, language)
    values = _blanks(desk, contact, site, language, customer, tickets, orders, number)
    if member is not None:
        values["member_number"] = member.member_number
    about = " ".join([*(one.title for one in tickets[:2]), *(line.product for one in orders[:1] for line in one.lines)])
    form = form_of(desk.session, contact_id)
    return Pop(
        contact_id=contact.id,
        direction=contact.direction,
        queue=contact.queue,
        number=number,
        offered_at=contact.offered_at,
        part=part,
        customer=fields.view(desk.session, customer) if customer is not None else None,
        origin=origin_of(e164(number), language) if contact.direction != "conf" and e164(number) else None,
        virtual=is_virtual(number, site.virtual_prefixes),
        member=MemberCard(**member.model_dump(include=set(MemberCard.model_fields))) if member is not None else None,
        calls=_calls(desk, contact, customer, part),
        tickets=tickets,
        orders=orders,
        notes=notes.of_contact(desk.session, contact_id),
        dispositions=notes.offered(desk.session, contact),
        script=scripts.filled(script, values) if script is not None else None,
        articles=articles.fitting(desk, contact.queue, language, about=about)
        if may(desk.actor.role, Right.ARTICLE_READ)
        else (),
        form=form,
        offered_forms=library.offered(desk.session, contact) if _can_choose(desk.session, form, contact_id) else (),
        drafted=drafts.read(desk, contact_id, form.form) if form is not None else None,
        surveys=polls.asked_now(desk.session, contact),
    )


def _can_choose(session: Session, form: FormView | None, contact_id: str) -> bool:
    """A lab call has its scenario's form."""
    return form is None or library.pinned(session, contact_id) is not None


def _customer(session: Session, contact: Contact, number: str) -> Customer | None:
    """By the number, as it may have been recorded during the call; or whom the contact was known to be of."""
    if contact.direction == "conf":
        return None
    found = customers.find(session, contact.site_id, contact.mode, number) if identity(number) else None
    if found is None and contact.customer_id is not None:
        found = session.get(Customer, contact.customer_id)
    for _ in range(5):
        if found is None or found.merged_into is None:
            break
        found = session.get(Customer, found.merged_into)
    return found if found is not None and found.deleted_at is None else None


def _calls(desk: Desk, contact: Contact, customer: Customer | None, part: Part) -> tuple[LastCall, ...]:
    if customer is None:
        return ()
    rows = select(Contact).where(Contact.customer_id == customer.id, col(Contact.offered_at) < contact.offered_at)
    found = desk.session.exec(rows.order_by(col(Contact.offered_at).desc()).limit(_CALLS)).all()
    ids = [one.id for one in found]
    hears = may(desk.actor.role, Right.CALL_PLAY_RECORDING, own=part in {Part.OWNER, Part.FORMER, Part.RUNG})
    voices = _voices(desk.session, ids) if hears else {}
    agents, noted = agents_of(desk.session, ids), notes.of_contacts(desk.session, ids)
    return tuple(
        LastCall(
            contact_id=one.id, at=one.offered_at, direction=one.direction, queue=one.queue, outcome=one.outcome,
            rating=one.rating, agent=agents.get(one.id, ""), notes=noted.get(one.id, ()),
            recordings=tuple(voices.get(one.id, ())),
        )
        for one in found
    )  # fmt: skip


def _voices(session: Session, ids: list[str]) -> dict[str, list[Voice]]:
    rows = select(Recording, Leg.role).join(Leg, col(Recording.leg_id) == col(Leg.id))
    found: dict[str, list[Voice]] = {}
    for row, role in session.exec(rows.where(col(Recording.contact_id).in_(ids)).order_by(col(Recording.id))):
        voice = Voice(id=row.id, role=role, duration_s=row.duration_s, short=row.short)
        found.setdefault(row.contact_id, []).append(voice)
    return found


def _tickets(desk: Desk, customer: Customer | None) -> tuple[TicketView, ...]:
    if customer is None:
        return ()
    rows = select(Ticket).where(Ticket.customer_id == customer.id, col(Ticket.state).in_(_OPEN_TICKETS))
    found = desk.session.exec(rows.order_by(col(Ticket.created_at).desc()).limit(_PAPERS))
    return tuple(views.view(row, desk.clock.utc()) for row in found)


def _orders(desk: Desk, customer: Customer | None) -> tuple[OrderView, ...]:
    if customer is None:
        return ()
    rows = select(Order).where(Order.customer_id == customer.id, col(Order.state).in_(_OPEN_ORDERS))
    found = desk.session.exec(rows.order_by(col(Order.created_at).desc()).limit(_PAPERS)).all()
    return sales.views(desk.session, found)


def _blanks(
    desk: Desk,
    contact: Contact,
    site: Site,
    language: Language,
    customer: Customer | None,
    tickets: tuple[TicketView, ...],
    orders: tuple[OrderView, ...],
    number: str,
) -> dict[str, str]:
    hour = desk.clock.utc().astimezone(ZoneInfo(site.time_zone or "UTC")).hour
    found: Mapping[str, str] = {
        "number": number,
        "agent": desk.actor.name,
        "company": site.name,
        "queue": contact.queue,
        "daytime": blanks.daytime(hour, language),
        "seat": next((leg.seat for leg in _own_legs(desk, contact.id)), ""),
        "order": orders[0].id[-6:] if orders else "",
        "order_state": orders[0].state if orders else "",
        "ticket": tickets[0].title if tickets else "",
    }
    if customer is None:
        return dict(found)
    return {
        **found,
        "name": customer.name,
        "surname": blanks.surname(customer.name),
        "caller": blanks.caller(customer.name, customer.salutation, language),
    }


def _own_legs(desk: Desk, contact_id: str) -> list[Leg]:
    rows = select(Leg).where(Leg.contact_id == contact_id, Leg.user_id == desk.actor.id)
    return list(desk.session.exec(rows.order_by(col(Leg.started_at).desc())))
