"""What the desk's page shows, read at the visitor's desk in one go."""

from dataclasses import dataclass

from sqlmodel import col, or_, select

from datasets.language import LANGUAGES, Language
from lab_server.desk.day import board
from lab_server.desk.day.board import MyCall, MyFigures
from lab_server.desk.day.notices import AnnouncementView, announcements, unread
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.forms import FormView
from lab_server.desk.pop import Pop, pop
from lab_server.desk.templates.faults import Fault
from lab_server.desk.templates.jumps import asked
from lab_server.store.tables import Contact, Leg, Scorecard, Seat, User
from scenarios.facts import Localised

_CALLS = 8


@dataclass(frozen=True)
class Day:
    """The actor's day. `scores`: of those calls that are graded, 0 to 100."""

    figures: MyFigures
    calls: tuple[MyCall, ...]
    scores: dict[str, float]
    unread: int
    announcements: tuple[AnnouncementView, ...]


def day(desk: Desk) -> Day:
    """Figures, the latest calls, what waits to be read."""
    legs = board.calls(desk, most=3 * _CALLS)  # who was rung twice in one call has two legs in it
    calls = tuple({call.contact_id: call for call in reversed(legs)}.values())[::-1][:_CALLS]
    rows = select(Scorecard.contact_id, Scorecard.score).where(
        col(Scorecard.contact_id).in_([call.contact_id for call in calls]), Scorecard.user_id == desk.actor.id
    )
    return Day(
        figures=board.figures(desk),
        calls=calls,
        scores={contact: score for contact, score in desk.session.exec(rows) if score is not None},
        unread=sum(unread(desk).values()),
        announcements=tuple(one for one in announcements(desk) if not one.read)[:3],
    )


def present(desk: Desk) -> str:
    """The contact that rings at the actor's phone, is talked with, or is not written up yet; "" for none."""
    seats = list(desk.session.exec(select(Seat.number).where(Seat.user_id == desk.actor.id)))
    rows = (
        select(Leg)
        .join(Contact, col(Leg.contact_id) == col(Contact.id))
        .where(
            or_(col(Leg.user_id) == desk.actor.id, col(Leg.user_id).is_(None) & col(Leg.seat).in_(seats)),
            Leg.role == "agent",
            Contact.site_id == desk.actor.site_id,
        )
        .order_by(col(Leg.started_at).desc())
        .limit(5)
    )
    found = desk.session.exec(rows).all()
    ours = [leg for leg in found if leg.ended_at is None or (leg.answered_at is not None and leg.wrapped_at is None)]
    return ours[0].contact_id if ours else ""


def popped(desk: Desk, contact_id: str, language: Language) -> Pop | None:
    """The screen pop; None if it is not the actor's, or not there yet."""
    if not contact_id:
        return None
    try:
        return pop(desk, contact_id, language)
    except DeskError:
        return None


def colleagues(desk: Desk) -> dict[str, str]:
    """Seat → who sits there."""
    rows = select(Seat.number, User.name).join(User, col(Seat.user_id) == col(User.id))
    return dict(desk.session.exec(rows.where(Seat.site_id == desk.actor.site_id)).all())


def in_words(text: Localised, language: Language) -> str:
    """In the reader's language, else in the other one."""
    return next((text[one] for one in (language, *LANGUAGES) if text.get(one)), "")


def asked_keys(view: FormView, values: dict[str, str]) -> list[str]:
    """The fields that are asked as the form stands; computed ones are never typed."""
    known = {**view.given, **{name: value.strip() for name, value in values.items() if value.strip()}}
    return [one.key for one in asked(view.template, known) if not (one.graded is not None and one.graded.computed_from)]


def fault_texts(faults: tuple[Fault, ...], language: Language) -> dict[str, str]:
    """Field → what is wrong with it."""
    found: dict[str, str] = {}
    for one in faults:
        found.setdefault(one.field, in_words(one.says, language))
    return found
