"""Opening, changing, assigning, resolving, closing a ticket; what waits for whom."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlmodel import Session, col, select

from lab_server.desk import reach
from lab_server.desk.crm import within
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, ChangedError, StateError, UnknownUserError
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import categories, views
from lab_server.desk.ticketing.views import TicketStep, TicketView
from lab_server.desk.typed import typed
from lab_server.store.tables import Mode, Ticket, TicketEvent, TicketKind, TicketState, Urgency, User

DUE_IN: Mapping[Urgency, timedelta] = {
    "urgent": timedelta(hours=4),
    "high": timedelta(days=1),
    "normal": timedelta(days=3),
    "low": timedelta(days=7),
}
"""When a ticket is due, unless somebody says otherwise."""
_NEXT: Mapping[TicketState, frozenset[TicketState]] = {
    "open": frozenset({"assigned", "resolved", "closed"}),
    "assigned": frozenset({"open", "resolved", "closed"}),
    "resolved": frozenset({"open", "assigned", "closed"}),
    "closed": frozenset({"open"}),
}
_KINDS = frozenset({"consultation", "query", "complaint", "fault", "suggestion", "application"})
Pile = Literal["mine", "written", "open", "overdue", "all"]


def open_ticket(
    desk: Desk,
    mode: Mode,
    kind: TicketKind,
    title: str,
    *,
    text: str = "",
    customer_id: str | None = None,
    contact_id: str | None = None,
    category_id: str | None = None,
    urgency: Urgency = "normal",
    due_at: datetime | None = None,
) -> TicketView:
    """A new ticket; of a contact that has one already, that one, brought up to date.

    Raises `BadValueError`, `UnknownCategoryError`, and as `within.customer` and `contact_for`.
    """
    desk.check(Right.TICKET_EDIT, own=True)
    _kind(kind, urgency)
    contact = contact_for(desk.session, desk.actor, contact_id) if contact_id is not None else None
    if customer_id is not None:
        within.customer(desk, customer_id, Right.CUSTOMER_READ)
    if category_id is not None:
        categories.known(desk.session, desk.actor.site_id, category_id)
    now = desk.clock.utc()
    row = _of_contact(desk.session, contact_id)
    if row is None:
        row = Ticket(site_id=desk.actor.site_id, mode=mode, user_id=desk.actor.id, created_at=now, updated_at=now)
        if contact is not None:
            row.contact_id, row.mode, row.session_id = contact.id, contact.mode, contact.session_id
            row.klass_id, row.customer_id = contact.klass_id, contact.customer_id
    row.kind, row.title = kind, typed("title", title, 200, needed=True)
    row.text = typed("text", text, 4000, lines=True)
    row.customer_id = customer_id or row.customer_id
    row.category_id, row.urgency, row.due_at = category_id, urgency, due_at or now + DUE_IN[urgency]
    return _stepped(desk, row, "opened", {"kind": kind, "urgency": urgency})


def read(desk: Desk, ticket_id: str) -> TicketView:
    """Raises `UnknownTicketError`, `NotYoursError`."""
    return views.view(views.ticket(desk, ticket_id, Right.TICKET_READ), desk.clock.utc())


def change(desk: Desk, ticket_id: str, version: int, **values: Any) -> TicketView:
    """Change `title`, `text`, `kind`, `category_id`, `urgency`, `due_at`, `customer_id` of the version that was seen.

    Raises `ChangedError` if somebody changed it since; then nothing is changed.
    """
    row = _locked(desk, ticket_id, version, Right.TICKET_EDIT)
    if row.state == "closed":
        raise StateError(f"ticket {ticket_id} is closed: open it again first")
    before = {}
    for name, value in values.items():
        kept = _checked(desk, row, name, value)
        if getattr(row, name) != kept:
            before[name] = [_plain(getattr(row, name)), _plain(kept)]
            setattr(row, name, kept)
    return _stepped(desk, row, "changed", before) if before else views.view(row, desk.clock.utc())


def assign(desk: Desk, ticket_id: str, version: int, user_id: str | None) -> TicketView:
    """Hand it to a colleague of the site; None: nobody has it. Raises `UnknownUserError`, `ChangedError`."""
    row = _locked(desk, ticket_id, version, Right.TICKET_ASSIGN)
    if row.state == "closed":
        raise StateError(f"ticket {ticket_id} is closed: open it again first")
    if user_id is not None:
        user = desk.session.get(User, user_id)
        if user is None or user.site_id != row.site_id or user.disabled_at is not None:
            raise UnknownUserError(f"there is no colleague {user_id!r} who could take the ticket")
    before = row.assignee_id
    row.assignee_id, row.state = user_id, "assigned" if user_id is not None else "open"
    return _stepped(desk, row, "assigned", {"from": before, "to": user_id})


def move(desk: Desk, ticket_id: str, version: int, state: TicketState, reason: str = "") -> TicketView:
    """Resolve, close, or open it again. Raises `StateError` for a step there is not, `ChangedError`."""
    row = _locked(desk, ticket_id, version, Right.TICKET_EDIT)
    if state not in _NEXT[row.state]:
        raise StateError(f"ticket {ticket_id} is {row.state}: it can become {', '.join(sorted(_NEXT[row.state]))}")
    if state == "assigned" and row.assignee_id is None:
        raise StateError(f"ticket {ticket_id} is nobody's: assign it to a colleague")
    before, row.state = row.state, state
    row.closed_at = desk.clock.utc() if state == "closed" else None
    return _stepped(desk, row, "moved", {"from": before, "to": state, "reason": typed("reason", reason, 500)})


def pile(desk: Desk, mode: Mode, which: Pile = "mine", *, most: int = 50, skip: int = 0) -> tuple[TicketView, ...]:
    """What waits, the first due first: for the actor, written by him, of everybody's that he may see.

    `skip`: without the first so many.
    """
    desk.check(Right.TICKET_READ, own=True)
    now, rows = desk.clock.utc(), visible(desk, mode)
    match which:
        case "mine":
            rows = rows.where(Ticket.assignee_id == desk.actor.id, col(Ticket.state).in_(["open", "assigned"]))
        case "written":
            rows = rows.where(Ticket.user_id == desk.actor.id)
        case "open":
            rows = rows.where(col(Ticket.state).in_(["open", "assigned"]))
        case "overdue":
            rows = rows.where(col(Ticket.state).in_(["open", "assigned"]), col(Ticket.due_at) < now)
    found = desk.session.exec(rows.order_by(col(Ticket.due_at), col(Ticket.id)).offset(skip).limit(min(most, 200)))
    return tuple(views.view(row, now) for row in found)


def of_customer(desk: Desk, customer_id: str, *, open_only: bool = False) -> tuple[TicketView, ...]:
    """The customer's newest twenty. Raises as `within.customer`."""
    within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True)
    rows = select(Ticket).where(Ticket.customer_id == customer_id)
    if open_only:
        rows = rows.where(col(Ticket.state).in_(["open", "assigned"]))
    found = desk.session.exec(rows.order_by(col(Ticket.created_at).desc()).limit(20))
    return tuple(views.view(row, desk.clock.utc()) for row in found)


def history(desk: Desk, ticket_id: str) -> tuple[TicketStep, ...]:
    """Every step, the oldest first."""
    views.ticket(desk, ticket_id, Right.TICKET_READ)
    rows = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id)
    return tuple(
        TicketStep(kind=one.kind, user_id=one.user_id, data=one.data, at=one.at)
        for one in desk.session.exec(rows.order_by(col(TicketEvent.at), col(TicketEvent.id)))
    )


def step(desk: Desk, row: Ticket, kind: str, data: Mapping[str, Any]) -> None:
    """Write into the ticket's history."""
    desk.session.add(
        TicketEvent(
            site_id=row.site_id,
            ticket_id=row.id,
            user_id=desk.actor.id,
            kind=kind,
            data=dict(data),
            at=desk.clock.utc(),
        )
    )
    desk.session.flush()


def visible(desk: Desk, mode: Mode) -> Any:
    """The tickets the actor may see, to be narrowed and ordered by who asks."""
    rows = select(Ticket).where(Ticket.site_id == desk.actor.site_id, Ticket.mode == mode)
    if mode == "production" or desk.actor.role not in {"student", "supervisor"}:
        return rows
    mine = (col(Ticket.user_id) == desk.actor.id) | (col(Ticket.assignee_id) == desk.actor.id)
    if desk.actor.role == "supervisor":
        mine = mine | col(Ticket.klass_id).in_(reach.group(desk.session, desk.actor) or frozenset())
    return rows.where(mine)


def _locked(desk: Desk, ticket_id: str, version: int, right: Right) -> Ticket:
    row = views.ticket(desk, ticket_id, right, lock=True)
    if row.version != version:
        raise ChangedError(f"somebody has changed ticket {ticket_id} since you opened it: look at it again")
    return row


def _stepped(desk: Desk, row: Ticket, kind: str, data: Mapping[str, Any]) -> TicketView:
    row.updated_at, row.version = desk.clock.utc(), row.version + 1
    desk.session.add(row)
    desk.session.flush()
    step(desk, row, kind, data)
    desk.note(None, f"ticket.{kind}", {"ticket": row.id, **data})
    return views.view(row, desk.clock.utc())


def _checked(desk: Desk, row: Ticket, name: str, value: Any) -> Any:  # noqa: PLR0911 (one for each field)
    match name:
        case "title":
            return typed("title", value, 200, needed=True)
        case "text":
            return typed("text", value, 4000, lines=True)
        case "kind":
            return _kind(value, row.urgency)
        case "urgency":
            _kind("query", value)
            return value
        case "category_id":
            return categories.known(desk.session, row.site_id, value).id if value is not None else None
        case "customer_id":
            return within.customer(desk, value, Right.CUSTOMER_READ).id if value is not None else None
        case "due_at" if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
            return value
        case _:
            raise BadValueError(f"{name[:40]!r} is nothing that can be changed to that on a ticket")


def _kind(kind: Any, urgency: Any) -> Any:
    if kind not in _KINDS:
        raise BadValueError(f"kind: {kind!r} is no kind of ticket: there are {', '.join(sorted(_KINDS))}")
    if urgency not in DUE_IN:
        raise BadValueError(f"urgency: {urgency!r} is none: there are {', '.join(DUE_IN)}")
    return kind


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _of_contact(session: Session, contact_id: str | None) -> Ticket | None:
    return session.exec(select(Ticket).where(Ticket.contact_id == contact_id)).first() if contact_id else None
