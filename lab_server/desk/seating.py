"""Sitting down: seat, student and extension are three things. A browser's user sits at one seat, and takes everything
along who moves to another."""

from datetime import timedelta

from sqlmodel import Session, col, select

from lab_server.desk import audit
from lab_server.desk.errors import SeatTakenError, UnknownSeatError
from lab_server.desk.users import at_seat, sit_down
from lab_server.desk.web_sessions import end, open_of
from lab_server.store.tables import LabSession, Seat, User, WebSession
from telephony.clock import Clock

LATELY_S = 6 * 3600.0


def take(session: Session, clock: Clock, row: WebSession, user: User, number: str, *, here: bool = False) -> None:
    """`user` sits at seat `number` in the browser of `row`; his other browsers have no seat any more.

    `here`: the browser is known to be the PC of this very seat, so whoever was left sitting there gets up. Otherwise
    raises `SeatTakenError` if somebody does; `UnknownSeatError` if there is no such seat.
    """
    if session.exec(select(Seat).where(Seat.site_id == user.site_id, Seat.number == number)).first() is None:
        raise UnknownSeatError(f"there is no seat {number}: choose one of those that are listed")
    holder = at_seat(session, user.site_id, number)
    if holder is not None and holder.id != user.id:
        if _holds(session, clock, holder, number) and (holder.is_robot or not here):
            raise SeatTakenError(f"{holder.name} sits at seat {number}: choose another, or have the teacher free it")
        for other in open_of(session, clock, holder):
            if other.seat == number:
                end(session, clock, other, "replaced")
    for other in open_of(session, clock, user):
        if other.seat and other.id != row.id:
            end(session, clock, other, "moved")
    sit_down(session, user, number)
    if row.seat != number:
        audit.record(session, clock, user.site_id, "seat.taken", actor=user, named=number, source=row.source)
    row.seat = number
    session.add(row)
    session.flush()


def free(session: Session, clock: Clock, site_id: str) -> list[str]:
    """The seats at which nobody sits who is here, in order."""
    seats = session.exec(select(Seat).where(Seat.site_id == site_id).order_by(Seat.number)).all()
    return [seat.number for seat in seats if not _is_held(session, clock, seat)]


def lately(session: Session, clock: Clock, site_id: str, number: str) -> list[User]:
    """Who sat at this seat in the last hours, the last one first: who shares a PC finds himself at the top."""
    asked = (
        select(User, WebSession.created_at)
        .join(WebSession, col(WebSession.user_id) == col(User.id))
        .where(
            WebSession.site_id == site_id,
            WebSession.seat == number,
            col(WebSession.created_at) > clock.utc() - timedelta(seconds=LATELY_S),
            col(User.disabled_at).is_(None),
        )
        .order_by(col(WebSession.created_at).desc())
        .limit(30)
    )
    return list({user.id: user for user, _ in session.exec(asked)}.values())[:6]


def _is_held(session: Session, clock: Clock, seat: Seat) -> bool:
    holder = session.get(User, seat.user_id) if seat.user_id is not None else None
    return holder is not None and _holds(session, clock, holder, seat.number)


def _holds(session: Session, clock: Clock, holder: User, number: str) -> bool:
    """A robot holds its seat while a class is running, a person while the browser there is signed in."""
    if holder.is_robot:
        running = select(LabSession.id).where(LabSession.site_id == holder.site_id, LabSession.status == "running")
        return session.exec(running).first() is not None
    return any(row.seat == number for row in open_of(session, clock, holder))
