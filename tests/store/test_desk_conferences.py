"""A conference belongs to who opened it; its contact has no customer; who hides the number is nobody's record."""

import pytest
from lab_rows import Lab

from lab_server.desk import conferences, contacts, customers
from lab_server.desk.errors import BadValueError, NotYoursError, UnknownContactError
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Conference, Contact, ContactDirection, User


def begun(lab: Lab, direction: ContactDirection = "conf", caller: str = "1001", called: str = "Monday") -> Contact:
    with writing(lab.engine) as session:
        return contacts.begin(
            session, lab.site, contact_id=new_id(), mode="training", direction=direction, trunk="", caller=caller,
            called=called, offered_at=lab.clock.utc(),
        )  # fmt: skip


def opened(lab: Lab, contact: str, owner: User, title: str = "Monday") -> Conference:
    with writing(lab.engine) as session:
        return conferences.open_conference(session, lab.clock, contact_id=contact, title=title, owner_id=owner.id)


def test_its_owner_and_supervisors_manage_it(lab: Lab) -> None:
    contact = begun(lab)
    assert (contact.direction, contact.customer_id, contact.customer_number) == ("conf", None, "")
    opened(lab, contact.id, lab.student)
    assert opened(lab, contact.id, lab.other).owner_id == lab.student.id  # told again
    with lab.desk(lab.student) as desk:
        assert conferences.set_locked(desk, contact.id, True).locked
    with lab.desk(lab.staff("supervisor")) as desk:
        assert not conferences.set_locked(desk, contact.id, False).locked
    with lab.desk(lab.other) as desk, pytest.raises(NotYoursError):
        conferences.managed(desk, contact.id)
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownContactError):
        conferences.managed(desk, contact.id)


def test_a_starting_brain_finds_those_that_run(lab: Lab) -> None:
    first, second = begun(lab), begun(lab)
    opened(lab, first.id, lab.student)
    opened(lab, second.id, lab.student)
    with writing(lab.engine) as session:
        conferences.end_conference(session, lab.clock, first.id)
        conferences.end_conference(session, lab.clock, "none")
    with reading(lab.engine) as session:
        assert [one.id for one in conferences.running(session, lab.site.id)] == [second.id]


def test_what_cannot_be_one_is_refused(lab: Lab) -> None:
    for contact in (lab.serve("complaint"), new_id()):
        with pytest.raises(UnknownContactError):
            opened(lab, contact, lab.student)
    with pytest.raises(BadValueError):
        opened(lab, begun(lab).id, lab.student, "x\ny")


def test_who_hides_the_number_is_nobodys_record(lab: Lab) -> None:
    with writing(lab.engine) as session:
        customers.save(session, lab.clock, lab.site, "training", "anonymous", name="the last one who hid")
    assert begun(lab, "in", "anonymous", "95500").customer_id is None
