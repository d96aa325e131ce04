"""What staff do for users: unlock, a new PIN, sign out, a link for a password; make staff, let them go."""

from sqlmodel import col, select

from lab_server.desk import audit, classes, links, reach, tries
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, TakenError, UnknownUserError
from lab_server.desk.rights import Right
from lab_server.desk.users import ensure_user, new_password, of_login
from lab_server.desk.web_sessions import end_all
from lab_server.store.tables import Role, User

STAFF: tuple[Role, ...] = ("supervisor", "instructor", "grader", "admin")


def student(desk: Desk, user_id: str) -> User:
    """The student, if the actor may look after him. Raises `UnknownUserError`, or what `Desk.check` does."""
    user = desk.session.get(User, user_id)
    within = user is not None and user.role == "student" and not user.is_robot
    if user is None or not within or not reach.has_user(desk.session, desk.actor, user):
        desk.check(Right.STUDENT_MANAGE, own=True)
        raise UnknownUserError("there is no such student, or none of yours")
    desk.check(Right.STUDENT_MANAGE, own=True)
    return user


def anybody(desk: Desk, user_id: str) -> User:
    """A student as above, or for an admin any person of the site. Raises as `student`."""
    user = desk.session.get(User, user_id)
    if user is None or user.role == "student":
        return student(desk, user_id)
    desk.check(Right.USER_MANAGE)
    if user.site_id != desk.actor.site_id or user.is_robot:
        raise UnknownUserError("there is no such user")
    return user


def unlock(desk: Desk, user_id: str) -> User:
    """Wrong passwords so far are forgotten, wherever they were typed."""
    user = anybody(desk, user_id)
    tries.forgive(desk.session, user.site_id, user.login)
    audit.note(desk, "user.unlocked", user)
    return user


def give_pin(desk: Desk, user_id: str, kept: str) -> tuple[User, list[str]]:
    """The student signs in with the PIN whose hash is `kept`; returns whose, and which sessions were ended."""
    user = student(desk, user_id)
    new_password(desk.session, user, kept)
    tries.forgive(desk.session, user.site_id, user.login)
    ended = end_all(desk.session, desk.clock, user, "reset")
    audit.note(desk, "user.pin_given", user)
    return user, ended


def sign_out(desk: Desk, user_id: str) -> list[str]:
    """Sign a user out everywhere; returns the ended sessions' ids."""
    user = anybody(desk, user_id)
    ended = end_all(desk.session, desk.clock, user, "teacher")
    audit.note(desk, "user.signed_out", user)
    return ended


def listed(desk: Desk) -> list[User]:
    """The site's staff, by login; those who left last."""
    desk.check(Right.USER_MANAGE)
    asked = select(User).where(User.site_id == desk.actor.site_id, col(User.role) != "student")
    found = desk.session.exec(asked.order_by(User.login)).all()
    return sorted((user for user in found if not user.is_robot), key=lambda user: user.disabled_at is not None)


def make_staff(desk: Desk, login: str, name: str, role: Role) -> User:
    """A new member of staff, who signs in after setting a password by a link. Raises `BadValueError`, `TakenError`."""
    desk.check(Right.USER_MANAGE)
    if role not in STAFF:
        raise BadValueError(f"{role!r} is no role of staff: students come with their class")
    login = login.strip().lower()
    if of_login(desk.session, desk.actor.site_id, login) is not None:
        raise TakenError(f"there is a user {login} already")
    user = ensure_user(
        desk.session, desk.clock, site_id=desk.actor.site_id, login=login, name=classes.clean_name(name), role=role
    )
    audit.note(desk, "user.made", user, role=role)
    return user


def give_link(desk: Desk, user_id: str) -> tuple[User, str]:
    """The key of a one-time link for a user's password. Raises as `anybody`, or `LinkError`."""
    user = anybody(desk, user_id)
    key = links.make(desk.session, desk.clock, user)
    audit.note(desk, "user.link_given", user)
    return user, key


def disable(desk: Desk, user_id: str) -> list[str]:
    """The user has left: signs in no more, records stay. Returns the ended sessions' ids."""
    user = anybody(desk, user_id)
    if user.id == desk.actor.id:
        raise BadValueError("nobody shuts himself out: have another admin do it")
    user.disabled_at = desk.clock.utc()
    desk.session.add(user)
    ended = end_all(desk.session, desk.clock, user, "left")
    audit.note(desk, "user.left", user)
    return ended


def enable(desk: Desk, user_id: str) -> None:
    """The user is back."""
    user = anybody(desk, user_id)
    user.disabled_at = None
    desk.session.add(user)
    desk.session.flush()
    audit.note(desk, "user.back", user)
