"""Conferences: a contact of direction `conf`, its owner, its lock."""

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownContactError
from lab_server.desk.rights import Right
from lab_server.store.tables import Conference, Contact
from telephony.clock import Clock

LONGEST_TITLE = 80


def open_conference(
    session: Session, clock: Clock, *, contact_id: str, title: str = "", owner_id: str | None = None
) -> Conference:
    """The conference of a contact that has begun; told again, it is the same. Raises `UnknownContactError`."""
    contact = session.get(Contact, contact_id)
    if contact is None or contact.direction != "conf":
        raise UnknownContactError(f"there is no contact {contact_id!r} that could be a conference")
    if len(title) > LONGEST_TITLE or not (title or "x").isprintable():
        raise BadValueError(f"a conference's title has at most {LONGEST_TITLE} characters on one line")
    known = session.get(Conference, contact_id)
    conference = known or Conference(
        id=contact_id, site_id=contact.site_id, mode=contact.mode, owner_id=owner_id, title=title,
        created_at=clock.utc(),
    )  # fmt: skip
    session.add(conference)
    session.flush()
    return conference


def keep_lock(session: Session, contact_id: str, locked: bool) -> None:
    """As its owner has it. Without effect on what is none."""
    conference = session.get(Conference, contact_id)
    if conference is not None:
        conference.locked = locked
        session.add(conference)


def end_conference(session: Session, clock: Clock, contact_id: str) -> None:
    """It is over. Without effect on one that is, or that is none."""
    conference = session.get(Conference, contact_id)
    if conference is not None and conference.ended_at is None:
        conference.ended_at = clock.utc()
        session.add(conference)


def running(session: Session, site_id: str) -> list[Conference]:
    """Those that have not ended, the oldest first: what a starting brain looks for on the switch."""
    rows = select(Conference).where(Conference.site_id == site_id, col(Conference.ended_at).is_(None))
    return list(session.exec(rows.order_by(col(Conference.created_at), col(Conference.id))))


def managed(desk: Desk, contact_id: str) -> Conference:
    """The conference, if the actor may invite, mute, drop and lock in it: a student in his own only.

    Raises `UnknownContactError`, `NoRightError`, `NotYoursError`.
    """
    conference = desk.session.get(Conference, contact_id)
    if conference is None or conference.site_id != desk.actor.site_id:
        raise UnknownContactError(f"there is no conference {contact_id!r}: take the id from the list")
    desk.check(Right.CONFERENCE_MANAGE, own=conference.owner_id == desk.actor.id)
    return conference


def set_locked(desk: Desk, contact_id: str, locked: bool) -> Conference:
    """Nobody else comes in while it is locked."""
    conference = managed(desk, contact_id)
    if conference.locked != locked:
        conference.locked = locked
        desk.session.add(conference)
        desk.session.flush()
        desk.note(desk.session.get_one(Contact, contact_id), "conference.locked", {"locked": locked})
    return conference
