"""The person at the machine: a seat of the own in a demonstration, without a password, by a link that works once."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from lab_server.desk import audit, links, web_sessions
from lab_server.desk.errors import LinkError, SeatTakenError
from lab_server.desk.users import at_seat, ensure_user, seat_of, sit_down
from lab_server.store.tables import Seat, User
from telephony.clock import Clock

GUEST = "guest"
"""The login under which nobody can sign in by a password."""


def invite(session: Session, clock: Clock, site_id: str, name: str, robots: Collection[str]) -> tuple[str, str]:
    """A seat for the guest that is none of `robots`, and the key of the link that opens it: (seat, key).

    Keys of before open nothing any more, and browsers of before are signed out. Raises `SeatTakenError` if there is no
    seat left.
    """
    guest = ensure_user(session, clock, site_id=site_id, login=GUEST, name=name, role="student")
    guest.name, guest.disabled_at = name, None
    session.add(guest)
    leave(session, clock, site_id)
    seat = _free(session, site_id, robots)
    sit_down(session, guest, seat)
    return seat, links.make(session, clock, guest)


def of_key(session: Session, clock: Clock, key: str) -> tuple[User, str]:
    """Whose link it is, and the seat. Raises `LinkError` for a key that is no guest's, was used, or is a day old."""
    user = links.user_of(session, clock, key)
    seat = seat_of(session, user)
    if user.login != GUEST or user.password or seat is None:
        raise LinkError("this link opens no guest's seat")
    return user, seat


def enter(session: Session, clock: Clock, key: str, source: str) -> str:
    """Sit down by the link, which is used up; returns the browser's secret. Raises `LinkError`."""
    user, seat = of_key(session, clock, key)
    links.use_up(session, clock, key)
    row, secret = web_sessions.open_session(session, clock, user, source)
    row.seat = seat
    session.add(row)
    audit.record(session, clock, user.site_id, "seat.taken", actor=user, named=seat, source=source)
    session.flush()
    return secret


def leave(session: Session, clock: Clock, site_id: str) -> None:
    """The guest goes: browsers signed out, the seat free. Nothing happens if there is none."""
    guest = session.exec(select(User).where(User.site_id == site_id, User.login == GUEST)).first()
    if guest is None:
        return
    web_sessions.end_all(session, clock, guest, "left")
    for seat in session.exec(select(Seat).where(Seat.user_id == guest.id)).all():
        seat.user_id = None
        session.add(seat)
    session.flush()


def _free(session: Session, site_id: str, robots: Collection[str]) -> str:
    rows = select(Seat.number).where(Seat.site_id == site_id).order_by(col(Seat.number))
    for number in session.exec(rows).all():
        holder = at_seat(session, site_id, number)
        if number not in robots and (holder is None or holder.is_robot):
            return number
    raise SeatTakenError("there is no seat left for you: fewer robots (--agents), or more seats (RINGSIDE_SEATS)")
