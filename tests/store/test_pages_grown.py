"""After years of classes pages say the same as after one lesson, and ask the database no more often."""

from datetime import timedelta
from pathlib import Path

from lab_rows import Lab
from sqlalchemy import event, insert

from lab_server.desk import reach
from lab_server.desk.day import board
from lab_server.desk.shop import catalogue, listing, sales
from lab_server.desk.shop.sales import LineIn
from lab_server.ids import new_id
from lab_server.overview import Settled, sessions
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, Klass, KlassMember, LabSession, Leg, Role

HOME = {"name": "王丽", "address": "杭州市西湖区文三路128号", "phone": "16300000001"}
ROLES: tuple[Role, ...] = ("student", "supervisor", "grader", "instructor", "admin")


def test_a_session_that_is_long_over_is_counted_once(lab: Lab, tmp_path: Path) -> None:
    settled = Settled(lab.clock)

    def counted() -> int:
        with reading(lab.engine) as session:
            return sessions(session, tmp_path, settled=settled)[0].contacts

    lab.serve("complaint")
    assert counted() == 1
    lab.serve("order")
    assert counted() == 2  # it runs: always as it is now
    with writing(lab.engine) as session:
        row = session.get_one(LabSession, lab.session_id)
        row.ended_at = lab.clock.utc()
        session.add(row)
    lab.serve("order")
    assert counted() == 3  # just over: what is still being written up is counted, too
    lab.clock.forward(2 * 3600)
    asked = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    assert counted() == 3
    event.listen(lab.engine, "before_cursor_execute", note)
    try:
        assert counted() == 3
    finally:
        event.remove(lab.engine, "before_cursor_execute", note)
    assert not [one for one in asked if "count(" in one.lower()]


def test_the_list_of_sessions_is_that_of_those_one_may_see(lab: Lab) -> None:
    stranger = lab.stranger()
    people = [lab.student if role == "student" else lab.staff(role) for role in ROLES]
    with writing(lab.engine) as session:
        group, others = Klass(site_id=lab.site.id, name="1"), Klass(site_id=lab.site.id, name="2")
        session.add_all([group, others])
        session.flush()
        for one in people[:2]:
            session.add(
                KlassMember(site_id=lab.site.id, klass_id=group.id, user_id=one.id, joined_at=lab.clock.utc())
            )  # fmt: skip
        for klass, site in ((group.id, lab.site.id), (others.id, lab.site.id), (None, stranger.site_id)):
            session.add(
                LabSession(site_id=site, klass_id=klass, seed=1, language="en", created_at=lab.clock.utc())
            )  # fmt: skip
    with reading(lab.engine) as session:
        every = session.exec(LabSession.__table__.select()).all()  # type: ignore[attr-defined]
        rows = [session.get_one(LabSession, one.id) for one in every]
        for actor in [*people, stranger]:
            listed = {one.id for one in session.exec(reach.lab_sessions(session, actor))}
            assert listed == {one.id for one in rows if reach.has_lab_session(session, actor, one)}, actor.role
        seen = {actor.role: len(session.exec(reach.lab_sessions(session, actor)).all()) for actor in people}
    assert seen == {"student": 0, "supervisor": 1, "grader": 3, "instructor": 3, "admin": 3}


def test_a_list_of_orders_asks_no_more_for_many_than_for_two(lab: Lab) -> None:
    with lab.desk(lab.staff("instructor")) as desk:
        for sku in ("A", "B"):
            catalogue.save(desk, sku, {"name": f"article {sku}", "price_cents": 1000})
            catalogue.restock(desk, sku, 100)

    def statements(count: int) -> int:
        asked = list[str]()

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        with lab.desk(lab.student) as desk:
            desk.session.expire_all()
            event.listen(lab.engine, "before_cursor_execute", note)
            try:
                found = listing.listed(desk, "training", "all").lines
            finally:
                event.remove(lab.engine, "before_cursor_execute", note)
        lines = sorted([(line.product, line.quantity) for line in one.order.lines] for one in found)
        expected = [[("article A", at), ("article B", 1)] for at in range(1, count + 1)]
        assert lines == expected, "each order has its own lines, in their order"
        return len(asked)

    def place(quantity: int) -> None:
        with lab.desk(lab.student) as desk:
            lines = [LineIn(sku="A", quantity=quantity), LineIn(sku="B", quantity=1)]
            sales.place(desk, "training", lines, "cod", HOME)

    place(1)
    place(2)
    few = statements(2)
    for quantity in (3, 4, 5, 6):
        place(quantity)
    assert statements(6) == few


def test_a_text_is_looked_for_in_the_newest_calls_and_in_those_of_a_day(lab: Lab) -> None:
    old = lab.serve("complaint")
    number = lab.cases["complaint"].caller_number
    day = lab.clock.utc()
    lab.clock.forward(2 * 86400)
    busy = lab.serve("order")
    with lab.desk(lab.student) as desk:
        assert [one.contact_id for one in board.calls(desk, text=number)] == [old]
        began = lab.clock.utc()
        desk.session.execute(
            insert(Leg),
            [
                {
                    "id": new_id(), "site_id": lab.site.id, "contact_id": busy, "name": f"agent-{at + 2}",
                    "role": "agent", "user_id": lab.student.id, "started_at": began + timedelta(seconds=at),
                }
                for at in range(board.SEARCHED)
            ],
        )  # fmt: skip
        assert board.calls(desk, text=number) == ()
        since = day - timedelta(hours=12)
        found = board.calls(desk, text=number, since=since, before=since + timedelta(days=1))
        assert [one.contact_id for one in found] == [old]
        other = desk.session.get_one(Contact, busy).customer_number
        assert len(board.calls(desk, text=other, most=200)) == 200
