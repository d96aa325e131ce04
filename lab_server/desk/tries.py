"""Wrong passwords: counted for each user and source apart, so that nobody locks another out from another place.

A try is counted before the password is looked at and taken back when it was right: a hundred at once are a hundred.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from lab_server.store.tables import SignInTry
from telephony.clock import Clock

FREE = 5
"""Wrong ones in a row before the first lock."""
FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0
FORGET_S = 86400.0
NAMES_A_SOURCE = 300
"""One source that tries more names than this in a day is trying names out."""


def begin(session: Session, clock: Clock, site_id: str, login: str, source: str) -> float:
    """Count a try. Returns 0.0 if it may be made, else the seconds until the next one may."""
    now = clock.utc()
    session.execute(delete(SignInTry).where(col(SignInTry.last_at) < now - timedelta(seconds=FORGET_S)))
    row = _row(session, site_id, login, source)
    if row is None:
        if _names(session, source) >= NAMES_A_SOURCE:
            return LONGEST_LOCK_S
        row = _new(session, now, site_id, login, source)
    if row.locked_until is not None and now < row.locked_until:
        return (row.locked_until - now).total_seconds()
    row.failed, row.last_at = row.failed + 1, now
    if row.failed >= FREE:
        row.locked_until = now + timedelta(seconds=lock_s(row.failed))
    session.add(row)
    session.flush()
    return 0.0


def lock_s(failed: int) -> float:
    """How long no try counts after so many wrong ones in a row: 30 s, 1 min, 2 min … 15 min."""
    return 0.0 if failed < FREE else min(LONGEST_LOCK_S, FIRST_LOCK_S * 2 ** min(failed - FREE, 20))


def failed(session: Session, site_id: str, login: str, source: str) -> int:
    """Wrong ones in a row so far."""
    row = _row(session, site_id, login, source)
    return row.failed if row is not None else 0


def forgive(session: Session, site_id: str, login: str, source: str | None = None) -> int:
    """The tries for `login` from `source` (None: from anywhere) never happened. Returns from how many sources."""
    gone = delete(SignInTry).where(col(SignInTry.site_id) == site_id, col(SignInTry.login) == login)
    if source is not None:
        gone = gone.where(col(SignInTry.source) == source)
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]


def locked(session: Session, site_id: str, logins: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Which of the logins are locked from somewhere, and until when."""
    asked = select(SignInTry).where(
        SignInTry.site_id == site_id, col(SignInTry.login).in_(list(logins)), col(SignInTry.locked_until) > now
    )
    found: dict[str, datetime] = {}
    for row in session.exec(asked):
        if row.locked_until is not None:
            found[row.login] = max(row.locked_until, found.get(row.login, row.locked_until))
    return found


def _row(session: Session, site_id: str, login: str, source: str) -> SignInTry | None:
    asked = select(SignInTry).where(SignInTry.site_id == site_id, SignInTry.login == login, SignInTry.source == source)
    return session.exec(asked.with_for_update()).first()


def _new(session: Session, now: datetime, site_id: str, login: str, source: str) -> SignInTry:
    row = SignInTry(site_id=site_id, login=login, source=source, last_at=now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another process was first
        return _row(session, site_id, login, source) or row
    return row


def _names(session: Session, source: str) -> int:
    return int(session.exec(select(func.count()).select_from(SignInTry).where(SignInTry.source == source)).one())
