"""Bringing the database to this code's tables; at the start of every process that needs it, one at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from lab_server.store.engine import is_passing
from lab_server.store.errors import (
    DatabaseDamagedError,
    DatabaseTooNewError,
    DatabaseUnreachableError,
    StoreError,
)

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x52494E47  # "RING": the advisory lock's number on PostgreSQL
WAIT_S = 30


def upgrade(engine: Engine) -> str:
    """Bring the tables up to date and return the revision they are at. Several processes may call it at once.

    All or nothing: it is one transaction. Raises `DatabaseTooNewError` before it touches a database that a newer
    Ringside made, `DatabaseDamagedError` if it is none, `DatabaseUnreachableError` if there is none to be had.
    """
    try:
        with (
            engine.connect() as connection,
            _waiting_for_others(connection),
            _tables_may_be_copied(connection),
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _refuse_newer(connection)
            found = current(connection)
            command.upgrade(config(connection), "head")
            if current(connection) != found:
                _refuse_orphans(connection)
            return current(connection) or ""
    except DBAPIError as error:
        raise _explained(engine, error) from error


def _explained(engine: Engine, error: DBAPIError) -> StoreError | DBAPIError:
    """What an operator can do about it; the error itself if it is ours to mend."""
    address = engine.url.render_as_string(hide_password=True)
    cause = " ".join(str(error.orig).split())
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return DatabaseDamagedError(
            f"the database {address} is damaged ({cause}): put a copy of it back, or move the file away (with those "
            "that end in -wal and -shm) to begin with an empty one"
        )
    if is_passing(error) or code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return DatabaseUnreachableError(
            f"the database {address} cannot be used ({cause}): see that it runs, that the address in database_url (or "
            "DATABASE_URL) is right, that it may be written, and that there is space on its disk"
        )
    return error


def current(connection: Connection) -> str | None:
    """The revision the database is at; None if it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision this code needs."""
    return ScriptDirectory(str(_FOLDER)).get_current_head() or ""


def config(connection: Connection) -> Config:
    """Alembic's configuration: no file, our folder, the given connection."""
    made = Config()
    made.set_main_option("script_location", str(_FOLDER))
    made.attributes["connection"] = connection
    return made


@contextmanager
def _waiting_for_others(connection: Connection) -> Iterator[None]:
    """Another process may be at it: on SQLite it has the write lock, on PostgreSQL the advisory one.

    Whoever is given this connection afterwards waits for a lock no longer than before.
    """
    before = _wait_for_locks(connection, str(WAIT_S * 1000))
    yield
    _wait_for_locks(connection, before)


def _wait_for_locks(connection: Connection, wanted: str) -> str:
    """So long from now on (milliseconds, if no unit is named); returns how long until now."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 (for the type checker: the connection is open)
        before = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout = {wanted}")
    else:
        before = connection.execute(text("SHOW lock_timeout")).scalar_one()
        connection.execute(text(f"SET lock_timeout = '{wanted}'"))
        connection.commit()
    return str(before)


@contextmanager
def _tables_may_be_copied(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by copying it and dropping the old one, which its references would forbid.

    It takes this setting only between transactions.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 (for the type checker: the connection is open)
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _refuse_orphans(connection: Connection) -> None:
    """What SQLite did not check while tables were copied."""
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        address = connection.engine.url.render_as_string(hide_password=True)
        raise DatabaseDamagedError(
            f"the database {address} is damaged ({len(lost)} rows, the first in table {lost[0][0]}, refer to rows that "
            "are not there): nothing was changed; put a copy of it back"
        )


def _refuse_newer(connection: Connection) -> None:
    found = current(connection)
    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseTooNewError(
            f"the database {connection.engine.url.render_as_string(hide_password=True)} is at revision {found}, which "
            f"this version of Ringside does not know (it knows up to {newest()}): run the newer Ringside that made it, "
            "or name another database"
        )
