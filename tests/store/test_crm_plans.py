"""What a page asks the database walks along an index: nothing reads a whole table of calls or customers."""

import re

import pytest
from lab_rows import Lab
from sqlalchemy import event

from lab_server.desk import example
from lab_server.desk.crm import calls, finding, merging, records, viewers
from lab_server.desk.day import board
from lab_server.desk.desk import Desk
from lab_server.desk.pop import pop
from lab_server.desk.shop import listing, sales
from lab_server.desk.ticketing import piles, work
from lab_server.desk.ticketing.work import Pile
from lab_server.store.engine import reading, writing

_BIG = (
    "search_text",
    "contact",
    "leg",
    "customer",
    "ticket",
    "order",
    "order_item",
    "journal",
    "recording",
    "customer_change",
    "contact_note",
)
_PILES: tuple[Pile, ...] = ("mine", "written", "open", "overdue")
_WHOLE = re.compile(rf"^SCAN (?:{'|'.join(_BIG)})(?! USING (?:COVERING )?INDEX)\b")


@pytest.mark.parametrize(
    "page", ["pop", "search", "own", "newest", "day", "tickets", "record", "person", "pile", "orders"]
)
def test_no_page_reads_a_whole_table(lab: Lab, page: str) -> None:
    if lab.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL rightly scans a table of three rows")
    admin = lab.staff("admin")
    with writing(lab.engine) as session:
        example.fill(session, lab.clock, admin)
    contact = lab.serve("complaint", ended=False)
    with lab.desk(lab.student) as desk:
        one = records.create(desk, "training", {"number": "16300000001", "name": "王丽"})
    asked: list[tuple[str, object]] = []
    with reading(lab.engine) as session:
        desk = Desk(session, lab.clock, lab.student)

        def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            asked.append((statement, parameters))

        event.listen(lab.engine, "before_cursor_execute", note)
        try:
            {
                "pop": lambda: pop(desk, contact, "zh-CN"),
                "search": lambda: finding.search_customers(Desk(session, lab.clock, admin), "training", "wangli 0001"),
                "own": lambda: finding.search_customers(desk, "training", "wangli 0001"),
                "newest": lambda: finding.search_customers(Desk(session, lab.clock, admin), "training", ""),
                "day": lambda: board.today(desk, "training"),
                "tickets": lambda: work.pile(Desk(session, lab.clock, admin), "training", "overdue"),
                "record": lambda: records.read(desk, one.id),
                "person": lambda: (
                    calls.of_customer(desk, one.id),
                    sales.of_customer(desk, one.id),
                    work.of_customer(desk, one.id),
                    merging.likely_doubles(desk, one.id),
                    records.history(desk, one.id),
                    viewers.others(desk, "customer", one.id),
                ),
                "pile": lambda: [piles.listed(desk, "training", piles.Wanted(which=one)) for one in _PILES],
                "orders": lambda: listing.listed(Desk(session, lab.clock, admin), "training", "all"),
            }[page]()
        finally:
            event.remove(lab.engine, "before_cursor_execute", note)
        assert asked
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                for line in plan:
                    assert not _WHOLE.match(line[3]), (line[3], statement)
