"""Signing in: which password would fit, and what happens when it did or did not.

The check itself takes tens of milliseconds of a core, so it is done between two transactions, by who calls these.
"""

from dataclasses import dataclass

from sqlmodel import Session, select

from lab_server.desk import audit, seating, tries
from lab_server.desk.errors import SeatTakenError, UnknownSeatError
from lab_server.desk.passwords import NOBODYS
from lab_server.desk.users import new_password, of_login
from lab_server.desk.web_sessions import end, end_all, open_session
from lab_server.store.tables import User, WebSession
from telephony.clock import Clock


@dataclass(frozen=True)
class Try:
    """A try that has been counted. `kept` is the hash to check against: nobody's, for a user who can't sign in, so
    that it takes as long. `wait_s` above 0: it may not be made yet."""

    login: str
    source: str
    user_id: str | None = None
    kept: str = NOBODYS
    wait_s: float = 0.0


def begin(session: Session, clock: Clock, site_id: str, source: str, *, login: str = "", user_id: str = "") -> Try:
    """Count a try for the user who was picked from a list (`user_id`) or typed (`login`)."""
    user = session.get(User, user_id) if user_id else of_login(session, site_id, login)
    if user is not None and (user.site_id != site_id or user.is_robot or user.disabled_at is not None):
        user = None
    name = user.login if user is not None else (login.strip().lower() or user_id)[:40]
    wait_s = tries.begin(session, clock, site_id, name, source[:45])
    if user is None or not user.password:
        return Try(name, source, wait_s=wait_s)
    return Try(name, source, user.id, user.password, wait_s)


def failed(session: Session, clock: Clock, site_id: str, made: Try) -> float:
    """The password was wrong: written down. Returns for how many seconds no try counts now, 0.0 for none."""
    user = session.get(User, made.user_id) if made.user_id else None
    lock_s = tries.lock_s(tries.failed(session, site_id, made.login, made.source[:45]))
    audit.record(
        session, clock, site_id, "sign_in.locked" if lock_s else "sign_in.failed",
        login=made.login, subject=user, source=made.source, lock_s=lock_s,
    )  # fmt: skip
    return lock_s


def let_in(
    session: Session, clock: Clock, made: Try, *, seat: str = "", new_hash: str = "", instead_of: str = ""
) -> tuple[WebSession, str] | None:
    """The password was right: open a session and sit down at `seat`, if this browser is the PC of one.

    `new_hash`: the same password, hashed anew. `instead_of`: the id of the session this browser had until now. Returns
    the session and its secret; None if the user or the password has changed since `begin`.
    """
    user = session.get(User, made.user_id) if made.user_id else None
    if user is None or user.disabled_at is not None or user.password != made.kept:
        return None
    tries.forgive(session, user.site_id, user.login, made.source[:45])
    if new_hash:
        new_password(session, user, new_hash)
    _leave(session, clock, instead_of)
    row, secret = open_session(session, clock, user, made.source)
    audit.record(session, clock, user.site_id, "sign_in", actor=user, source=made.source)
    if seat and user.role != "grader":
        try:
            with session.begin_nested():
                seating.take(session, clock, row, user, seat, here=True)
        except (SeatTakenError, UnknownSeatError):
            row.seat = ""  # a robot works there, or the seat is no more: another can be chosen
    return row, secret


def out(session: Session, clock: Clock, session_id: str, why: str = "out") -> None:
    """The browser of that session is signed out."""
    _leave(session, clock, session_id, why)


def set_password(session: Session, clock: Clock, user_id: str, kept: str, *, but: str | None, source: str) -> list[str]:
    """A user's own new password; every other browser of the user is signed out. Returns those sessions' ids."""
    user = session.get_one(User, user_id)
    new_password(session, user, kept)
    tries.forgive(session, user.site_id, user.login, source[:45])
    audit.record(session, clock, user.site_id, "password.set", actor=user, subject=user, source=source)
    return end_all(session, clock, user, "password", but=but)


def _leave(session: Session, clock: Clock, session_id: str, why: str = "replaced") -> None:
    row = session.exec(select(WebSession).where(WebSession.id == session_id)).first() if session_id else None
    if row is not None:
        end(session, clock, row, why)
