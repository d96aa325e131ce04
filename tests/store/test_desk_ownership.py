"""A contact that is handed on: its data goes along, who handed it on finishes his notes, nobody else touches it."""

from datetime import timedelta

import pytest
from lab_rows import Lab
from sqlmodel import select

from lab_server import evidence
from lab_server.desk import entries
from lab_server.desk.contacts import screen_pop
from lab_server.desk.desk import Desk
from lab_server.desk.errors import HandedOnError, NotYoursError, UnknownContactError
from lab_server.desk.ownership import Part, part_in
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, Job, Leg, LegRole, User


def leg_at(
    lab: Lab, contact: str, name: str, user: User, *, role: LegRole = "agent", answered: bool = True, up: bool = False
) -> None:
    """A leg at `user`'s phone that began now, was answered 2 s later and lasted 20 s (`up`: lasts still)."""
    now = lab.clock.utc()
    seat = user.name
    with writing(lab.engine) as session:
        leg = Leg(
            site_id=lab.site.id, contact_id=contact, name=name, role=role, number=seat, seat=seat, user_id=user.id,
            started_at=now, answered_at=now + timedelta(seconds=2) if answered else None,
            ended_at=None if up else now + timedelta(seconds=22),
        )  # fmt: skip
        session.add(leg)
    lab.clock.forward(30)


def save(lab: Lab, contact: str, actor: User, name: str) -> None:
    with writing(lab.engine) as session:
        entries.save_entry(Desk(session, lab.clock, actor), contact, "ticket", {"name": name}, new_id())


def undo(lab: Lab, contact: str, actor: User) -> None:
    with writing(lab.engine) as session:
        entries.undo(Desk(session, lab.clock, actor), contact, "ticket", new_id())


def finish(lab: Lab, contact: str, actor: User) -> None:
    with writing(lab.engine) as session:
        entries.finish_wrap_up(Desk(session, lab.clock, actor), contact)


def recorded(lab: Lab, contact: str, actor: User) -> dict[str, str]:
    with reading(lab.engine) as session:
        return screen_pop(session, actor, contact).recorded


def part(lab: Lab, contact: str, actor: User) -> Part:
    with reading(lab.engine) as session:
        return part_in(session, actor, contact)


def jobs(lab: Lab) -> list[str]:
    with reading(lab.engine) as session:
        return list(session.exec(select(Job.key)))


def test_the_next_agent_sees_what_was_typed_and_goes_on_with_it(lab: Lab) -> None:
    contact = lab.serve("complaint")
    save(lab, contact, lab.student, "张")
    leg_at(lab, contact, "agent-2", lab.other, answered=False, up=True)
    assert recorded(lab, contact, lab.other) == {"name": "张"}  # while it rings
    with pytest.raises(NotYoursError):
        save(lab, contact, lab.other, "too early")
    leg_at(lab, contact, "agent-3", lab.other, up=True)
    save(lab, contact, lab.other, "张伟")
    assert recorded(lab, contact, lab.student) == {"name": "张伟"}


def test_who_handed_it_on_finishes_his_notes_until_the_other_has_recorded(lab: Lab) -> None:
    contact = lab.serve("complaint")
    save(lab, contact, lab.student, "half")
    leg_at(lab, contact, "agent-2", lab.other, up=True)
    assert (part(lab, contact, lab.student), part(lab, contact, lab.other)) == (Part.FORMER, Part.OWNER)
    save(lab, contact, lab.student, "whole")
    save(lab, contact, lab.other, "better")
    with pytest.raises(HandedOnError, match="handed on to seat 1002, where it has been recorded since"):
        save(lab, contact, lab.student, "late")
    with pytest.raises(HandedOnError):
        undo(lab, contact, lab.student)
    assert recorded(lab, contact, lab.other) == {"name": "better"}
    undo(lab, contact, lab.other)  # back to what came with the call
    assert recorded(lab, contact, lab.other) == {"name": "whole"}
    undo(lab, contact, lab.other)
    assert recorded(lab, contact, lab.other) == {"name": "half"}


def test_who_has_finished_writes_no_more(lab: Lab) -> None:
    contact = lab.serve("complaint")
    leg_at(lab, contact, "agent-2", lab.other, up=True)
    finish(lab, contact, lab.student)
    finish(lab, contact, lab.student)  # a second click
    assert part(lab, contact, lab.student) is Part.DONE
    with pytest.raises(HandedOnError, match="you have finished with it"):
        save(lab, contact, lab.student, "late")
    assert recorded(lab, contact, lab.student) == {}  # reading stays


def test_a_call_that_comes_back_is_his_again(lab: Lab) -> None:
    contact = lab.serve("complaint")
    leg_at(lab, contact, "agent-2", lab.other)
    finish(lab, contact, lab.student)
    leg_at(lab, contact, "agent-3", lab.student, up=True)
    save(lab, contact, lab.student, "mine again")
    assert part(lab, contact, lab.other) is Part.FORMER


@pytest.mark.parametrize("role", ["consult", "party", "supervisor"])
def test_who_was_asked_reads_while_he_is_on_the_line_and_writes_nothing(lab: Lab, role: LegRole) -> None:
    contact = lab.serve("complaint", ended=False)
    save(lab, contact, lab.student, "张伟")
    leg_at(lab, contact, "agent-2", lab.other, role=role, answered=False, up=True)
    with pytest.raises(NotYoursError):
        recorded(lab, contact, lab.other)
    leg_at(lab, contact, "agent-3", lab.other, role=role, up=True)
    assert recorded(lab, contact, lab.other) == {"name": "张伟"}
    with pytest.raises(NotYoursError):
        save(lab, contact, lab.other, "not his")
    with pytest.raises(NotYoursError):
        finish(lab, contact, lab.other)
    save(lab, contact, lab.student, "still the owner's")
    with writing(lab.engine) as session:
        for leg in session.exec(select(Leg).where(Leg.role == role)):
            leg.ended_at = lab.clock.utc()
    with pytest.raises(NotYoursError):
        recorded(lab, contact, lab.other)


def test_who_was_consulted_and_then_given_the_call_has_it(lab: Lab) -> None:
    contact = lab.serve("complaint")
    leg_at(lab, contact, "agent-2", lab.other, role="consult", up=True)
    with writing(lab.engine) as session:
        session.exec(select(Leg).where(Leg.role == "consult")).one().role = "agent"
    save(lab, contact, lab.other, "taken over")
    assert part(lab, contact, lab.student) is Part.FORMER


def test_a_stranger_and_another_site_get_nothing(lab: Lab) -> None:
    contact = lab.serve("complaint")
    assert part(lab, contact, lab.other) is Part.NONE
    with pytest.raises(UnknownContactError):
        finish(lab, contact, lab.stranger())
    with pytest.raises(NotYoursError):
        finish(lab, contact, lab.other)


def test_each_agent_ends_his_own_wrap_up_and_the_last_one_the_contacts(lab: Lab) -> None:
    contact = lab.serve("complaint")
    leg_at(lab, contact, "agent-2", lab.other)
    finish(lab, contact, lab.student)
    assert jobs(lab) == []
    first = lab.clock.utc()
    lab.clock.forward(15)
    with reading(lab.engine) as session:
        assert not evidence.is_over(session, contact, lab.clock.utc())
        assert evidence.is_over(session, contact, lab.clock.utc() + timedelta(seconds=evidence.LATEST_S))
    finish(lab, contact, lab.other)
    assert jobs(lab) == [contact]
    with reading(lab.engine) as session:
        wrapped = {leg.name: leg.wrapped_at for leg in session.exec(select(Leg).where(Leg.role == "agent"))}
        assert wrapped == {"agent-1": first, "agent-2": lab.clock.utc()}
        assert session.get_one(Contact, contact).wrapped_at == lab.clock.utc()
        assert evidence.is_over(session, contact, lab.clock.utc())


def test_the_limit_ends_one_seats_wrap_up_only(lab: Lab) -> None:
    contact = lab.serve("complaint")
    leg_at(lab, contact, "agent-2", lab.other)
    with writing(lab.engine) as session:
        entries.close(session, lab.clock, session.get_one(Contact, contact), "1001")
    assert jobs(lab) == []
    with writing(lab.engine) as session:
        entries.close(session, lab.clock, session.get_one(Contact, contact), "1002")
    assert jobs(lab) == [contact]


def test_a_call_handed_on_before_anybody_took_it_is_wrapped_up_by_the_one_who_does(lab: Lab) -> None:
    contact = lab.serve("complaint")
    finish(lab, contact, lab.student)
    leg_at(lab, contact, "agent-2", lab.other)
    finish(lab, contact, lab.other)
    with reading(lab.engine) as session:
        assert session.get_one(Contact, contact).wrapped_at == lab.clock.utc()
