"""Members: a PIN is checked, counted, locked for longer each time, and stands nowhere."""

from datetime import timedelta

import pytest
from lab_rows import NOON, Lab
from sqlmodel import select

from lab_server.desk import customers, members
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, NoRightError, TakenError, UnknownCustomerError
from lab_server.desk.members import Figures, PinVerdict, Tries
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Customer, JournalEntry, Membership, Order

PIN = "739146"


def customer(lab: Lab, number: str = "16300000001") -> Customer:
    with writing(lab.engine) as session:
        return customers.save(session, lab.clock, lab.site, "training", number, name="张伟")


def member(lab: Lab, member_number: str = "10086001") -> Customer:
    found = customer(lab)
    with lab.desk(lab.staff("admin")) as desk:
        members.enrol(desk, found.id, member_number, balance_cents=-1250, points=300)
        members.set_pin(desk, found.id, PIN)
    return found


def tried(lab: Lab, pin: str, member_number: str = "10086001") -> members.PinCheck:
    with writing(lab.engine) as session:
        return members.check_pin(session, lab.clock, lab.site.id, "training", member_number, pin)


def test_the_right_pin_names_the_customer(lab: Lab) -> None:
    found = member(lab)
    assert tried(lab, "000000").customer_id is None
    check = tried(lab, PIN)
    assert (check.verdict, check.customer_id) == (PinVerdict.RIGHT, found.id)
    with writing(lab.engine) as session:
        other_mode = members.check_pin(session, lab.clock, lab.site.id, "production", "10086001", PIN)
    assert other_mode.verdict is PinVerdict.WRONG


def test_five_wrong_ones_lock_and_each_more_for_twice_as_long(lab: Lab) -> None:
    member(lab)
    assert [tried(lab, "000000").verdict for _ in range(5)] == [PinVerdict.WRONG] * 5
    for lock_s in (60, 120, 240):
        assert tried(lab, PIN).verdict is PinVerdict.LOCKED  # even the right one
        lab.clock.forward(lock_s - 1)
        assert tried(lab, PIN).verdict is PinVerdict.LOCKED
        lab.clock.forward(1)
        assert tried(lab, "000000").verdict is PinVerdict.WRONG
    lab.clock.forward(480)
    assert tried(lab, PIN).verdict is PinVerdict.RIGHT
    assert tried(lab, "000000").tries == Tries(1)


def test_no_lock_lasts_longer_than_a_day() -> None:
    tries = Tries(failed=5000).after(False, NOON)
    assert tries.locked_until == NOON + timedelta(days=1)


def test_a_new_pin_opens_what_was_locked(lab: Lab) -> None:
    found = member(lab)
    for _ in range(5):
        tried(lab, "000000")
    with lab.desk(lab.staff("admin")) as desk:
        members.set_pin(desk, found.id, "2580")
    assert tried(lab, "2580").verdict is PinVerdict.RIGHT


def test_the_pin_stands_nowhere(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    member(lab)
    tried(lab, PIN)
    with reading(lab.engine) as session:
        assert PIN not in session.exec(select(Membership.pin)).one()
        written = [str(entry.model_dump()) for entry in session.exec(select(JournalEntry))]
    assert written
    assert not [text for text in written if PIN in text]
    assert PIN not in caplog.text


@pytest.mark.parametrize("pin", ["", "123", "12a4", "1" * 13])
def test_a_pin_is_digits_and_a_refusal_does_not_repeat_it(lab: Lab, pin: str) -> None:
    found = member(lab)
    with lab.desk(lab.staff("admin")) as desk, pytest.raises(BadValueError) as refused:
        members.set_pin(desk, found.id, pin)
    assert str(refused.value) == "a PIN has 4 to 12 digits"
    assert tried(lab, PIN).verdict is PinVerdict.RIGHT


def test_a_member_without_pin_and_a_number_nobody_has_are_wrong(lab: Lab) -> None:
    found = customer(lab)
    with lab.desk(lab.staff("admin")) as desk:
        members.enrol(desk, found.id, "777")
    assert tried(lab, "", "777").verdict is PinVerdict.WRONG
    assert tried(lab, "0000", "778").verdict is PinVerdict.WRONG


def test_the_figures_a_menu_says(lab: Lab) -> None:
    found = member(lab)
    with writing(lab.engine) as session:
        for hour, state in ((1, "confirmed"), (2, "cancelled"), (0, "open")):
            at = NOON + timedelta(hours=hour)
            session.add(
                Order(
                    site_id=lab.site.id, mode="training", customer_id=found.id, user_id=lab.student.id, state=state,
                    created_at=at, updated_at=at,
                )
            )  # fmt: skip
    with reading(lab.engine) as session:
        assert members.figures(session, found.id) == Figures(-1250, 300, "cancelled", NOON + timedelta(hours=2))
        assert members.figures(session, "nobody") == Figures()


def test_who_may_enrol_and_with_what(lab: Lab) -> None:
    member(lab)
    second = customer(lab, "16300000002")

    def enrol(desk: Desk, number: str, customer_id: str = second.id) -> None:
        members.enrol(desk, customer_id, number)

    with lab.desk(lab.staff("admin")) as desk:
        for number, error in (("10086001", TakenError), ("12", BadValueError), ("1a34", BadValueError)):
            with pytest.raises(error):
                enrol(desk, number)
        with pytest.raises(UnknownCustomerError):
            enrol(desk, "555", "nobody")
        enrol(desk, "555")
        enrol(desk, "556")  # another number for the same member
    with lab.desk(lab.student) as desk, pytest.raises(NoRightError):
        enrol(desk, "557")
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownCustomerError):
        enrol(desk, "557")
    with reading(lab.engine) as session:
        assert sorted(session.exec(select(Membership.member_number))) == ["10086001", "556"]
