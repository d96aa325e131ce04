"""Classes: their members, and the bell that ends a lesson."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from lab_server.desk import audit, reach, tries
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, TakenError, UnknownClassError
from lab_server.desk.rights import Right
from lab_server.desk.web_sessions import end_all, open_of
from lab_server.store.tables import Klass, KlassMember, User


@dataclass(frozen=True)
class Member:
    """A class's member as the teacher sees it. `seat`: where, "" for nowhere; `locked_until`: after wrong PINs."""

    user: User
    signed_in: bool
    seat: str
    locked_until: datetime | None
    has_pin: bool


def make(desk: Desk, name: str, course: str = "") -> Klass:
    """A new class of the actor's. Raises `BadValueError`, `TakenError`."""
    desk.check(Right.CLASS_MANAGE)
    name, course = clean_name(name), course.strip()[:80]
    if course and not course.isprintable():
        raise BadValueError("a course's name is printable text")
    if desk.session.exec(select(Klass).where(Klass.site_id == desk.actor.site_id, Klass.name == name)).first():
        raise TakenError(f"there is a class {name} already")
    klass = Klass(site_id=desk.actor.site_id, name=name, course=course, instructor_id=desk.actor.id)
    desk.session.add(klass)
    desk.session.flush()
    audit.note(desk, "class.made", named=name)
    return klass


def clean_name(text: str) -> str:
    """A name as it is kept. Raises `BadValueError` unless it is one line of at most 80 printable characters."""
    name = " ".join(text.split())
    if not name or len(name) > 80 or not name.isprintable():
        raise BadValueError("a name has 1 to 80 characters that can be printed")
    return name


def known(desk: Desk, klass_id: str) -> Klass:
    """The class, if it is within the actor's reach. Raises `UnknownClassError`, or what `Desk.check` does."""
    desk.check(Right.CLASS_READ, own=True)
    klass = desk.session.get(Klass, klass_id)
    if klass is None or not reach.has_class(desk.session, desk.actor, klass.id):
        raise UnknownClassError("there is no such class, or it is not yours")
    return klass


def listed(desk: Desk) -> list[tuple[Klass, int]]:
    """The classes within reach with the numbers of their students, by name."""
    desk.check(Right.CLASS_READ, own=True)
    own = reach.group(desk.session, desk.actor)
    return [
        (klass, count)
        for klass, count in with_counts(desk.session, desk.actor.site_id)
        if own is None or klass.id in own
    ]


def with_counts(session: Session, site_id: str) -> list[tuple[Klass, int]]:
    """Every class of the site with the number of its students, by name."""
    counts = dict(
        session.exec(
            select(KlassMember.klass_id, func.count())
            .join(User, col(User.id) == col(KlassMember.user_id))
            .where(KlassMember.site_id == site_id, User.role == "student", col(User.disabled_at).is_(None))
            .group_by(col(KlassMember.klass_id))
        ).all()
    )
    classes = session.exec(select(Klass).where(Klass.site_id == site_id).order_by(Klass.name))
    return [(klass, counts.get(klass.id, 0)) for klass in classes]


def students(session: Session, klass_id: str) -> list[User]:
    """The students of a class who have not left, by number."""
    return [user for user in users(session, klass_id) if user.role == "student"]


def users(session: Session, klass_id: str) -> list[User]:
    """Everybody in a class who has not left: supervisors first, then by login."""
    asked = (
        select(User)
        .join(KlassMember, col(KlassMember.user_id) == col(User.id))
        .where(KlassMember.klass_id == klass_id, col(User.disabled_at).is_(None))
        .order_by(col(User.role).desc(), User.login)
    )
    return list(session.exec(asked))


def members(desk: Desk, klass: Klass) -> list[Member]:
    """The class's members, with who is here and who is locked."""
    found = users(desk.session, klass.id)
    locked = tries.locked(desk.session, klass.site_id, [user.login for user in found], desk.clock.utc())
    made = []
    for user in found:
        rows = open_of(desk.session, desk.clock, user)
        seat = next((row.seat for row in rows if row.seat), "")
        made.append(Member(user, bool(rows), seat, locked.get(user.login), bool(user.password)))
    return made


def add_member(desk: Desk, klass: Klass, user: User) -> bool:
    """`user` belongs to the class from now on; False if so already. Raises `BadValueError` for who cannot."""
    desk.check(Right.CLASS_MANAGE)
    if user.site_id != klass.site_id or user.is_robot or user.role not in {"student", "supervisor"}:
        raise BadValueError(f"{user.login}: a class has students and supervisors")
    asked = select(KlassMember).where(KlassMember.klass_id == klass.id, KlassMember.user_id == user.id)
    if desk.session.exec(asked).first() is not None:
        return False
    desk.session.add(KlassMember(site_id=klass.site_id, klass_id=klass.id, user_id=user.id, joined_at=desk.clock.utc()))
    desk.session.flush()
    audit.note(desk, "class.joined", user, klass=klass.name)
    return True


def remove_member(desk: Desk, klass: Klass, user: User) -> None:
    """`user` no longer belongs to the class. Records stay."""
    desk.check(Right.CLASS_MANAGE)
    asked = select(KlassMember).where(KlassMember.klass_id == klass.id, KlassMember.user_id == user.id)
    for row in desk.session.exec(asked).all():
        desk.session.delete(row)
        audit.note(desk, "class.left", user, klass=klass.name)
    desk.session.flush()


def set_bell(desk: Desk, klass: Klass, at: datetime | None) -> None:
    """At `at` the students of the class are signed out everywhere; None: no bell. Raises `BadValueError`."""
    desk.check(Right.CLASS_MANAGE)
    if at is not None and at <= desk.clock.utc():
        raise BadValueError("the bell rings at a time to come")
    klass.bell_at = at
    desk.session.add(klass)
    if at is not None:
        for user in students(desk.session, klass.id):
            for row in open_of(desk.session, desk.clock, user):
                row.expires_at = min(row.expires_at, at)
                desk.session.add(row)
    desk.session.flush()
    audit.note(desk, "class.bell_set", named=klass.name, at=at.isoformat() if at is not None else None)


def ring(desk: Desk, klass: Klass) -> list[str]:
    """The lesson is over now: sign every student of the class out. Returns the ended sessions' ids."""
    desk.check(Right.CLASS_MANAGE)
    ended = []
    for user in students(desk.session, klass.id):
        ended += end_all(desk.session, desk.clock, user, "bell")
    klass.bell_at = None
    desk.session.add(klass)
    desk.session.flush()
    audit.note(desk, "class.bell", named=klass.name, signed_out=len(ended))
    return ended
