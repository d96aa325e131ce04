"""What the floor learns of a caller; and that a database which does not answer costs him no more than the deadline."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from time import monotonic

import pytest
from database_lock import Lock
from lab_rows import Lab
from sqlalchemy import text

from lab_server.desk import customers, members, number_lists, seat_settings
from lab_server.desk.members import Figures, PinVerdict
from lab_server.floor.directory import CallerFacts, Directory
from lab_server.store.engine import reading, writing
from lab_server.store.writer import Reader, Writer

NUMBER = "16300000001"


@pytest.fixture
def reader(lab: Lab) -> Iterator[Reader]:
    """One thread, so that a test can keep it busy."""
    opened = Reader(lab.engine, threads=1)
    yield opened
    opened.close()


@pytest.fixture
def writer(lab: Lab) -> Iterator[Writer]:
    opened = Writer(lab.engine)
    yield opened
    opened.close()


@pytest.fixture
def directory(lab: Lab, reader: Reader, writer: Writer) -> Directory:
    return Directory(reader, writer, lab.clock, site_id=lab.site.id)


def a_member(lab: Lab, number: str = NUMBER) -> str:
    with writing(lab.engine) as session:
        known = customers.save(session, lab.clock, lab.site, "training", number, name="张伟")
    with lab.desk(lab.staff("admin")) as desk:
        customers.add_number(desk, known.id, "16300000002", "office")
        members.enrol(desk, known.id, "10086", balance_cents=5, points=6)
        members.set_pin(desk, known.id, "1234")
    return known.id


async def test_what_is_known_of_a_caller(lab: Lab, directory: Directory) -> None:
    number = lab.cases["complaint"].caller_number
    lab.serve("complaint", seat="1002")
    assert await directory.caller(number, "training") == CallerFacts(number, last_seat="1002")
    known = a_member(lab, number)
    assert await directory.caller(number, "training") == CallerFacts(number, True, "张伟", known, last_seat="1002")
    assert await directory.caller(number, "production") == CallerFacts(number)
    assert await directory.caller("anonymous", "training") == CallerFacts("anonymous", hides=True)
    with lab.desk(lab.staff("supervisor")) as desk:
        customers.set_vip(desk, known, True)
    assert (await directory.caller("16300000002", "training")).is_vip
    assert await directory.figures(known) == Figures(5, 6)
    assert await directory.numbers_of(known) == [number, "16300000002"]
    assert await directory.next_number(known, number) == "16300000002"


async def test_lists_and_seats_hold_from_the_next_refresh_on(lab: Lab, directory: Directory) -> None:
    with lab.desk(lab.staff("supervisor")) as desk:
        number_lists.add(desk, "training", "blacklist", "163*")
        number_lists.add(desk, "training", "vip", NUMBER)
        seat_settings.set_dnd(desk, "1001", True)
    assert not (await directory.caller(NUMBER, "training")).blacklisted
    assert await directory.refresh()
    facts = await directory.caller(NUMBER, "training")
    assert (facts.blacklisted, facts.is_vip) == (True, True)
    assert not (await directory.caller(NUMBER, "production")).blacklisted
    assert (directory.seat("1001").dnd, directory.seat("1002").dnd) == (True, False)


async def test_a_database_that_does_not_answer_costs_the_deadline_and_no_more(
    lab: Lab, directory: Directory, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    known = a_member(lab)
    with lab.desk(lab.staff("supervisor")) as desk:
        number_lists.add(desk, "training", "vip", NUMBER)
    assert await directory.refresh()
    free = threading.Event()
    busy = asyncio.create_task(reader.run(lambda _: free.wait(30)))
    try:
        began = monotonic()
        with caplog.at_level(logging.WARNING):
            answers = await asyncio.gather(
                directory.caller(NUMBER, "training"), directory.figures(known), directory.next_number(known, NUMBER)
            )
        assert monotonic() - began < 1.0
        assert answers == [CallerFacts(NUMBER, is_vip=True), None, None]
        assert "did not tell of a caller in time" in caplog.text
    finally:
        free.set()
        await busy
    assert (await directory.caller(NUMBER, "training")).known


async def test_what_was_known_holds_while_the_database_is_broken(lab: Lab, directory: Directory) -> None:
    with lab.desk(lab.staff("supervisor")) as desk:
        number_lists.add(desk, "training", "blacklist", NUMBER)
    assert await directory.refresh()
    with lab.engine.begin() as connection:
        connection.execute(text("DROP TABLE number_list"))
        connection.execute(text("DROP TABLE customer_number"))
    assert not await directory.refresh()
    assert await directory.caller(NUMBER, "training") == CallerFacts(NUMBER, blacklisted=True)


async def test_wrong_pins_count_at_once_though_the_database_is_locked(
    lab: Lab, url: str, directory: Directory, writer: Writer
) -> None:
    known = a_member(lab)
    with Lock(url):
        checks = await asyncio.gather(*(directory.member("10086", "0000", "training") for _ in range(5)))
        assert [check.verdict for check in checks if check is not None] == [PinVerdict.WRONG] * 5
        assert (await directory.member("10086", "1234", "training")).verdict is PinVerdict.LOCKED  # type: ignore[union-attr]
    await writer.flush()
    with reading(lab.engine) as session:
        row = members.of_customer(session, known)
        assert row is not None
        assert (row.failed_tries, row.locked_until is not None) == (5, True)
    lab.clock.forward(60)
    right = await directory.member("10086", "1234", "training")
    assert right is not None
    assert (right.verdict, right.customer_id) == (PinVerdict.RIGHT, known)
    await writer.flush()
    with reading(lab.engine) as session:
        assert members.of_customer(session, known).failed_tries == 0  # type: ignore[union-attr]
