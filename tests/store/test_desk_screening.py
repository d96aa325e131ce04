"""The lists of numbers, and what holds for a seat."""

from datetime import timedelta

import pytest
from lab_rows import Lab

from lab_server.desk import number_lists, seat_settings
from lab_server.desk.errors import (
    BadValueError,
    NoRightError,
    NotYoursError,
    TakenError,
    UnknownListedNumberError,
    UnknownSeatError,
)
from lab_server.desk.number_lists import Lists
from lab_server.desk.seat_settings import FollowMe, SeatFacts
from lab_server.store.engine import reading
from lab_server.store.tables import ListKind


def lists(lab: Lab) -> Lists:
    with reading(lab.engine) as session:
        return number_lists.load(session, lab.site.id)["training"]


def add(lab: Lab, kind: ListKind, number: str, hours: int | None = None) -> str:
    until = lab.clock.utc() + timedelta(hours=hours) if hours is not None else None
    with lab.desk(lab.staff("supervisor")) as desk:
        return number_lists.add(desk, "training", kind, number, reason="rude", until=until).id


@pytest.mark.parametrize(
    ("listed", "hit", "missed"),
    [
        ("163 0000 0001", ["16300000001", "+86 163-0000-0001", "1630000 0001"], ["16300000002", "anonymous", ""]),
        ("+1*", ["+1 212 555 0100", "0012125550100"], ["16300000001"]),
        ("400*", ["4008001234", "+864008001234"], ["13400000000"]),
        ("0755 *", ["0755-8888 8888", "075588888888"], ["02188888888"]),
        ("955*", ["95500", "95588"], ["10086"]),
        ("１６３*", ["16312345678"], ["16412345678"]),
    ],
)
def test_a_number_is_on_a_list_however_it_is_spelled(lab: Lab, listed: str, hit: list[str], missed: list[str]) -> None:
    add(lab, "blacklist", listed)
    found, now = lists(lab), lab.clock.utc()
    assert {number: found.kinds(number, now) for number in hit} == dict.fromkeys(hit, frozenset({"blacklist"}))
    assert {number: found.kinds(number, now) for number in missed} == dict.fromkeys(missed, frozenset())


def test_an_entry_ends_by_itself_and_a_number_may_be_on_both_lists(lab: Lab) -> None:
    add(lab, "blacklist", "16300000001", hours=1)
    add(lab, "vip", "163*")
    found, now = lists(lab), lab.clock.utc()
    assert found.kinds("16300000001", now) == {"blacklist", "vip"}
    assert found.kinds("16300000001", now + timedelta(hours=1)) == {"vip"}
    with reading(lab.engine) as session:
        assert number_lists.load(session, lab.site.id)["production"].kinds("16300000001", now) == frozenset()


def test_adding_twice_is_refused_and_removing_undoes_it(lab: Lab) -> None:
    entry = add(lab, "blacklist", "16300000001")
    with pytest.raises(TakenError):
        add(lab, "blacklist", "+8616300000001")
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownListedNumberError):
        number_lists.remove(desk, entry)
    with lab.desk(lab.staff("grader")) as desk:
        assert [one.id for one in number_lists.listed(desk, "training", "blacklist")] == [entry]
        with pytest.raises(NoRightError):
            number_lists.remove(desk, entry)
    with lab.desk(lab.staff("supervisor")) as desk:
        number_lists.remove(desk, entry)
    assert lists(lab).kinds("16300000001", lab.clock.utc()) == frozenset()
    add(lab, "blacklist", "16300000001")


def test_an_import_takes_every_line_or_none(lab: Lab) -> None:
    add(lab, "blacklist", "16300000001")
    with lab.desk(lab.staff("supervisor")) as desk:
        with pytest.raises(BadValueError, match=r"line 2: 'rude people'.*; line 4: '\*'"):
            number_lists.import_lines(desk, "training", "blacklist", "16300000002\nrude people\n\n*,all")
        assert len(number_lists.listed(desk, "training")) == 1
        text = "16300000001, known\n16300000002, swears\n\n163 0000 0002\n+1*"
        assert number_lists.import_lines(desk, "training", "blacklist", text) == 2
        assert number_lists.import_lines(desk, "training", "blacklist", text) == 0
        assert len(number_lists.listed(desk, "training")) == 3


@pytest.mark.parametrize("number", ["", "anonymous", "*", "1*", "sip:me@here", "1" * 60, "16*3", "<script>1"])
def test_what_is_no_number_is_refused(lab: Lab, number: str) -> None:
    with pytest.raises(BadValueError):
        add(lab, "blacklist", number)


def test_an_agent_sets_his_own_seat_and_no_other(lab: Lab) -> None:
    with lab.desk(lab.student) as desk:
        seat_settings.set_dnd(desk, "1001", True)
        seat_settings.set_follow_me(desk, "1001", [FollowMe("163 0000 0009", 15), FollowMe("1003")])
        for change in (
            lambda: seat_settings.set_dnd(desk, "1002", True),
            lambda: seat_settings.read(desk, "1003"),
        ):
            with pytest.raises(NotYoursError):
                change()
        with pytest.raises(NoRightError):
            seat_settings.set_skills(desk, "1001", {"english": 10})
        with pytest.raises(UnknownSeatError):
            seat_settings.set_dnd(desk, "9999", True)
    with lab.desk(lab.staff("supervisor")) as desk:
        seat_settings.set_skills(desk, "1001", {"english": 3})
        seat_settings.set_mailbox(desk, "1001", "front")
    follow = (FollowMe("163 0000 0009", 15.0), FollowMe("1003", 20.0))
    with reading(lab.engine) as session:
        known = seat_settings.load(session, lab.site.id)
    assert known == {"1001": SeatFacts("1001", True, follow, "front", {"english": 3})}


def test_follow_me_can_be_switched_off_and_keeps_its_numbers(lab: Lab) -> None:
    with lab.desk(lab.student) as desk:
        row = seat_settings.set_follow_me(desk, "1001", [FollowMe("1003")], on=False)
        assert (row.follow_me, seat_settings.facts(row).follow_me) == ([{"number": "1003", "ring_s": 20.0}], ())
        assert not seat_settings.set_follow_me(desk, "1001", []).follow_me_on


@pytest.mark.parametrize(
    "numbers",
    [
        [FollowMe(f"1630000000{at}") for at in range(4)],
        [FollowMe("16300000001"), FollowMe("+86 16300000001")],
        [FollowMe("1001")],
        [FollowMe("1003", 1)],
        [FollowMe("1003", float("nan"))],
        [FollowMe("1003", 600)],
        [FollowMe("PJSIP/1003")],
    ],
)
def test_numbers_to_follow_that_cannot_be_are_refused(lab: Lab, numbers: list[FollowMe]) -> None:
    with lab.desk(lab.student) as desk:
        seat_settings.set_follow_me(desk, "1001", [FollowMe("1003")])
        with pytest.raises(BadValueError):
            seat_settings.set_follow_me(desk, "1001", numbers)
        assert seat_settings.facts(seat_settings.read(desk, "1001")).follow_me == (FollowMe("1003"),)


@pytest.mark.parametrize("skills", [{"": 1}, {"x" * 41: 1}, {"english": 0}, {"english": 11}])
def test_skills_that_cannot_be_are_refused(lab: Lab, skills: dict[str, int]) -> None:
    with lab.desk(lab.staff("supervisor")) as desk, pytest.raises(BadValueError):
        seat_settings.set_skills(desk, "1001", skills)
