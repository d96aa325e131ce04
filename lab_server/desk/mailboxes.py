"""Mailboxes: messages left, heard, deleted and brought back; how many wait, for the lamp."""

from collections import defaultdict
from typing import NamedTuple

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownContactError, UnknownMessageError
from lab_server.desk.rights import Right
from lab_server.store.tables import Contact, Mode, Seat, SeatSetting, Voicemail
from telephony.clock import Clock

LONGEST_NAME = 40


class Counts(NamedTuple):
    """What a message lamp shows: not heard yet, and heard."""

    new: int = 0
    old: int = 0


def leave(session: Session, clock: Clock, *, contact_id: str, mailbox: str, path: str, duration_s: float) -> Voicemail:
    """Keep a message; told again (by its path) only its length is brought up to date.

    Raises `UnknownContactError`, or `BadValueError` for a mailbox's name that cannot be one.
    """
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise UnknownContactError(f"there is no contact {contact_id!r} that could have left a message")
    if not 0 < len(mailbox) <= LONGEST_NAME or not mailbox.isprintable():
        raise BadValueError(f"{mailbox!r} is no mailbox's name: use 1 to {LONGEST_NAME} characters")
    message = session.exec(select(Voicemail).where(Voicemail.path == path)).first() or Voicemail(
        site_id=contact.site_id,
        mode=contact.mode,
        mailbox=mailbox,
        contact_id=contact_id,
        caller_number=contact.caller_dialled,
        path=path,
        created_at=clock.utc(),
    )
    message.duration_s = max(0.0, duration_s)
    session.add(message)
    session.flush()
    return message


def counts(session: Session, site_id: str, mode: Mode) -> dict[str, Counts]:
    """Each mailbox's messages that are not deleted; a mailbox without any is not named."""
    found: defaultdict[str, Counts] = defaultdict(Counts)
    kept = select(Voicemail.mailbox, Voicemail.heard_at).where(
        Voicemail.site_id == site_id, Voicemail.mode == mode, col(Voicemail.deleted_at).is_(None)
    )
    for mailbox, heard_at in session.exec(kept):
        new, old = found[mailbox]
        found[mailbox] = Counts(new + (heard_at is None), old + (heard_at is not None))
    return dict(found)


def messages(desk: Desk, mode: Mode, mailbox: str, *, deleted: bool = False) -> list[Voicemail]:
    """The mailbox's messages, the newest first; or those that can be brought back."""
    desk.check(Right.MAILBOX_READ, own=is_own(desk, mailbox))
    found = select(Voicemail).where(
        Voicemail.site_id == desk.actor.site_id, Voicemail.mode == mode, Voicemail.mailbox == mailbox
    )
    gone = col(Voicemail.deleted_at).is_not(None) if deleted else col(Voicemail.deleted_at).is_(None)
    return list(
        desk.session.exec(found.where(gone).order_by(col(Voicemail.created_at).desc(), col(Voicemail.id).desc()))
    )


def mark_heard(desk: Desk, message_id: str) -> Voicemail:
    """The actor has heard it; who heard it first stays."""
    message = _message(desk, message_id, Right.MAILBOX_READ)
    if message.heard_at is None:
        message.heard_at, message.heard_by = desk.clock.utc(), desk.actor.id
        _changed(desk, message, "mailbox.heard")
    return message


def mark_new(desk: Desk, message_id: str) -> Voicemail:
    """As if nobody had heard it: it is to be heard again, by the actor or another."""
    message = _message(desk, message_id, Right.MAILBOX_READ)
    if message.heard_at is not None:
        message.heard_at = message.heard_by = None
        _changed(desk, message, "mailbox.unheard")
    return message


def to_hear(desk: Desk, message_id: str) -> Voicemail:
    """The message, deleted or not, if the actor may hear it. Raises `UnknownMessageError`, `NotYoursError`."""
    return _message(desk, message_id, Right.MAILBOX_READ)


def delete(desk: Desk, message_id: str) -> Voicemail:
    """Take it out of the mailbox; its sound stays, so that `bring_back` can undo it."""
    message = _message(desk, message_id, Right.MAILBOX_DELETE)
    if message.deleted_at is None:
        message.deleted_at, message.deleted_by = desk.clock.utc(), desk.actor.id
        _changed(desk, message, "mailbox.deleted")
    return message


def bring_back(desk: Desk, message_id: str) -> Voicemail:
    """Undo `delete`."""
    message = _message(desk, message_id, Right.MAILBOX_DELETE)
    if message.deleted_at is not None:
        message.deleted_at = message.deleted_by = None
        _changed(desk, message, "mailbox.brought_back")
    return message


def is_own(desk: Desk, mailbox: str) -> bool:
    """Whether it is the mailbox of the actor's seat, or one that belongs to no seat and so to all of them."""
    owners = set(
        desk.session.exec(
            select(SeatSetting.seat).where(SeatSetting.site_id == desk.actor.site_id, SeatSetting.mailbox == mailbox)
        )
    )
    seats = set(desk.session.exec(select(Seat.number).where(Seat.user_id == desk.actor.id)))
    every = set(desk.session.exec(select(Seat.number).where(Seat.site_id == desk.actor.site_id)))
    owners |= {mailbox} & every  # a seat's own number is its mailbox unless told otherwise
    return not owners or bool(owners & seats)


def _message(desk: Desk, message_id: str, right: Right) -> Voicemail:
    message = desk.session.get(Voicemail, message_id)
    if message is None or message.site_id != desk.actor.site_id:
        raise UnknownMessageError(f"there is no message {message_id!r}: take the id from the mailbox's list")
    desk.check(right, own=is_own(desk, message.mailbox))
    return message


def _changed(desk: Desk, message: Voicemail, kind: str) -> None:
    desk.session.add(message)
    desk.session.flush()
    desk.note(desk.session.get_one(Contact, message.contact_id), kind, {"mailbox": message.mailbox, "id": message.id})
