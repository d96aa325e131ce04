"""Somebody else who has the database's write lock for a while."""

from types import TracebackType
from typing import Self

from sqlalchemy import create_engine, text

TABLES = '"job", "journal", "desk_entry"'


class Lock:
    """Holds SQLite's write lock, or PostgreSQL's locks on the tables that are written here, from `with` to its end."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self._connection = self._engine.connect()

    def __enter__(self) -> Self:
        if self._engine.dialect.name == "sqlite":
            driver = self._connection.connection.driver_connection
            assert driver is not None
            driver.isolation_level = None
            driver.execute("BEGIN IMMEDIATE")
        else:
            self._connection.execute(text(f"LOCK TABLE {TABLES} IN EXCLUSIVE MODE"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._engine.dialect.name == "sqlite":
            driver = self._connection.connection.driver_connection
            assert driver is not None
            driver.execute("ROLLBACK")
        self._connection.close()
        self._engine.dispose()
