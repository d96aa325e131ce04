"""Messages: left, counted for the lamp, heard, deleted and brought back, by whom they concern."""

import pytest
from lab_rows import Lab

from lab_server.desk import mailboxes, seat_settings
from lab_server.desk.errors import BadValueError, NoRightError, NotYoursError, UnknownMessageError
from lab_server.desk.mailboxes import Counts
from lab_server.store import journal
from lab_server.store.engine import reading, writing


def leave(lab: Lab, mailbox: str, path: str = "2026-11-20/C/main.wav", duration_s: float = 7.5) -> str:
    contact = lab.serve("complaint")
    with writing(lab.engine) as session:
        return mailboxes.leave(
            session, lab.clock, contact_id=contact, mailbox=mailbox, path=path, duration_s=duration_s
        ).id


def counts(lab: Lab) -> dict[str, Counts]:
    with reading(lab.engine) as session:
        return mailboxes.counts(session, lab.site.id, "training")


def test_the_lamp_follows_what_is_left_heard_deleted_and_brought_back(lab: Lab) -> None:
    first, _second = leave(lab, "main", "a.wav"), leave(lab, "main", "b.wav")
    leave(lab, "night", "c.wav")
    assert counts(lab) == {"main": Counts(2, 0), "night": Counts(1, 0)}
    supervisor = lab.staff("supervisor")
    with lab.desk(supervisor) as desk:
        assert mailboxes.mark_heard(desk, first).heard_by == supervisor.id
    with lab.desk(lab.student) as desk:
        assert mailboxes.mark_heard(desk, first).heard_by == supervisor.id
    assert counts(lab)["main"] == Counts(1, 1)
    with lab.desk(supervisor) as desk:
        mailboxes.delete(desk, first)
        assert [one.path for one in mailboxes.messages(desk, "training", "main")] == ["b.wav"]
        assert [one.id for one in mailboxes.messages(desk, "training", "main", deleted=True)] == [first]
        assert mailboxes.messages(desk, "production", "main") == []
    assert counts(lab)["main"] == Counts(1, 0)
    with lab.desk(supervisor) as desk:
        contact = mailboxes.bring_back(desk, first).contact_id
    assert counts(lab)["main"] == Counts(1, 1)
    with reading(lab.engine) as session:
        kinds = [entry.kind for entry in journal.read(session, contact)]
    assert kinds == ["mailbox.heard", "mailbox.deleted", "mailbox.brought_back"]


def test_a_message_told_again_is_one_message_of_the_newer_length(lab: Lab) -> None:
    contact = lab.serve("complaint")
    for duration_s in (3.0, 9.0):
        with writing(lab.engine) as session:
            left = mailboxes.leave(
                session, lab.clock, contact_id=contact, mailbox="main", path="a.wav", duration_s=duration_s
            )
    assert (left.duration_s, left.mode, counts(lab)) == (9.0, "training", {"main": Counts(1, 0)})
    assert left.caller_number == lab.cases["complaint"].caller_number


def test_a_students_own_mailbox_is_his_and_a_shared_one_everybodys(lab: Lab) -> None:
    with lab.desk(lab.staff("supervisor")) as desk:
        seat_settings.set_mailbox(desk, "1002", "lin")
    leave(lab, "1001", "own.wav")
    other, shared = leave(lab, "lin", "other.wav"), leave(lab, "main", "shared.wav")
    with lab.desk(lab.student) as desk:
        assert len(mailboxes.messages(desk, "training", "1001")) == 1
        mailboxes.delete(desk, shared)
        for forbidden in (
            lambda: mailboxes.messages(desk, "training", "lin"),
            lambda: mailboxes.messages(desk, "training", "1002"),
            lambda: mailboxes.delete(desk, other),
        ):
            with pytest.raises(NotYoursError):
                forbidden()
    with lab.desk(lab.other) as desk:
        mailboxes.mark_heard(desk, other)
    with lab.desk(lab.staff("grader")) as desk, pytest.raises(NoRightError):
        mailboxes.messages(desk, "training", "main")


@pytest.mark.parametrize("action", [mailboxes.mark_heard, mailboxes.delete, mailboxes.bring_back])
def test_an_unknown_message_and_another_sites_are_the_same(lab: Lab, action: object) -> None:
    message = leave(lab, "main")
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownMessageError):
        action(desk, message)  # type: ignore[operator]
    with lab.desk(lab.staff("admin")) as desk, pytest.raises(UnknownMessageError):
        action(desk, "nothing")  # type: ignore[operator]


@pytest.mark.parametrize("mailbox", ["", "a\nb", "x" * 41])
def test_a_mailbox_has_a_name(lab: Lab, mailbox: str) -> None:
    with pytest.raises(BadValueError):
        leave(lab, mailbox)
    assert counts(lab) == {}
