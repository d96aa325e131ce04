"""Whose contact it is: who answered it at his own seat, or is being rung for it."""

from sqlmodel import Session, col, or_, select

from lab_server.desk.errors import NotYoursError, UnknownContactError
from lab_server.store.tables import Contact, Leg, Seat, User


def contact_for(session: Session, actor: User, contact_id: str, *, answered: bool = True) -> Contact:
    """The contact to write on, if `actor` answered it; with `answered=False` to read, if it rang at his phone.

    Raises `UnknownContactError` for what is not there or belongs to another site, `NotYoursError` for another's.
    """
    # Locked until the transaction ends, where who writes is not alone anyway: two saves of one form wait in line.
    contact = session.get(Contact, contact_id, with_for_update=answered)
    if contact is None or contact.site_id != actor.site_id:
        raise UnknownContactError(f"there is no contact {contact_id!r}: take the id from the screen pop")
    if agent_leg(session, actor, contact_id, answered=answered) is None:
        raise NotYoursError(f"contact {contact_id} was not answered at your seat: only who answered may record it")
    return contact


def agent_leg(session: Session, actor: User, contact_id: str, *, answered: bool = True) -> Leg | None:
    """The newest leg of the contact at `actor`'s phone.

    A leg that does not say who sat there counts for whoever sits at its seat.
    """
    own_seat = select(Seat.number).where(Seat.user_id == actor.id)
    mine = or_(col(Leg.user_id) == actor.id, (col(Leg.user_id).is_(None)) & col(Leg.number).in_(own_seat))
    legs = select(Leg).where(Leg.contact_id == contact_id, Leg.role == "agent", mine)
    if answered:
        legs = legs.where(col(Leg.answered_at).is_not(None))
    return session.exec(legs.order_by(col(Leg.started_at).desc())).first()
