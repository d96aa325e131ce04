"""Who served this number last: the caller may want to speak to the same person again."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from lab_server.desk.numbers import identity
from lab_server.store.tables import Contact, Leg, Mode, Seat


@dataclass(frozen=True)
class LastAgent:
    """`seat` is where that agent sits now; None if nowhere. `user_id` None: only the seat was known."""

    seat: str | None
    user_id: str | None
    at: datetime


def last_agent(session: Session, site_id: str, mode: Mode, number: str) -> LastAgent | None:
    """The agent who served the newest contact of that number, however it is spelled; None for one who hides it."""
    spelled = identity(number)
    if not spelled:
        return None
    leg = session.exec(newest_leg(site_id, mode, spelled)).first()
    if leg is None or leg.answered_at is None:
        return None
    if leg.user_id is None:
        return LastAgent(leg.seat or None, None, leg.answered_at)
    seat = session.exec(select(Seat.number).where(Seat.user_id == leg.user_id)).first()
    return LastAgent(seat, leg.user_id, leg.answered_at)


def newest_leg(site_id: str, mode: Mode, spelled: str) -> SelectOfScalar[Leg]:
    """One walk backwards along an index of contacts by number and time, whatever the number of contacts."""
    return (
        select(Leg)
        .join(Contact, col(Leg.contact_id) == col(Contact.id))
        .where(
            Contact.site_id == site_id,
            Contact.mode == mode,
            Contact.customer_number == spelled,
            Leg.role == "agent",
            col(Leg.answered_at).is_not(None),
        )
        .order_by(col(Contact.offered_at).desc(), col(Leg.answered_at).desc())
        .limit(1)
    )
