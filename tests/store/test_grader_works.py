"""The grading worker on real rows: a perfect record is 100, poison stops nobody, a kill leaves one scorecard."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_rows import Lab
from sqlmodel import col, select

from lab_server.desk import entries
from lab_server.desk.desk import Desk
from lab_server.evidence import EvidenceError, gather, lines_of
from lab_server.grader import Grader
from lab_server.ids import new_id
from lab_server.store import jobs
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Job, Scorecard, ScorecardLine
from scenarios.record import as_written
from telephony.bus import Heartbeat, Hub
from telephony.clock import SystemClock


def write_down(lab: Lab, scenario: str, contact: str, changed: dict[str, str] | None = None) -> None:
    """The student records all that was told, but for what is `changed`, and finishes."""
    truth = lab.cases[scenario].truth
    told = lab.tell_all(scenario, contact)
    values = {key: as_written(truth.field(key).kind, value) for key, value in told.items()} | (changed or {})
    with writing(lab.engine) as session:
        desk = Desk(session, lab.clock, lab.student)
        entries.save_entry(desk, contact, truth.form, values, new_id())
        entries.finish_wrap_up(desk, contact)


def cards(lab: Lab) -> dict[str, Scorecard]:
    with reading(lab.engine) as session:
        return {card.contact_id: card for card in session.exec(select(Scorecard))}


def lines(lab: Lab, card: Scorecard) -> dict[str, ScorecardLine]:
    with reading(lab.engine) as session:
        return {line.item: line for line in lines_of(session, card.id)}


@pytest.mark.parametrize("scenario", ["complaint", "order", "survey"])
def test_a_perfect_record_scores_100(lab: Lab, scenario: str) -> None:
    contact = lab.serve(scenario)
    write_down(lab, scenario, contact)
    grader = Grader(lab.engine, lab.clock)
    assert grader.work() is True
    assert grader.work() is False
    card = cards(lab)[contact]
    items = lines(lab, card)
    graded_fields = {item["key"] for item in card.rubric["items"] if item["kind"] == "field"} & set(items)
    assert len(graded_fields) >= 3
    assert {items[key].verdict for key in graded_fields} == {"right"}
    assert (card.session_id, card.user_id, card.scenario) == (lab.session_id, lab.student.id, scenario)
    assert card.score == 100, {line.item: (line.points, line.of) for line in items.values()}
    assert card.passed is True


def test_a_wrong_field_is_found_with_the_second_that_proves_it(lab: Lab) -> None:
    contact = lab.serve("complaint")
    write_down(lab, "complaint", contact, {"phone": "16399999999"})
    Grader(lab.engine, lab.clock).work()
    card = cards(lab)[contact]
    line = lines(lab, card)["phone"]
    assert (line.verdict, line.found, line.points) == ("wrong", "16399999999", 0)
    assert line.told_at_s is not None
    assert line.clip_from_s is not None
    assert line.clip_to_s is not None
    assert line.clip_from_s < line.told_at_s < line.clip_to_s
    assert card.critical_failures == ["phone"]
    assert card.score == 0
    assert card.raw_score is not None
    assert card.raw_score > 50


def test_the_timings_are_the_agents_own(lab: Lab) -> None:
    contact = lab.serve("complaint")
    write_down(lab, "complaint", contact)
    with reading(lab.engine) as session:
        bundle = gather(session, contact)
    assert bundle is not None
    timings = bundle.evidence.timings
    assert (timings.ring_s, timings.talk_s, timings.hold_s, timings.wrap_s) == (3.0, 60.0, 0.0, 10.0)
    assert bundle.evidence.rating == 5
    assert bundle.evidence.rating_asked


def test_grading_again_keeps_the_row_and_the_humans_word(lab: Lab) -> None:
    contact = lab.serve("order")
    write_down(lab, "order", contact)
    grader = Grader(lab.engine, lab.clock)
    grader.work()
    first = cards(lab)[contact]
    before = lines(lab, first)
    with writing(lab.engine) as session:
        card = session.get_one(Scorecard, first.id)
        card.human_score, card.human_comment = 90.0, "polite"
        line = session.get_one(ScorecardLine, before["name"].id)
        line.human_points, line.human_reason = 1.0, "as spoken"
        jobs.repeat(session, lab.clock, "grade", contact)
    grader.work()
    again = cards(lab)[contact]
    after = lines(lab, again)
    assert (again.id, again.human_score, again.human_comment) == (first.id, 90.0, "polite")
    assert {item: line.id for item, line in after.items()} == {item: line.id for item, line in before.items()}
    assert after["name"].human_reason == "as spoken"


def test_a_call_is_not_graded_before_it_has_ended(lab: Lab) -> None:
    contact = lab.serve("complaint", ended=False)
    write_down(lab, "complaint", contact)
    grader = Grader(lab.engine, lab.clock)
    for _ in range(4):  # more often than a job may fail
        assert grader.work() is True
        assert cards(lab) == {}
        lab.clock.forward(1)
    lab.end(contact)
    grader.work()
    assert cards(lab)[contact].score is not None


def test_a_poison_job_fails_with_its_reason_and_the_next_is_graded(lab: Lab) -> None:
    good = lab.serve("complaint")
    write_down(lab, "complaint", good)
    with writing(lab.engine) as session:
        jobs.enqueue(session, lab.clock, "grade", new_id())
    grader = Grader(lab.engine, lab.clock)
    for _ in range(8):
        grader.work()
        lab.clock.forward(5)
    assert list(cards(lab)) == [good]
    with reading(lab.engine) as session:
        failed = session.exec(select(Job).where(Job.state == "failed")).one()
        with pytest.raises(EvidenceError):
            gather(session, failed.key)
    assert failed.attempts == 3
    assert failed.error.startswith(f"EvidenceError: contact {failed.key} is not in the database")


def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Poll with a deadline."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.02)


def test_kill_9_in_the_middle_leaves_one_scorecard_a_contact(lab: Lab, tmp_path: Path) -> None:
    contacts = [lab.serve("complaint") for _ in range(12)]
    for contact in contacts:
        write_down(lab, "complaint", contact)
    with writing(lab.engine) as session:
        for job in session.exec(select(Job)):
            job.run_after = SystemClock().utc()

    def settled() -> int:
        with reading(lab.engine) as session:
            return len(session.exec(select(Job.id).where(col(Job.state).in_(["done", "failed"]))).all())

    kills = 0
    while settled() < len(contacts):
        before = settled()
        worker = subprocess.Popen([sys.executable, "-m", "lab_server.grader"], env=environment(lab, tmp_path))
        try:
            target = min(len(contacts), before + 5)
            until(lambda target=target: settled() >= target)  # type: ignore[misc]
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        kills += 1
    assert kills >= 2
    with reading(lab.engine) as session:
        assert {job.state for job in session.exec(select(Job))} == {"done"}
    assert sorted(cards(lab)) == sorted(contacts)


async def test_the_worker_shows_that_it_is_alive(lab: Lab, tmp_path: Path) -> None:
    beats: asyncio.Queue[Heartbeat] = asyncio.Queue()
    hub = Hub(f"ipc://{tmp_path}/bus", SystemClock())
    await hub.start()
    hub.endpoint("supervisor").on(Heartbeat, lambda beat, sender: beats.put_nowait(beat))
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lab_server.grader", env=environment(lab, tmp_path)
    )
    try:
        for _ in range(2):
            beat = await asyncio.wait_for(beats.get(), 60)
            assert (beat.process, beat.pid) == ("grading", worker.pid)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 20) == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
        await hub.close()


def environment(lab: Lab, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "RINGSIDE_VAR": str(tmp_path / "v"),
        "RINGSIDE_DATABASE_URL": lab.engine.url.render_as_string(hide_password=False),
        "RINGSIDE_BUS": f"ipc://{tmp_path}/bus",
    }
