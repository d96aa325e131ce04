"""Users, their roles and their seats."""

import re

from sqlmodel import Session, select

from lab_server.desk.errors import UserError
from lab_server.desk.passwords import hashed, matches
from lab_server.store.tables import Role, Seat, User
from telephony.clock import Clock

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def ensure_user(
    session: Session,
    clock: Clock,
    *,
    site_id: str,
    login: str,
    name: str,
    role: Role,
    is_robot: bool = False,
    password: str | None = None,
) -> User:
    """The site's user of that login, made if there is none. Raises `UserError` if there is one of another role.

    Without a password nobody can log in as this user; robots never have one.
    """
    if not _LOGIN.fullmatch(login):
        raise UserError(f"{login!r} is no login name: use up to 40 of a-z, 0-9, dot, dash and underscore")
    found = session.exec(select(User).where(User.site_id == site_id, User.login == login)).first()
    if found is not None:
        if (found.role, found.is_robot) != (role, is_robot):
            raise UserError(f"the user {login} is there already, as {found.role}: choose another login")
        return found
    if is_robot and password is not None:
        raise UserError("a robot has no password: nobody may log in as one")
    user = User(
        site_id=site_id,
        login=login,
        name=name[:80],
        role=role,
        is_robot=is_robot,
        password=_hashed(password),
        created_at=clock.utc(),
    )
    session.add(user)
    session.flush()
    return user


def of_login(session: Session, site_id: str, login: str) -> User | None:
    """The site's user of that login, however its letters are written."""
    return session.exec(select(User).where(User.site_id == site_id, User.login == login.strip().lower())).first()


def new_password(session: Session, user: User, kept: str) -> None:
    """From now on the user signs in with the password whose hash is `kept`."""
    user.password = kept
    session.add(user)
    session.flush()


def logged_in(session: Session, site_id: str, login: str, password: str) -> User | None:
    """The user of that login, if the password is right."""
    user = session.exec(select(User).where(User.site_id == site_id, User.login == login)).first()
    return user if user is not None and matches(password, user.password) else None


def ensure_seats(session: Session, site_id: str, numbers: tuple[str, ...]) -> list[Seat]:
    """The site's seats of these extensions, made where there are none."""
    known = {seat.number: seat for seat in session.exec(select(Seat).where(Seat.site_id == site_id))}
    seats = [known.get(number) or Seat(site_id=site_id, number=number) for number in numbers]
    session.add_all(seats)
    session.flush()
    return seats


def sit_down(session: Session, user: User, number: str) -> Seat:
    """`user` sits at seat `number` from now on, and nowhere else; whoever sat there gets up."""
    for left in session.exec(select(Seat).where(Seat.user_id == user.id)).all():
        left.user_id = None
    seat = session.exec(select(Seat).where(Seat.site_id == user.site_id, Seat.number == number)).first()
    if seat is None:
        raise UserError(f"there is no seat {number}: see seats_from and seats in the settings")
    session.flush()  # one user a seat is a constraint: get up first
    seat.user_id = user.id
    session.flush()
    return seat


def at_seat(session: Session, site_id: str, number: str) -> User | None:
    """Who sits at seat `number`."""
    sitting = select(User).join(Seat).where(Seat.site_id == site_id, Seat.number == number)
    return session.exec(sitting).first()


def seat_of(session: Session, user: User) -> str | None:
    """The extension of the seat where `user` sits, None if nowhere."""
    return session.exec(select(Seat.number).where(Seat.user_id == user.id)).first()


def _hashed(password: str | None) -> str:
    if password is None:
        return ""
    try:
        return hashed(password)
    except ValueError as error:
        raise UserError(str(error)) from error
