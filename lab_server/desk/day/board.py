"""What an agent sees of the own day: calls, figures, what is due, what waits to be read."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from lab_server.desk import mailboxes
from lab_server.desk.day import notices
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.store.tables import Callback, Contact, ContactDirection, Customer, Leg, Mode, Seat, Site
from scenarios.facts import Frozen

SEARCHED = 3000
"""So many of the actor's newest calls are looked through for a text: one by one, so there has to be an end."""


class MyCall(Frozen):
    """One call of the actor's. `talk_s`: from the answer to the end of the actor's leg; None while it goes on."""

    contact_id: str
    direction: ContactDirection
    queue: str
    number: str
    customer_id: str | None
    customer_name: str
    at: datetime
    talk_s: float | None
    outcome: str
    rating: int | None
    wrapped: bool


class MyFigures(Frozen):
    """The actor's numbers since the day began at the site. `rating`: the mean of the calls that were rated."""

    inbound: int = 0
    outbound: int = 0
    missed: int = 0
    talk_s: float = 0.0
    mean_talk_s: float | None = None
    rating: float | None = None
    rated: int = 0


class DueCallback(Frozen):
    """A call-back that may be rung now."""

    id: str
    number: str
    queue: str
    since: datetime
    tries: int
    last_result: str


class MailboxCount(Frozen):
    """How many messages wait in a mailbox that the actor may hear."""

    mailbox: str
    new: int
    old: int


class Today(Frozen):
    """One call for the whole page."""

    figures: MyFigures
    calls: tuple[MyCall, ...]
    callbacks: tuple[DueCallback, ...]
    mailboxes: tuple[MailboxCount, ...]
    unread: int
    announcements: tuple[notices.AnnouncementView, ...]


def today(desk: Desk, mode: Mode) -> Today:
    """Everything of the actor's day."""
    return Today(
        figures=figures(desk),
        calls=calls(desk, most=20),
        callbacks=due_callbacks(desk, mode),
        mailboxes=own_mailboxes(desk, mode),
        unread=sum(notices.unread(desk).values()),
        announcements=notices.announcements(desk),
    )


def calls(
    desk: Desk,
    *,
    before: datetime | None = None,
    most: int = 50,
    since: datetime | None = None,
    direction: ContactDirection | None = None,
    missed: bool | None = None,
    queue: str = "",
    text: str = "",
) -> tuple[MyCall, ...]:
    """The actor's calls, the newest first; `before`: those further back; `since`: none older.

    `missed`: those alone that rang out, or that were answered; `text`: part of the number or the customer's name, in
    the newest `SEARCHED` of those that `before` and `since` leave.
    """
    rows = (
        select(Leg, Contact, Customer.name)
        .join(Contact, col(Leg.contact_id) == col(Contact.id))
        .join(Customer, col(Contact.customer_id) == col(Customer.id), isouter=True)
        .where(Leg.user_id == desk.actor.id, Leg.role == "agent")
    )
    if before is not None:
        rows = rows.where(col(Leg.started_at) < before)
    if since is not None:
        rows = rows.where(col(Leg.started_at) >= since)
    if direction is not None:
        rows = rows.where(Contact.direction == direction)
    if missed is not None:
        answered = col(Leg.answered_at)
        rows = rows.where(answered.is_(None) if missed else answered.is_not(None))
    if queue:
        rows = rows.where(Contact.queue == queue)
    if text:
        rows = rows.where(col(Leg.id).in_(_newest(desk, before, since)))
        digits = "".join(text.split())
        rows = rows.where(
            or_(
                col(Contact.customer_number).contains(digits, autoescape=True),
                col(Customer.name).contains(text, autoescape=True),
            )
        )
    found = desk.session.exec(rows.order_by(col(Leg.started_at).desc()).limit(max(1, min(most, 200))))
    return tuple(_call(leg, contact, name or "") for leg, contact, name in found)


def _newest(desk: Desk, before: datetime | None, since: datetime | None) -> SelectOfScalar[str]:
    rows = select(Leg.id).where(Leg.user_id == desk.actor.id, Leg.role == "agent")
    if before is not None:
        rows = rows.where(col(Leg.started_at) < before)
    if since is not None:
        rows = rows.where(col(Leg.started_at) >= since)
    return rows.order_by(col(Leg.started_at).desc()).limit(SEARCHED)


def figures(desk: Desk) -> MyFigures:
    """The actor's numbers of today, by the site's clock."""
    rows = (
        select(Leg, Contact)
        .join(Contact, col(Leg.contact_id) == col(Contact.id))
        .where(Leg.user_id == desk.actor.id, Leg.role == "agent", col(Leg.started_at) >= day_began(desk))
    )
    served, missed, talked, ratings = (
        {"in": set[str](), "out": set[str](), "conf": set[str]()},
        0,
        list[float](),
        dict[str, int](),
    )
    for leg, contact in desk.session.exec(rows):
        if leg.answered_at is None:
            missed += 1
            continue
        served[contact.direction].add(contact.id)
        talked.append(((leg.ended_at or desk.clock.utc()) - leg.answered_at).total_seconds())
        if contact.rating:
            ratings[contact.id] = contact.rating
    return MyFigures(
        inbound=len(served["in"]),
        outbound=len(served["out"]),
        missed=missed,
        talk_s=sum(talked),
        mean_talk_s=sum(talked) / len(talked) if talked else None,
        rating=sum(ratings.values()) / len(ratings) if ratings else None,
        rated=len(ratings),
    )


def due_callbacks(desk: Desk, mode: Mode, *, most: int = 50) -> tuple[DueCallback, ...]:
    """Those that wait and may be rung now, in their order."""
    desk.check(Right.CALLBACK_READ)
    rows = select(Callback).where(
        Callback.site_id == desk.actor.site_id,
        Callback.mode == mode,
        Callback.state == "waiting",
        col(Callback.next_try_at) <= desk.clock.utc(),
    )
    found = desk.session.exec(rows.order_by(col(Callback.priority).desc(), col(Callback.since)).limit(most))
    return tuple(DueCallback(**row.model_dump(include=set(DueCallback.model_fields))) for row in found)


def own_mailboxes(desk: Desk, mode: Mode) -> tuple[MailboxCount, ...]:
    """The mailboxes the actor may hear: the own seat's (also an empty one), and those of nobody in particular."""
    found = mailboxes.counts(desk.session, desk.actor.site_id, mode)
    seat = desk.session.exec(select(Seat.number).where(Seat.user_id == desk.actor.id)).first()
    named = {*found, *([seat] if seat is not None else [])}
    return tuple(
        MailboxCount(
            mailbox=name, new=found.get(name, mailboxes.Counts()).new, old=found.get(name, mailboxes.Counts()).old
        )
        for name in sorted(named)
        if name == seat or mailboxes.is_own(desk, name)
    )


def day_began(desk: Desk) -> datetime:
    """Midnight of the site's zone."""
    zone = ZoneInfo(desk.session.get_one(Site, desk.actor.site_id).time_zone or "UTC")
    local = desk.clock.utc().astimezone(zone)
    return local - timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def _call(leg: Leg, contact: Contact, name: str) -> MyCall:
    talked = leg.answered_at is not None and leg.ended_at is not None
    return MyCall(
        contact_id=contact.id,
        direction=contact.direction,
        queue=contact.queue,
        number=contact.caller_dialled if contact.direction == "in" else contact.called_dialled,
        customer_id=contact.customer_id,
        customer_name=name,
        at=leg.started_at,
        talk_s=(leg.ended_at - leg.answered_at).total_seconds() if talked else None,  # type: ignore[operator]
        outcome=contact.outcome if leg.answered_at is not None else "missed",
        rating=contact.rating,
        wrapped=leg.wrapped_at is not None,
    )
