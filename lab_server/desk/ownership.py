"""Whose contact it is: who has it now may write, who handed it on may finish his notes, who was asked may read."""

from collections.abc import Sequence
from enum import StrEnum

from sqlmodel import Session, col, select

from lab_server.desk.errors import HandedOnError, NotYoursError, UnknownContactError
from lab_server.store.tables import Contact, Leg, Seat, User


class Part(StrEnum):
    """What a user has to do with a contact."""

    OWNER = "owner"  # answered it, and nobody after him
    FORMER = "former"  # handed it on, and is in wrap-up still
    DONE = "done"  # handed it on and has finished
    JOINED = "joined"  # asked for advice, party of a conference, supervisor: while the leg is up
    RUNG = "rung"  # it rings, or rang, at his phone
    NONE = "none"


_MAY_WRITE = frozenset({Part.OWNER, Part.FORMER})


def contact_for(session: Session, actor: User, contact_id: str, *, answered: bool = True) -> Contact:
    """The contact to write on, if `actor` has it or is writing it up; with `answered=False` to read, if it is his.

    Raises `UnknownContactError` for what is not there or belongs to another site, `HandedOnError` for who handed it on
    and finished, `NotYoursError` for another's.
    """
    # Locked until the transaction ends, where who writes is not alone anyway: two saves of one form wait in line.
    contact = known(session, actor, contact_id, lock=answered)
    part = part_in(session, actor, contact_id)
    if answered and part is Part.DONE:
        raise HandedOnError(
            f"contact {contact_id} was handed on and you have finished with it: who has it now may record it"
        )
    if part is Part.NONE or (answered and part not in _MAY_WRITE):
        raise NotYoursError(f"contact {contact_id} was not answered at your seat: only who answered may record it")
    return contact


def known(session: Session, actor: User, contact_id: str, *, lock: bool = False) -> Contact:
    """The contact, if it is of `actor`'s site. Raises `UnknownContactError`."""
    contact = session.get(Contact, contact_id, with_for_update=lock)
    if contact is None or contact.site_id != actor.site_id:
        raise UnknownContactError(f"there is no contact {contact_id!r}: take the id from the screen pop")
    return contact


def part_in(session: Session, actor: User, contact_id: str) -> Part:
    """What `actor` has to do with the contact; the most that any of his legs gives him."""
    legs = _legs(session, contact_id)
    mine = _of(legs, session, actor)
    served = [leg for leg in mine if _served(leg)]
    if served and owner_leg(legs) in served:
        return Part.OWNER
    if any(leg.role != "agent" and leg.answered_at is not None and leg.ended_at is None for leg in mine):
        return Part.FORMER if any(leg.wrapped_at is None for leg in served) else Part.JOINED
    if served:
        return Part.FORMER if any(leg.wrapped_at is None for leg in served) else Part.DONE
    return Part.RUNG if any(leg.role == "agent" for leg in mine) else Part.NONE


def owner_leg(legs: Sequence[Leg]) -> Leg | None:
    """The leg of who has the contact, or had it last: the newest answered one of an agent, one that is up first."""
    return max(filter(_served, legs), key=lambda leg: (leg.ended_at is None, leg.answered_at), default=None)


def serving_leg(session: Session, contact_id: str) -> Leg | None:
    """`owner_leg` of a contact's rows."""
    return owner_leg(_legs(session, contact_id))


def served_legs(session: Session, contact_id: str) -> list[Leg]:
    """Every leg on which an agent answered the contact, in the order they did."""
    return sorted(filter(_served, _legs(session, contact_id)), key=lambda leg: leg.answered_at or leg.started_at)


def agent_legs(session: Session, actor: User, contact_id: str) -> list[Leg]:
    """The legs on which `actor` answered the contact as its agent, the newest last.

    A leg that does not say who sat there counts for whoever sits at its seat.
    """
    return _of(served_legs(session, contact_id), session, actor)


def _served(leg: Leg) -> bool:
    return leg.role == "agent" and leg.answered_at is not None


def _legs(session: Session, contact_id: str) -> Sequence[Leg]:
    return session.exec(select(Leg).where(col(Leg.contact_id) == contact_id)).all()


def _of(legs: Sequence[Leg], session: Session, actor: User) -> list[Leg]:
    own = set(session.exec(select(Seat.number).where(Seat.user_id == actor.id)))
    return [leg for leg in legs if leg.user_id == actor.id or (leg.user_id is None and own & {leg.seat, leg.number})]
