"""Two edit one customer in any order: no change of another field is lost, none of the same field is overwritten."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab_server.desk.crm import merging, records
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, FieldConflictError
from lab_server.desk.users import ensure_user
from lab_server.store.engine import open_engine, writing
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Site, User
from telephony.clock import SystemClock

FIELDS = ("name", "address", "note", "extra.shoe")
_PLAIN = st.text("abc王", min_size=1, max_size=3)
_EDITS = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.booleans(), st.dictionaries(st.sampled_from(FIELDS), _PLAIN, min_size=1)),
    max_size=8,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with a site and two instructors."""
    file = tmp_path_factory.mktemp("crm") / "lab.sqlite"
    engine, clock = open_engine(f"sqlite:///{file}"), SystemClock()
    upgrade(engine)
    with writing(engine) as session:
        site = Site(name="School", time_zone="UTC", language="en", virtual_prefixes=["163"])
        session.add(site)
        session.flush()
        for login in ("one", "two"):
            ensure_user(session, clock, site_id=site.id, login=login, name=login, role="instructor")
    engine.dispose()
    return file


@pytest.fixture
def people(empty: Path, tmp_path: Path) -> tuple[object, list[User]]:
    """Both at work in a copy."""
    from sqlmodel import select

    shutil.copy(empty, tmp_path / "lab.sqlite")
    engine = open_engine(f"sqlite:///{tmp_path / 'lab.sqlite'}")
    with writing(engine) as session:
        return engine, list(session.exec(select(User).order_by(User.login)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=_EDITS, number=st.integers(0, 10**8 - 1))
def test_a_conflict_is_always_told_and_never_loses_a_change(people, edits, number) -> None:  # type: ignore[no-untyped-def]
    engine, users = people
    with writing(engine) as session:
        desks = [Desk(session, SystemClock(), user) for user in users]
        from lab_server.desk import customers

        spelled = f"163{number:08d}"
        known = customers.find(session, users[0].site_id, "training", spelled)
        one = known.id if known is not None else records.create(desks[0], "training", {"number": spelled}).id
        seen = [records.read(desk, one) for desk in desks]
        for who, looks, values in edits:
            if looks:
                seen[who] = records.read(desks[who], one)
            before = records.read(desks[who], one)
            stale = {
                name
                for name in values
                if before.versions.get(name, 0) != seen[who].versions.get(name, 0) and _of(before, name) != values[name]
            }
            try:
                after = records.edit(desks[who], one, values, seen[who].versions)
            except FieldConflictError as refused:
                assert {conflict.field for conflict in refused.conflicts} == stale
                assert all(conflict.theirs == _of(before, conflict.field) for conflict in refused.conflicts)
                assert records.read(desks[who], one) == before
                continue
            assert not stale
            for name in FIELDS:
                assert _of(after, name) == values.get(name, _of(before, name))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["merge", "undo"]), st.integers(0, 3), st.integers(0, 3)), max_size=10),
    start=st.integers(0, 10**7 - 1),
)
def test_whatever_is_merged_and_undone_no_number_is_lost(people, steps, start) -> None:  # type: ignore[no-untyped-def]
    engine, users = people
    with writing(engine) as session:
        desk = Desk(session, SystemClock(), users[0])
        from lab_server.desk import customers

        numbers = [f"163{start:07d}{at}" for at in range(4)]
        if any(customers.find(session, users[0].site_id, "training", number) for number in numbers):
            return
        ids = [records.create(desk, "training", {"number": number, "name": number[-1]}).id for number in numbers]
        fresh = [records.read(desk, one) for one in ids]
        for what, one, other in steps:
            try:
                if what == "merge":
                    merging.merge(desk, ids[one], ids[other])
                else:
                    merging.undo_merge(desk, ids[one])
            except DeskError:
                pass
            found = [customers.find(session, users[0].site_id, "training", number) for number in numbers]
            assert all(one is not None and one.merged_into is None for one in found)
        for _ in range(4):
            for one in ids:
                try:
                    merging.undo_merge(desk, one)
                except DeskError:
                    continue
        now = [records.read(desk, one) for one in ids]
        assert [(one.number, one.name, one.note, one.numbers) for one in now] == [
            (one.number, one.name, one.note, one.numbers) for one in fresh
        ]


def _of(view: records.CustomerView, name: str) -> str:
    return view.extra.get("shoe", "") if name == "extra.shoe" else str(getattr(view, name))
