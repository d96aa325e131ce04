"""Jobs: enqueued once, taken by one, tried again later and later, given up with the reason."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from lab_rows import HandClock
from sqlalchemy import Engine
from sqlmodel import Session, select

from lab_server.store import jobs
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.tables import Job


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def take(engine: Engine, clock: HandClock, worker: str = "one") -> Job | None:
    with writing(engine) as session:
        return jobs.take(session, clock, "grade", worker)


def enqueue(engine: Engine, clock: HandClock, key: str) -> bool:
    with writing(engine) as session:
        return jobs.enqueue(session, clock, "grade", key, {"contact": key})


def the_job(engine: Engine) -> Job:
    with reading(engine) as session:
        return session.exec(select(Job)).one()


def test_work_is_enqueued_once(engine: Engine, clock: HandClock) -> None:
    assert enqueue(engine, clock, "c1") is True
    assert enqueue(engine, clock, "c1") is False
    job = take(engine, clock)
    assert job is not None
    assert (job.key, job.payload, job.attempts, job.locked_by) == ("c1", {"contact": "c1"}, 1, "one")
    assert enqueue(engine, clock, "c1") is False
    assert take(engine, clock) is None


def test_many_takers_get_each_job_once(url: str, engine: Engine, clock: HandClock) -> None:
    for number in range(40):
        enqueue(engine, clock, f"c{number}")

    def work(worker: int) -> list[str]:
        own, taken = open_engine(url), []
        while (job := take(own, clock, f"worker-{worker}")) is not None:
            taken.append(job.key)
            with writing(own) as session:
                assert jobs.finish(session, clock, job)
        own.dispose()
        return taken

    with ThreadPoolExecutor(4) as threads:
        counts = Counter(key for keys in threads.map(work, range(4)) for key in keys)
    assert counts == Counter(f"c{number}" for number in range(40))


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(engine: Engine, clock: HandClock) -> None:
    enqueue(engine, clock, "c1")
    for pause_s in (1.0, 2.0):
        job = take(engine, clock)
        assert job is not None
        with writing(engine) as session:
            assert jobs.fail(session, clock, job, "ValueError: odd")
        clock.forward(pause_s - 0.01)
        assert take(engine, clock) is None
        clock.forward(0.02)
    job = take(engine, clock)
    assert job is not None
    with writing(engine) as session:
        jobs.fail(session, clock, job, "ValueError: still odd")
    clock.forward(10_000)
    assert take(engine, clock) is None
    failed = the_job(engine)
    assert (failed.state, failed.attempts, failed.error) == ("failed", 3, "ValueError: still odd")
    with writing(engine) as session:
        assert jobs.repeat(session, clock, "grade", "c1")
    assert take(engine, clock) is not None


def test_a_poison_job_keeps_nobody_waiting(engine: Engine, clock: HandClock) -> None:
    enqueue(engine, clock, "poison")
    clock.forward(0.1)
    enqueue(engine, clock, "good")
    poison = take(engine, clock)
    assert poison is not None
    with writing(engine) as session:
        jobs.fail(session, clock, poison, "bad")
    good = take(engine, clock)
    assert good is not None
    assert good.key == "good"


def test_a_dead_workers_job_is_taken_again_and_its_late_answer_changes_nothing(
    engine: Engine, clock: HandClock
) -> None:
    enqueue(engine, clock, "c1")
    first = take(engine, clock, "dies")
    assert first is not None
    with writing(engine) as session:
        assert jobs.release(session, clock, "grade", "another") == 0
        assert jobs.release(session, clock, "grade", "dies") == 1
    second = take(engine, clock, "lives")
    assert second is not None
    assert second.attempts == 2
    with writing(engine) as session:
        assert jobs.finish(session, clock, first) is False
        assert jobs.finish(session, clock, second) is True
    assert the_job(engine).state == "done"


def test_a_job_that_kills_its_workers_is_given_up_too(engine: Engine, clock: HandClock) -> None:
    enqueue(engine, clock, "c1")
    for _ in range(3):
        assert take(engine, clock, "dies") is not None
        with writing(engine) as session:
            jobs.release(session, clock, "grade", "dies")
    assert take(engine, clock) is None
    assert (the_job(engine).state, the_job(engine).error) == ("failed", "every worker that took it died")


def test_what_was_taken_long_ago_is_released_whoever_took_it(engine: Engine, clock: HandClock) -> None:
    enqueue(engine, clock, "c1")
    assert take(engine, clock, "gone for good") is not None
    clock.forward(61)
    with writing(engine) as session:
        assert jobs.release(session, clock, "grade", "another", older_than_s=60) == 1


def test_postponed_work_costs_no_attempt(engine: Engine, clock: HandClock) -> None:
    enqueue(engine, clock, "c1")
    for _ in range(5):
        job = take(engine, clock)
        assert job is not None
        with writing(engine) as session:
            assert jobs.postpone(session, clock, job, 0.5)
        assert take(engine, clock) is None
        clock.forward(0.6)
    job = take(engine, clock)
    assert job is not None
    assert job.attempts == 1


def test_is_due_sees_what_take_would_take(engine: Engine, clock: HandClock) -> None:
    def due() -> bool:
        with Session(engine) as session:
            return jobs.is_due(session, clock, "grade")

    assert not due()
    enqueue(engine, clock, "c1")
    assert due()
    take(engine, clock)
    assert not due()
