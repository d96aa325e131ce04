"""Migrations and tables say the same, on both databases; starting twice at once, or on a newer one, is safe."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from lab_server.store import migrate
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.errors import DatabaseDamagedError, DatabaseTooNewError, DatabaseUnreachableError
from lab_server.store.tables import Contact, Leg, metadata

Open = Callable[[str], Engine]


def test_the_migrated_schema_is_the_tables(empty_url: str, open_url: Open) -> None:
    engine = open_url(empty_url)
    assert migrate.upgrade(engine) == migrate.newest()
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": _is_ours}
        drift = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            declared = {
                constraint.name for constraint in table.constraints if type(constraint).__name__ == "CheckConstraint"
            }
            checks = inspector.get_check_constraints(table.name)
            migrated = {check["name"] for check in checks}
            assert len(checks) == len(migrated), table.name
            prefixed = {name if str(name).startswith("ck_") else f"ck_{table.name}_{name}" for name in declared}
            assert migrated == prefixed, table.name
    assert drift == []


def _is_ours(_item: object, name: str | None, kind: str, *_: object) -> bool:
    """Not the search index, which is made of each database's own kind of table."""
    return not (kind == "table" and (name or "").startswith("search_"))


def test_two_processes_may_start_at_once(empty_url: str, open_url: Open) -> None:
    engines = [open_url(empty_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(migrate.upgrade, engines)) == [migrate.newest()] * 3


def test_a_newer_database_is_refused_untouched(empty_url: str, open_url: Open) -> None:
    engine = open_url(empty_url)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match=r"revision 9999.*run the newer Ringside"):
        migrate.upgrade(engine)
    with engine.connect() as connection:
        assert migrate.current(connection) == "9999"


def test_a_file_that_is_no_database_is_said_to_be_damaged_and_kept(tmp_path: Path, open_url: Open) -> None:
    file = tmp_path / "lab.sqlite"
    file.write_bytes(b"no database " * 1000)
    with pytest.raises(DatabaseDamagedError, match=r"lab\.sqlite is damaged .*move the file away"):
        migrate.upgrade(open_url(f"sqlite:///{file}"))
    assert file.read_bytes() == b"no database " * 1000


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, open_url: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_url(empty_url)
    real = command.upgrade

    def fails_at_the_end(config: object, revision: str) -> None:
        real(config, revision)  # type: ignore[arg-type]
        raise OSError("the power fails")

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", fails_at_the_end)
        with pytest.raises(OSError, match="power"):
            migrate.upgrade(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    assert migrate.upgrade(engine) == migrate.newest()


def test_the_tables_can_be_taken_away_again(empty_url: str, open_url: Open) -> None:
    engine = open_url(empty_url)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(migrate.config(connection), "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    engine = open_engine("postgresql+psycopg://lab:secret@127.0.0.1:1/lab")
    with pytest.raises(DatabaseUnreachableError, match=r"lab:\*\*\*@127.0.0.1:1/lab cannot be used") as refused:
        migrate.upgrade(engine)
    assert "secret" not in str(refused.value)
    engine.dispose()


def test_the_calls_of_before_keep_what_they_hold(empty_url: str, open_url: Open) -> None:
    engine = open_url(empty_url)
    with engine.connect() as connection, connection.begin():
        command.upgrade(migrate.config(connection), "0004")
        for statement in (
            "INSERT INTO site (id, name, time_zone, language, virtual_prefixes) VALUES ('S', 'Old', 'UTC', 'en', '[]')",
            "INSERT INTO contact (id, site_id, mode, direction, is_virtual, trunk, caller_dialled, caller_e164,"
            " called_dialled, called_e164, queue, menu_path, stage, outcome, ended_by, cause, offered_at, wrapped_at,"
            " hold_s) VALUES ('C', 'S', 'training', 'in', true, 'lab', '163 0000 0001', '+8616300000001', '95500', '',"
            " '', '', '', '', '', '', '2026-11-20 04:00:00+00:00', '2026-11-20 04:05:00+00:00', 0)",
            "INSERT INTO leg (id, site_id, contact_id, name, role, number, channel, started_at, answered_at, cause,"
            " recording, offset_s) VALUES ('L', 'S', 'C', 'agent-1', 'agent', '1001', '', '2026-11-20 04:00:00+00:00',"
            " '2026-11-20 04:00:00+00:00', '', '', 0)",
        ):
            connection.execute(text(statement))
    assert migrate.upgrade(engine) == migrate.newest()
    with reading(engine) as session:
        contact, leg = session.get_one(Contact, "C"), session.get_one(Leg, "L")
    assert (contact.customer_number, contact.direction) == ("+8616300000001", "in")
    assert (leg.seat, leg.wrapped_at) == ("1001", contact.wrapped_at)
    with writing(engine) as session:
        session.add(Leg(site_id="S", contact_id="C", name="party-1", role="party", started_at=contact.offered_at))
        session.get_one(Contact, "C").direction = "conf"
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(Leg(site_id="S", contact_id="nobody", name="agent-2", role="party", started_at=contact.offered_at))
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.delete(session.get_one(Contact, "C"))


def test_who_works_with_the_engine_afterwards_waits_no_longer_for_a_lock(empty_url: str, open_url: Open) -> None:
    """The migration waits half a minute for other processes; a call's note must not."""
    engine = open_url(empty_url)
    asked = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
    with engine.connect() as connection:
        before = connection.exec_driver_sql(asked).scalar_one()
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(asked).scalar_one() == before


def test_a_new_file_is_opened_while_another_writes_to_it(tmp_path: Path, open_url: Open) -> None:
    """The first change of a file to write-ahead is refused at once while somebody writes, whatever the time-out."""
    file = tmp_path / "new.sqlite"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE t (x)")
    Timer(0.05, lambda: other.execute("COMMIT")).start()
    with open_url(f"sqlite:///{file}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    other.close()
