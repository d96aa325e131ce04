"""Fixtures of the store's tests: every test runs on SQLite and on PostgreSQL, each in a fresh database."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from debian_tree import will_run
from lab_rows import Lab, a_lab
from postgres_programs import NoPostgresError, find_programs
from postgres_server import PostgresServer
from sqlalchemy import Engine, create_engine, text

from lab_server.store.engine import open_engine
from lab_server.store.migrate import upgrade

_numbers = count(1)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetch the server now if it must be fetched."""
    if will_run(session, Path(__file__).parent):
        with suppress(NoPostgresError):
            find_programs()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server with a migrated database `template_ringside`."""
    try:
        server = PostgresServer(find_programs())
    except NoPostgresError as missing:
        pytest.skip(str(missing))
    try:
        server.start()
        _statement(server, "CREATE DATABASE template_ringside")
        engine = open_engine(server.url("template_ringside"))
        upgrade(engine)
        engine.dispose()
        yield server
    finally:
        server.stop()


def _statement(server: PostgresServer, statement: str) -> None:
    engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def _database(server: PostgresServer, template: str) -> Iterator[str]:
    """A copy of `template`, taken away again: a hundred of them would fill gigabytes."""
    name = f"lab{next(_numbers)}"
    _statement(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    _statement(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'db' / 'lab.sqlite'}"
    else:
        with _database(request.getfixturevalue("postgres"), "template0") as address:
            yield address


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy."""
    file = tmp_path_factory.mktemp("template") / "lab.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "lab.sqlite")
        yield f"sqlite:///{tmp_path / 'lab.sqlite'}"
    else:
        with _database(request.getfixturevalue("postgres"), "template_ringside") as address:
            yield address


@pytest.fixture
def open_url() -> Iterator[Callable[[str], Engine]]:
    """`open_engine`, closed after the test; locks are waited for shortly, so that tests of them are short."""
    engines: list[Engine] = []

    def opened(address: str) -> Engine:
        engines.append(open_engine(address, busy_timeout_s=0.2))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(url: str, open_url: Callable[[str], Engine]) -> Engine:
    """A migrated database, open."""
    return open_url(url)


@pytest.fixture
def lab(engine: Engine) -> Lab:
    """A site, a session with a complaint, an order and a survey; robot students at the seats 1001 and 1002."""
    return a_lab(engine)
