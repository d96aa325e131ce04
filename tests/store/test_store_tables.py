"""What every table promises, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lab_rows import NOON, Lab
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, Customer, Job, Leg


def a_job(key: str, run_after: datetime) -> Job:
    return Job(kind="test", key=key, run_after=run_after, created_at=NOON)


def test_a_time_comes_back_as_the_same_moment_in_utc(engine: Engine) -> None:
    in_shanghai = datetime(2026, 11, 20, 20, 15, 30, 123456, tzinfo=timezone(timedelta(hours=8)))
    with writing(engine) as session:
        session.add(a_job("one", in_shanghai))
    with reading(engine) as session:
        kept = session.exec(select(Job.run_after)).one()
    assert kept == in_shanghai
    assert kept.tzinfo is UTC


def test_a_time_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="has no time zone"), writing(engine) as session:
        session.add(a_job("one", datetime(2026, 11, 20)))  # noqa: DTZ001 (the very mistake)


def test_times_are_ordered_by_the_moment_not_by_the_spelling(engine: Engine) -> None:
    early = datetime(2026, 11, 20, 23, 0, tzinfo=timezone(timedelta(hours=8)))
    late = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    with writing(engine) as session:
        session.add_all([a_job("late", late), a_job("early", early)])
    with reading(engine) as session:
        assert list(session.exec(select(Job.key).order_by(Job.run_after))) == ["early", "late"]  # type: ignore[arg-type]


def test_no_virtual_number_gets_into_production(lab: Lab) -> None:
    rows = [
        Contact(
            site_id=lab.site.id, mode="production", direction="out", is_virtual=True, called_dialled="16300000001",
            offered_at=NOON,
        ),
        Customer(
            site_id=lab.site.id, mode="production", number="+8616300000001", is_virtual=True, created_at=NOON,
            updated_at=NOON,
        ),
    ]  # fmt: skip
    for row in rows:
        with pytest.raises(IntegrityError, match="virtual_is_training"), writing(lab.engine) as session:
            session.add(row)


def test_words_outside_their_list_are_refused(lab: Lab) -> None:
    with pytest.raises(IntegrityError, match="direction"), writing(lab.engine) as session:
        session.add(
            Contact(site_id=lab.site.id, mode="training", direction="up", is_virtual=True, offered_at=NOON)  # type: ignore[arg-type]
        )


def test_a_leg_needs_its_contact(lab: Lab) -> None:
    with pytest.raises(IntegrityError), writing(lab.engine) as session:
        session.add(Leg(site_id=lab.site.id, contact_id=new_id(), name="customer", role="customer", started_at=NOON))
