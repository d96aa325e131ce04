"""The journal: append never waits and never fails, nothing is lost, order and secrets are kept."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from database_lock import Lock
from hammer import ENTRIES, JOBS
from sqlalchemy import Engine, func
from sqlmodel import select

from lab_server.ids import new_id
from lab_server.store import journal
from lab_server.store.engine import reading, writing
from lab_server.store.journal import Journal
from lab_server.store.tables import Job, JournalEntry
from lab_server.store.writer import Writer
from telephony.clock import SystemClock


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine)
    yield writer
    writer.close(timeout_s=5)


@pytest.fixture
def pen(writer: Writer) -> Journal:
    return Journal(writer, source="brain", clock=SystemClock(), site_id="S", session_id="L")


def entries(engine: Engine, contact: str) -> list[JournalEntry]:
    with reading(engine) as session:
        return journal.read(session, contact)


async def test_entries_come_back_as_they_were_appended(engine: Engine, pen: Journal) -> None:
    one, other = new_id(), new_id()
    for number in range(700):  # more than one batch
        pen.append(one if number % 2 else other, "talk.began", {"number": number})
    pen.append(one, "last", recording_s=12.5, user_id="U")
    await pen.flush()
    kept = entries(engine, one)
    assert [entry.data["number"] for entry in kept[:-1]] == list(range(1, 700, 2))
    assert [entry.seq for entry in kept] == list(range(1, 352))
    last = kept[-1]
    assert (last.source, last.site_id, last.session_id, last.user_id, last.recording_s) == (
        "brain",
        "S",
        "L",
        "U",
        12.5,
    )
    assert kept[0].monotonic_s <= last.monotonic_s
    assert kept[0].at <= last.at


async def test_a_database_locked_for_three_seconds_delays_no_append_and_loses_nothing(
    url: str, engine: Engine, pen: Journal
) -> None:
    contact, longest_s, appended, pause = new_id(), 0.0, 0, threading.Event()
    with Lock(url):
        began_s = time.monotonic()
        while time.monotonic() - began_s < 3.0:
            before_s = time.monotonic()
            pen.append(contact, "tick", {"number": appended})
            longest_s = max(longest_s, time.monotonic() - before_s)
            appended += 1
            pause.wait(0.01)  # the pace of the work, not a wait for something
        assert pen.waiting == appended
    await pen.flush()
    assert [entry.data["number"] for entry in entries(engine, contact)] == list(range(appended))
    assert longest_s < 0.5  # the lock was held for 3 s; the rest is what a busy machine may do to any thread


async def test_a_key_is_written_once(engine: Engine, pen: Journal) -> None:
    contact = new_id()
    for number in range(3):
        pen.append(contact, "ended", {"number": number}, key=f"ended/{contact}")
    await pen.flush()
    pen.append(contact, "ended", {"number": 9}, key=f"ended/{contact}")
    pen.append(contact, "after")
    await pen.flush()
    assert [(entry.seq, entry.kind, entry.data) for entry in entries(engine, contact)] == [
        (1, "ended", {"number": 0}),
        (2, "after", {}),
    ]


async def test_no_pin_and_no_card_number_is_written(engine: Engine, pen: Journal) -> None:
    contact = new_id()
    pen.append(
        contact,
        "menu.keys",
        {
            "pin": "4711",
            "cardNumber": "x",
            "nested": {"new_password": "y", "list": [{"CVV": 123}]},
            "text": "my card is 4111 1111 1111 1111, thanks",
            "pinyin": "zhang",
            "number": "16300000001",
            "order": "20261120000123",
        },
    )
    await pen.flush()
    [entry] = entries(engine, contact)
    assert entry.data == {
        "pin": "***",
        "cardNumber": "***",
        "nested": {"new_password": "***", "list": [{"CVV": "***"}]},
        "text": "my card is ***, thanks",
        "pinyin": "zhang",
        "number": "16300000001",
        "order": "20261120000123",
    }


async def test_odd_data_is_written_as_well_as_it_can_be(engine: Engine, pen: Journal) -> None:
    contact = new_id()
    pen.append(contact, "odd", {"a": float("nan"), "b": "\0\ud800好", "c": {1, 2}, "d": Path("/x"), "e": b"z"})
    await pen.flush()
    [entry] = entries(engine, contact)
    assert entry.data == {"a": None, "b": "?好", "c": [1, 2], "d": "/x", "e": "b'z'"}


async def test_an_entry_the_database_refuses_takes_no_other_with_it(
    url: str, engine: Engine, pen: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    contact = new_id()
    with Lock(url):  # so that all three are in one batch
        pen.append(contact, "before")
        pen.append(contact, None)  # type: ignore[arg-type]
        pen.append(contact, "after")
    await pen.flush()
    assert [entry.kind for entry in entries(engine, contact)] == ["before", "after"]
    assert "is not in the database" in caplog.text


async def test_a_full_journal_says_so_and_goes_on(url: str, engine: Engine, writer: Writer) -> None:
    contact, alarms = new_id(), list[str]()
    pen = Journal(writer, source="brain", clock=SystemClock(), capacity=10, on_trouble=alarms.append)
    with Lock(url):
        for number in range(13):
            pen.append(contact, "tick", {"number": number})
    await pen.flush()
    pen.append(contact, "tick", {"number": 99})
    await pen.flush()
    assert [entry.data["number"] for entry in entries(engine, contact)] == [*range(10), 99]
    assert pen.lost == 3
    assert "10 entries wait" in alarms[0]


async def test_work_and_entries_of_one_transaction_stand_or_fall_together(engine: Engine, writer: Writer) -> None:
    contact, clock = new_id(), SystemClock()
    with pytest.raises(ZeroDivisionError), writing(engine) as session:
        journal.record(session, [journal.make("desk.saved", source="desk", clock=clock, contact=contact)])
        raise ZeroDivisionError
    assert entries(engine, contact) == []


async def test_four_processes_at_once_lose_nothing_and_number_without_gaps(url: str, engine: Engine) -> None:
    contacts, names = [new_id() for _ in range(3)], [f"process-{number}" for number in range(4)]
    program = str(Path(__file__).with_name("hammer.py"))
    running = [
        await asyncio.create_subprocess_exec(sys.executable, program, url, name, *contacts, stderr=subprocess.PIPE)
        for name in names
    ]
    for process in running:
        _, said = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0, said.decode()
    for index, contact in enumerate(contacts):
        kept = entries(engine, contact)
        assert [entry.seq for entry in kept] == list(range(1, len(kept) + 1))
        for name in names:
            numbers = [entry.data["number"] for entry in kept if entry.source == name]
            assert numbers == list(range(index, ENTRIES, 3))
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Job)).one() == 4 * JOBS
