"""Opening the database: SQLite in WAL mode with one writer at a time, or PostgreSQL."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

from lab_server.store.errors import EndedTransactionError

BUSY_TIMEOUT_S = 2.0
# PostgreSQL's lock_not_available, serialization_failure, deadlock_detected, admin_shutdown, crash_shutdown,
# cannot_connect_now, too_many_connections: the same work may succeed a moment later.
_PASSING = frozenset({"55P03", "40001", "40P01", "57P01", "57P02", "57P03", "53300"})


def open_engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """The engine for `Settings.database`. SQLite's folder is made; nothing connects before the first use.

    Every transaction on SQLite begins IMMEDIATE, so that two writers wait for each other instead of failing half-way;
    `reading` begins deferred and waits for nobody.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, json_serializer=_json, connect_args={"timeout": busy_timeout_s})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    arguments = {"connect_timeout": 5, "options": f"-c lock_timeout={int(busy_timeout_s * 1000)} -c timezone=UTC"}
    return create_engine(parsed, json_serializer=_json, pool_pre_ping=True, connect_args=arguments)


class UnitOfWork(Session):
    """A session whose transaction is ended by who gave it out: other units may share it."""

    def commit(self) -> None:
        raise EndedTransactionError("a unit of work is committed by who runs it: return instead of calling commit")

    def rollback(self) -> None:
        raise EndedTransactionError("a unit of work is rolled back by who runs it: raise instead of calling rollback")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A unit of work: committed at the end, rolled back if it raises."""
    with UnitOfWork(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent view that takes no write lock. What it loads stays usable afterwards."""
    with Session(engine.execution_options(reading=True), expire_on_commit=False) as session:
        yield session


def is_passing(error: BaseException) -> bool:
    """Whether the database may accept the same work a moment later: locked, restarting, unreachable, disk full."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
    state = getattr(cause, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state in _PASSING or state.startswith("08"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin_sqlite` does
    _write_ahead(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """A new file is changed over once. SQLite does not wait for others with that, whatever its time-out is: we do."""
    (wait_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until_s = time.monotonic() + wait_ms / 1000
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in {"wal", "memory"}:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
