"""Which seats are none of a supervisor's business, and what he then does not hear."""

from collections.abc import AsyncIterator

import pytest
from lab_rows import Lab
from sqlmodel import Session

from lab_server.desk.reach import others_seats
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.floor.api.messages import FloorEvent
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Klass, KlassMember, Role, User
from lab_server.store.writer import Reader
from web.access import Visitor
from web.own_group import of_own_group


class _Access:
    def __init__(self, lab: Lab) -> None:
        self.reader, self.clock = Reader(lab.engine), lab.clock


def _person(session: Session, lab: Lab, login: str, role: Role, seat: str = "", *classes: Klass) -> User:
    user = ensure_user(session, lab.clock, site_id=lab.site.id, login=login, name=login, role=role)
    if seat:
        ensure_seats(session, lab.site.id, (seat,))
        sit_down(session, user, seat)
    for klass in classes:
        session.add(KlassMember(site_id=lab.site.id, klass_id=klass.id, user_id=user.id, joined_at=lab.clock.utc()))
    session.flush()
    return user


@pytest.fixture
def supervisor(lab: Lab) -> User:
    """Of the first class. Students sit at 1101 (his), 1102 (of another class), 1103 (of both), 1104 (of none)."""
    with writing(lab.engine) as session:
        mine, another = (Klass(site_id=lab.site.id, name=name) for name in ("group one", "group two"))
        session.add_all([mine, another])
        session.flush()
        _person(session, lab, "one", "student", "1101", mine)
        _person(session, lab, "two", "student", "1102", another)
        _person(session, lab, "three", "student", "1103", mine, another)
        _person(session, lab, "four", "student", "1104")
        _person(session, lab, "boss", "supervisor", "1105", another)
        return _person(session, lab, "head", "supervisor", "1106", mine)


def test_only_students_of_other_classes_are_anothers(lab: Lab, supervisor: User) -> None:
    with reading(lab.engine) as session:
        assert others_seats(session, lab.site.id, supervisor.id) == {"1102"}
        nobodys = others_seats(session, lab.site.id, "0" * 26)
        assert nobodys == {"1101", "1102", "1103"}


async def test_a_supervisor_hears_of_no_other_groups_calls(lab: Lab, supervisor: User) -> None:
    at = "2026-11-20T06:00:00+00:00"

    async def told() -> AsyncIterator[FloorEvent | None]:
        for event, seats in (
            ("contact", ("1102",)), ("contact", ("1101", "1102")), ("contact", ()), ("ended", ("1102",)),
            ("agent", ("1102",)), ("conference", ("1104",)),
        ):  # fmt: skip
            yield FloorEvent(event=event, at=at, contact="c", seats=seats, data={})
        yield None

    async def heard(user: User) -> list[tuple[str, tuple[str, ...]] | None]:
        visitor = Visitor(user, None)
        return [
            (one.event, one.seats) if one is not None else None
            async for one in of_own_group(_Access(lab), visitor, told())  # type: ignore[arg-type]
        ]

    assert await heard(supervisor) == [
        ("contact", ("1101", "1102")), ("contact", ()), ("agent", ("1102",)), ("conference", ("1104",)), None,
    ]  # fmt: skip
    with writing(lab.engine) as session:
        teacher = _person(session, lab, "teacher", "instructor")
    assert len(await heard(teacher)) == 7
