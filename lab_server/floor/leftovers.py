"""Contacts that were on the line when a brain died and are not any more: found in the rows, closed honestly."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.floor.call import Call, Outcome, Stage
from lab_server.store.tables import Contact, Leg


@dataclass(frozen=True)
class Leftover:
    """An open row; `call` as far as the row tells it."""

    call: Call
    began_at: datetime


def open_contacts(session: Session, site_id: str) -> list[Leftover]:
    """Every contact whose row says that it has not ended."""
    rows = session.exec(select(Contact).where(col(Contact.site_id) == site_id, col(Contact.ended_at).is_(None)))
    return [Leftover(_call(session, row), row.offered_at) for row in rows]


def outcome_of(left: Leftover, switch_began_at: datetime) -> Outcome:
    """A switch that is younger than the contact has died with it; else its parties hung up while nobody listened."""
    if switch_began_at > left.began_at and left.call.stage is not Stage.RATED:
        return Outcome.BROKEN
    return Outcome.SERVED if left.call.served else Outcome.ABANDONED


def _call(session: Session, row: Contact) -> Call:
    legs = session.exec(
        select(Leg).where(col(Leg.contact_id) == row.id, col(Leg.role) == "agent").order_by(col(Leg.started_at).desc())
    )
    leg = legs.first()
    return Call(
        contact=row.id,
        direction=row.direction,
        trunk=row.trunk,
        customer_number=row.caller_dialled if row.direction == "in" else row.called_dialled,
        dialled=row.called_dialled,
        stage=Stage(row.stage),
        queue=row.queue or None,
        seat=leg.number if leg is not None else None,
        served=row.answered_at is not None,
    )
