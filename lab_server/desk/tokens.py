"""Tokens: how an outside program shows whose rights it has. Shown once, kept as a digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk.errors import TokenError
from lab_server.desk.users import seat_of
from lab_server.store.tables import ApiToken, User
from telephony.clock import Clock

BEGINS = "rs_"
"""So that a token is known as one, where somebody has left it in a file."""


def create(
    session: Session, clock: Clock, user: User, *, name: str = "", expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user` and its text, which nobody can ask for again. Raises `TokenError`."""
    if user.is_robot:
        raise TokenError(f"{user.login} is a robot: nobody may act as one")
    if len(name) > 80 or not (name or "x").isprintable():
        raise TokenError("a token's name has at most 80 characters")
    if expires_at is not None and expires_at <= clock.utc():
        raise TokenError("the token would have expired already: name a time to come")
    text = BEGINS + secrets.token_urlsafe(32)
    token = ApiToken(
        site_id=user.site_id, user_id=user.id, name=name, digest=_digest(text), created_at=clock.utc(),
        expires_at=expires_at,
    )  # fmt: skip
    session.add(token)
    session.flush()
    return token, text


def user_of(session: Session, clock: Clock, text: str) -> User | None:
    """Whose token it is; None for one that is unknown, revoked or expired, or of a user who has left."""
    found = _found(session, clock, text)
    return found[1] if found is not None else None


@dataclass(frozen=True)
class Holder:
    """Who shows a token, and the extension of his seat, None if he sits nowhere."""

    user: User
    seat: str | None
    token_id: str


def holder_of(session: Session, clock: Clock, text: str) -> Holder | None:
    """Whose token it is and where he sits; None as `user_of`."""
    found = _found(session, clock, text)
    return Holder(found[1], seat_of(session, found[1]), found[0].id) if found is not None else None


def opens_still(session: Session, clock: Clock, token_id: str) -> bool:
    """Whether who has shown this token may go on listening."""
    token = session.get(ApiToken, token_id)
    return token is not None and _holder(session, clock, token) is not None


def is_valid(token: ApiToken, now: datetime) -> bool:
    """Whether it opens anything at `now`."""
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def listed(session: Session, site_id: str) -> list[tuple[ApiToken, User]]:
    """The site's tokens with their users, the newest first."""
    rows = select(ApiToken, User).join(User, col(ApiToken.user_id) == col(User.id)).where(ApiToken.site_id == site_id)
    return list(session.exec(rows.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id).desc())))


def of_user(session: Session, user: User) -> list[ApiToken]:
    """The user's own, the newest first."""
    rows = select(ApiToken).where(ApiToken.user_id == user.id)
    return list(session.exec(rows.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id).desc())))


def revoke(session: Session, clock: Clock, site_id: str, token_id: str) -> ApiToken:
    """It opens nothing from now on. Again: nothing changes. Raises `TokenError` if there is none of that id."""
    token = session.get(ApiToken, token_id)
    if token is None or token.site_id != site_id:
        raise TokenError(f"there is no token {token_id!r}: ringside token list names them")
    if token.revoked_at is None:
        token.revoked_at = clock.utc()
        session.add(token)
        session.flush()
    return token


def _found(session: Session, clock: Clock, text: str) -> tuple[ApiToken, User] | None:
    if not text.startswith(BEGINS) or len(text) > 100:
        return None
    token = session.exec(select(ApiToken).where(ApiToken.digest == _digest(text))).first()
    user = _holder(session, clock, token) if token is not None else None
    return (token, user) if token is not None and user is not None else None


def _holder(session: Session, clock: Clock, token: ApiToken) -> User | None:
    user = session.get(User, token.user_id) if is_valid(token, clock.utc()) else None
    return user if user is not None and user.disabled_at is None else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
