"""One-time links: how somebody sets the first password, or a new one."""

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session, col, select

from lab_server.desk import audit, tries
from lab_server.desk.errors import LinkError
from lab_server.desk.users import new_password
from lab_server.desk.web_sessions import end_all
from lab_server.store.tables import OneTimeLink, User
from telephony.clock import Clock

LASTS_S = 24 * 3600.0


def make(session: Session, clock: Clock, user: User) -> str:
    """The key of a new link, valid for a day and shown this once; the user's earlier ones open nothing any more."""
    if user.is_robot or user.disabled_at is not None:
        raise LinkError(f"{user.login} is a robot or has left: nobody signs in as that")
    now, key = clock.utc(), secrets.token_urlsafe(32)
    unused = select(OneTimeLink).where(OneTimeLink.user_id == user.id, col(OneTimeLink.used_at).is_(None))
    for earlier in session.exec(unused).all():
        earlier.used_at = now
        session.add(earlier)
    session.add(
        OneTimeLink(
            site_id=user.site_id, user_id=user.id, digest=_digest(key), created_at=now,
            expires_at=now + timedelta(seconds=LASTS_S),
        )
    )  # fmt: skip
    session.flush()
    return key


def user_of(session: Session, clock: Clock, key: str) -> User:
    """Who may set a password by it. Raises `LinkError`."""
    return _owner(session, _found(session, clock, key))


def use(session: Session, clock: Clock, key: str, kept: str, source: str = "") -> User:
    """Give the user the password whose hash is `kept`; the link is used up, every browser signed out.

    Raises `LinkError`.
    """
    link = _found(session, clock, key)
    user = _owner(session, link)
    link.used_at = clock.utc()
    session.add(link)
    new_password(session, user, kept)
    end_all(session, clock, user, "password")
    tries.forgive(session, user.site_id, user.login)
    audit.record(session, clock, user.site_id, "password.set", actor=user, subject=user, source=source)
    return user


def use_up(session: Session, clock: Clock, key: str) -> None:
    """The link opens nothing any more, and no password is set by it. Raises `LinkError`."""
    link = _found(session, clock, key)
    link.used_at = clock.utc()
    session.add(link)


def _found(session: Session, clock: Clock, key: str) -> OneTimeLink:
    link = session.exec(select(OneTimeLink).where(OneTimeLink.digest == _digest(key)).with_for_update()).first()
    if link is None or link.used_at is not None or link.expires_at <= clock.utc():
        raise LinkError("this link is unknown, was used already, or is older than a day: have a new one made")
    return link


def _owner(session: Session, link: OneTimeLink) -> User:
    user = session.get(User, link.user_id)
    if user is None or user.disabled_at is not None:
        raise LinkError("the user of this link has left")
    return user


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
