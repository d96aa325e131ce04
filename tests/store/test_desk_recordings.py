"""Recordings' rows, and a customer's earlier ones: only his, only to who serves him."""

from datetime import timedelta

import pytest
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import recordings
from lab_server.desk.errors import NoRightError, NotYoursError, UnknownContactError, UnknownRecordingError
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, Leg, Recording


def record(lab: Lab, contact: str, leg: str = "agent-1", duration_s: float = 60.0, **more: bool) -> Recording:
    """The leg was up for 60 s."""
    with writing(lab.engine) as session:
        row = session.exec(select(Leg).where(Leg.contact_id == contact, Leg.name == leg)).one()
        row.recording, row.offset_s = f"2026-11-20/{contact}/{leg}.wav", 10.0
        session.flush()
        return recordings.note_recording(
            session, lab.clock, contact_id=contact, leg=leg, duration_s=duration_s, repaired=more.get("repaired", False)
        )


def test_a_recording_knows_whether_it_is_whole(lab: Lab) -> None:
    contact = lab.serve("complaint")
    row = record(lab, contact, duration_s=58.5)
    assert (row.path, row.offset_s, row.expected_s, row.short) == (
        f"2026-11-20/{contact}/agent-1.wav", 10.0, 60.0, False,
    )  # fmt: skip
    again = record(lab, contact, duration_s=41.0, repaired=True)
    assert (again.id, again.duration_s, again.short, again.repaired) == (row.id, 41.0, True, True)
    lab.clock.forward(1)
    with reading(lab.engine) as session:
        assert [one.id for one in recordings.short_recordings(session, lab.site.id, lab.clock.utc())] == []
        early = lab.clock.utc() - timedelta(days=1)
        assert [one.id for one in recordings.short_recordings(session, lab.site.id, early)] == [row.id]


def test_a_leg_that_was_not_recorded_has_no_recording(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with (
        writing(lab.engine) as session,
        pytest.raises(UnknownContactError, match="has no leg 'agent-1' that was recorded"),
    ):
        recordings.note_recording(session, lab.clock, contact_id=contact, leg="agent-1", duration_s=1.0)


def test_who_serves_a_customer_may_play_what_was_recorded_of_him_before(lab: Lab) -> None:
    first, second, other = lab.serve("complaint"), lab.serve("complaint"), lab.serve("order")
    rows = [record(lab, one) for one in (first, second, other)]
    now = lab.serve("complaint", ended=False)
    record(lab, now)
    with lab.desk(lab.student) as desk:
        assert [one.id for one in recordings.earlier_recordings(desk, now)] == [rows[1].id, rows[0].id]
        assert recordings.recording_to_play(desk, now, rows[0].id).path == rows[0].path
        for wrong in (rows[2].id, "nothing"):
            with pytest.raises(UnknownRecordingError):
                recordings.recording_to_play(desk, now, wrong)
    with lab.desk(lab.other) as desk, pytest.raises(NotYoursError):
        recordings.earlier_recordings(desk, now)
    with lab.desk(lab.staff("grader")) as desk, pytest.raises(NoRightError):
        recordings.earlier_recordings(desk, now)
    with lab.desk(lab.staff("supervisor")) as desk:
        assert len(recordings.earlier_recordings(desk, now)) == 2
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownContactError):
        recordings.earlier_recordings(desk, now)


@pytest.mark.parametrize("change", ["mode", "session"])
def test_another_mode_and_another_class_stay_unheard(lab: Lab, change: str) -> None:
    first = lab.serve("complaint")
    record(lab, first)
    now = lab.serve("complaint", ended=False)
    with writing(lab.engine) as session:
        earlier = session.get_one(Contact, first)
        if change == "mode":
            earlier.is_virtual, earlier.mode = False, "production"
        else:
            earlier.session_id = None
    with lab.desk(lab.student) as desk:
        assert recordings.earlier_recordings(desk, now) == []


def test_callers_who_hide_are_not_taken_for_one(lab: Lab) -> None:
    first, now = lab.serve("complaint"), lab.serve("complaint", ended=False)
    record(lab, first)
    with writing(lab.engine) as session:
        for contact in (first, now):
            session.get_one(Contact, contact).customer_number = ""
    with lab.desk(lab.student) as desk:
        assert recordings.earlier_recordings(desk, now) == []
