"""Contacts that were on the line when a brain died and are not any more: found in the rows, closed honestly."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.store.tables import Callback, Contact, Voicemail
from lab_server.store.tables import Leg as LegRow


@dataclass(frozen=True)
class Leftover:
    """An open row; `call` as far as the row tells it."""

    call: Call
    began_at: datetime
    left: Outcome | None = None  # a message, or an order to be called back


def open_contacts(session: Session, site_id: str) -> list[Leftover]:
    """Every contact whose row says that it has not ended."""
    rows = session.exec(select(Contact).where(col(Contact.site_id) == site_id, col(Contact.ended_at).is_(None)))
    return [Leftover(_call(session, row), row.offered_at, _left(session, row)) for row in rows]


def _left(session: Session, row: Contact) -> Outcome | None:
    """What its caller left before it hung up."""
    if session.exec(select(Voicemail.id).where(Voicemail.contact_id == row.id)).first() is not None:
        return Outcome.MESSAGE
    if session.exec(select(Callback.id).where(Callback.contact_id == row.id)).first() is not None:
        return Outcome.CALLBACK
    return None


def outcome_of(left: Leftover, switch_began_at: datetime) -> Outcome:
    """A switch that is younger than the contact has died with it; else its parties hung up while nobody listened."""
    if left.left is not None and not left.call.served:
        return left.left
    if switch_began_at > left.began_at and left.call.stage is not Stage.RATED:
        return Outcome.BROKEN
    return Outcome.SERVED if left.call.served else Outcome.ABANDONED


def _call(session: Session, row: Contact) -> Call:
    legs = list(session.exec(select(LegRow).where(col(LegRow.contact_id) == row.id).order_by(col(LegRow.started_at))))
    customer = next((_leg(leg) for leg in legs if leg.role == "customer"), None)
    agent = next((leg for leg in reversed(legs) if leg.role == "agent"), None)
    return Call(
        contact=row.id,
        direction=row.direction,
        trunk=row.trunk,
        customer_number=row.caller_dialled if row.direction == "in" else row.called_dialled,
        dialled=row.called_dialled,
        stage=Stage(row.stage),
        queue=row.queue or None,
        customer=customer,
        agent=_leg(agent) if agent is not None else None,
        seat=agent.number if agent is not None else None,
        served=row.answered_at is not None,
    )


def _leg(row: LegRow) -> Leg:
    return Leg(
        row.channel,
        row.name,
        up=row.answered_at is not None,
        gone=row.ended_at is not None,
        began_at=row.started_at,
        up_at=row.answered_at,
        gone_at=row.ended_at,
    )
