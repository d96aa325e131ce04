"""The one writing thread: order, failures that stay alone, and a database that is locked for a while."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
from database_lock import Lock
from lab_rows import NOON
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from lab_server.store.engine import reading
from lab_server.store.errors import DatabaseBusyError, EndedTransactionError, StoreClosedError
from lab_server.store.tables import Job
from lab_server.store.writer import STANDS_BACK_S, Reader, Writer


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine)
    yield writer
    writer.close(timeout_s=5)


def add(key: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        session.add(Job(kind="test", key=key, run_after=NOON, created_at=NOON))
        session.flush()
        return key

    return work


def keys(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.exec(select(Job.key).order_by(col(Job.id))))


async def test_units_are_done_in_the_order_they_were_handed_over(engine: Engine, writer: Writer) -> None:
    wanted = [f"{number:03}" for number in range(200)]
    for key in wanted:
        writer.post(add(key))
    await writer.flush()
    assert keys(engine) == wanted
    assert writer.waiting == 0


async def test_a_unit_that_fails_spoils_no_other(
    engine: Engine, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(session: Session) -> None:
        add("half done")(session)
        raise LookupError("no such thing")

    before, failing, after = writer.post(add("1")), writer.post(fails), writer.post(add("2"))
    await asyncio.gather(*map(asyncio.wrap_future, (before, after)))
    assert isinstance(failing.exception(5), LookupError)
    assert keys(engine) == ["1", "2"]
    assert "is not in the database" in caplog.text


@pytest.mark.parametrize("end", [Session.commit, Session.rollback])
async def test_a_unit_cannot_end_the_transaction_it_shares(
    engine: Engine, writer: Writer, end: Callable[[Session], None]
) -> None:
    def ends(session: Session) -> None:
        add("half")(session)
        getattr(session, end.__name__)()

    first, ending, last = [writer.post(work, urgent=False) for work in (add("1"), ends, add("2"))]
    await writer.flush()
    assert isinstance(ending.exception(5), EndedTransactionError)
    assert (first.result(5), last.result(5), keys(engine)) == ("1", "2", ["1", "2"])


async def test_run_returns_what_the_unit_returns_and_raises_what_it_raises(writer: Writer) -> None:
    assert await writer.run(lambda session: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await writer.run(lambda session: 1 // 0)


async def test_work_waits_for_a_locked_database_and_is_done_once(url: str, engine: Engine, writer: Writer) -> None:
    with Lock(url):
        posted = writer.post(add("kept"))
        with pytest.raises(DatabaseBusyError, match="took no work in time"):
            await writer.run(add("given up"), timeout_s=0.3)
        assert not posted.done()
    await writer.flush()
    assert keys(engine) == ["kept"]


async def test_who_stops_waiting_does_not_stop_the_work(url: str, engine: Engine, writer: Writer) -> None:
    with Lock(url):
        waiting = asyncio.ensure_future(writer.run(add("done all the same")))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.05)
    await writer.flush()
    assert keys(engine) == ["done all the same"]


def test_close_writes_what_waits_and_takes_nothing_more(engine: Engine) -> None:
    writer = Writer(engine)
    for number in range(50):
        writer.post(add(str(number)), urgent=False)
    assert writer.close() == 0
    assert len(keys(engine)) == 50
    with pytest.raises(StoreClosedError):
        writer.post(add("late"))


async def test_reading_waits_for_no_writer(url: str, engine: Engine) -> None:
    reader = Reader(engine)
    with Lock(url):
        await reader.answers()
        assert await reader.run(lambda session: session.exec(select(Job)).all()) == []
    reader.close()


async def test_who_is_in_a_hurry_goes_first_and_nothing_is_lost(engine: Engine, writer: Writer) -> None:
    writer.stand_back(0.3)
    began_s = time.monotonic()
    posted = [writer.post(add(f"{number}")) for number in range(3)]
    await asyncio.gather(*map(asyncio.wrap_future, posted))
    assert time.monotonic() - began_s >= STANDS_BACK_S
    assert keys(engine) == ["0", "1", "2"]
    assert time.monotonic() - began_s < 5.0
