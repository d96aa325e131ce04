"""Taking a class list in: looked at beside who is there already, then all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from lab_server.desk import audit, classes
from lab_server.desk.class_list import Fault, Line
from lab_server.desk.desk import Desk
from lab_server.desk.errors import ClassListError
from lab_server.desk.rights import Right
from lab_server.desk.users import ensure_user
from lab_server.store.tables import Klass, User


@dataclass(frozen=True)
class Preview:
    """`lines` with all their faults; `known` are the numbers of students who are there already and keep their PIN."""

    lines: tuple[Line, ...]
    known: frozenset[str]

    @property
    def faults(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.fault is not None)

    @property
    def new_numbers(self) -> tuple[str, ...]:
        return tuple(line.number for line in self.lines if line.number not in self.known)


def preview(session: Session, site_id: str, lines: Sequence[Line]) -> Preview:
    """What taking the list in would do."""
    numbers = [line.number for line in lines]
    found = session.exec(select(User).where(User.site_id == site_id, col(User.login).in_(numbers)))
    there = {user.login: user for user in found}
    return Preview(tuple(_beside(line, there.get(line.number)) for line in lines), frozenset(there))


def take_in(desk: Desk, klass: Klass, lines: Sequence[Line], hashes: Mapping[str, str]) -> list[User]:
    """Every student of the list is in the class; `hashes`: by number, of the first PINs of those who are new.

    Returns the new ones. Raises `ClassListError` if a line is faulty: then nothing was changed.
    """
    desk.check(Right.CLASS_MANAGE)
    seen = preview(desk.session, klass.site_id, lines)
    if not seen.lines or seen.faults:
        raise ClassListError("the list has faulty rows: correct them, and import it again")
    made = []
    for line in seen.lines:
        user = ensure_user(
            desk.session, desk.clock, site_id=klass.site_id, login=line.number, name=line.name, role="student"
        )
        if line.number not in seen.known:
            if line.number not in hashes:  # gone since the preview
                raise ClassListError(f"{line.number} is no longer there: import the list again")
            user.password = hashes[line.number]
            made.append(user)
        user.disabled_at = None
        desk.session.add(user)
        classes.add_member(desk, klass, user)
    desk.session.flush()
    audit.note(desk, "class.imported", named=klass.name, students=len(seen.lines), new=len(made))
    return made


def _beside(line: Line, user: User | None) -> Line:
    if line.fault is not None or user is None:
        return line
    if user.role != "student" or user.is_robot:
        return replace(line, fault=Fault.TAKEN_BY_STAFF, detail=user.login)
    return line if user.name == line.name else replace(line, fault=Fault.OTHER_NAME, detail=user.name)
