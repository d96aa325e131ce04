"""Browsers in which somebody is signed in: opened, found again by their secret, ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from lab_server.store.tables import Klass, KlassMember, Seat, User, WebSession
from telephony.clock import Clock

LASTS_S = 12 * 3600.0
"""A browser is signed out after this, whatever happens."""


@dataclass(frozen=True)
class SignedIn:
    """A browser's session that is open, whose it is, and the seat at which the user sits in this very browser."""

    row: WebSession
    user: User
    seat: str | None


def open_session(session: Session, clock: Clock, user: User, source: str) -> tuple[WebSession, str]:
    """A new one and its secret, which only the browser keeps. It ends with the lesson, if that is sooner."""
    now, secret = clock.utc(), secrets.token_urlsafe(32)
    row = WebSession(
        site_id=user.site_id, user_id=user.id, digest=_digest(secret), source=source[:45], created_at=now,
        expires_at=min(now + timedelta(seconds=LASTS_S), _next_bell(session, user, now)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def find(session: Session, clock: Clock, secret: str) -> SignedIn | None:
    """Whose browser has this secret; None for one that is unknown, over, or of a user who has left."""
    row = session.exec(select(WebSession).where(WebSession.digest == _digest(secret))).first()
    if row is None or not is_open(row, clock.utc()):
        return None
    user = session.get(User, row.user_id)
    if user is None or user.is_robot or user.disabled_at is not None:
        return None
    return SignedIn(row, user, _seat(session, row))


def is_open(row: WebSession, now: datetime) -> bool:
    return row.ended_at is None and now < row.expires_at


def still_open(session: Session, clock: Clock, session_id: str) -> bool:
    """Whether the session of that id opens anything, for a stream that began while it did."""
    row = session.get(WebSession, session_id)
    if row is None or not is_open(row, clock.utc()):
        return False
    user = session.get(User, row.user_id)
    return user is not None and user.disabled_at is None


def end(session: Session, clock: Clock, row: WebSession, why: str) -> None:
    """It opens nothing from now on, and its user gets up from the seat. Again: nothing changes."""
    if row.ended_at is not None:
        return
    get_up(session, row)
    row.ended_at, row.ended_why = clock.utc(), why
    session.add(row)
    session.flush()


def end_all(session: Session, clock: Clock, user: User, why: str, *, but: str | None = None) -> list[str]:
    """End every open session of a user, but for the one of that id; returns the ids of those."""
    rows = [row for row in open_of(session, clock, user) if row.id != but]
    for row in rows:
        end(session, clock, row, why)
    return [row.id for row in rows]


def open_of(session: Session, clock: Clock, user: User) -> list[WebSession]:
    """A user's open sessions."""
    asked = select(WebSession).where(
        WebSession.user_id == user.id, col(WebSession.ended_at).is_(None), col(WebSession.expires_at) > clock.utc()
    )
    return list(session.exec(asked))


def get_up(session: Session, row: WebSession) -> None:
    """The session's user sits nowhere, if it is this browser where he sits."""
    if not row.seat:
        return
    asked = select(Seat).where(Seat.site_id == row.site_id, Seat.number == row.seat, Seat.user_id == row.user_id)
    for seat in session.exec(asked).all():
        seat.user_id = None
        session.add(seat)
    session.flush()


def sweep(session: Session, clock: Clock, site_id: str) -> int:
    """End what has run out, so that its seats are free. Returns how many. Called every now and then."""
    asked = select(WebSession).where(
        WebSession.site_id == site_id, col(WebSession.ended_at).is_(None), col(WebSession.expires_at) <= clock.utc()
    )
    over = session.exec(asked).all()
    for row in over:
        end(session, clock, row, "expired")
    return len(over)


def _seat(session: Session, row: WebSession) -> str | None:
    if not row.seat:
        return None
    asked = select(Seat.number).where(Seat.site_id == row.site_id, Seat.number == row.seat, Seat.user_id == row.user_id)
    return session.exec(asked).first()


def _next_bell(session: Session, user: User, now: datetime) -> datetime:
    """When the lesson of one of the student's classes ends next; the end of time for who has no lesson."""
    far = now + timedelta(days=1)
    if user.role != "student":
        return far
    asked = (
        select(Klass.bell_at)
        .join(KlassMember, col(KlassMember.klass_id) == col(Klass.id))
        .where(KlassMember.user_id == user.id, col(Klass.bell_at) > now)
    )
    return min((bell for bell in session.exec(asked) if bell is not None), default=far)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
