"""Floor plans: read from a file, checked, asked where a call begins."""

from datetime import datetime
from pathlib import Path

import pytest

from lab_server.routing.plan import FloorPlan, built_in
from lab_server.routing.plan_check import check_plan
from lab_server.routing.plan_file import PLANS, PlanFileError, load_plan, loads_plan
from lab_server.routing.screening import Action, Caller
from lab_server.routing.target import Target

SCHOOL = PLANS / "school.yaml"


@pytest.fixture(scope="module")
def school() -> FloorPlan:
    return load_plan(SCHOOL)


def arrival(plan: FloorPlan, at: str, number: str = "13711112222", dialled: str = "95000"):  # type: ignore[no-untyped-def]
    return plan.arrival(Caller(number, dialled), datetime.fromisoformat(at).replace(tzinfo=plan.zone))


def edited(old: str, new: str) -> list[str]:
    """What is said of the school's plan with something else in it."""
    text = SCHOOL.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    with pytest.raises(PlanFileError) as refused:
        loads_plan(text.replace(old, new, 1), "school.yaml")
    assert refused.value.error_id == "plan_file_wrong"
    return [str(problem) for problem in refused.value.problems]


def test_the_shipped_plan_is_right_in_both_languages(school: FloorPlan) -> None:
    assert check_plan(school) == []
    chinese, english = school.prompt_texts("zh-CN"), school.prompt_texts("en")
    assert chinese.keys() == english.keys() == school.prompts.keys()
    assert "menu-main-top-prompt" in chinese
    assert set(school.seats) == {str(seat) for seat in range(1001, 1011)}


@pytest.mark.parametrize(
    ("at", "dialled", "to", "said"),
    [
        ("2026-11-24T09:00", "95000", "menu:main", ("lines-main-greeting",)),
        ("2026-11-24T12:15", "95000", "group:duty", ("lines-main-greeting", "greeting-lunch")),
        ("2026-11-24T19:00", "95000", "menu:evening", ("lines-main-greeting",)),
        ("2026-11-24T23:00", "95000", "menu:night", ("lines-main-greeting", "greeting-night")),
        ("2026-10-04T10:00", "95000", "menu:night", ("lines-main-greeting", "greeting-holiday")),
        ("2026-10-10T10:00", "95001", "menu:main", ("greeting",)),
        ("2026-10-04T10:00", "95005", "queue:enrolment", ("greeting",)),
        ("2026-11-24T09:00", "12345", "menu:main", ("lines-main-greeting",)),
    ],
)
def test_where_a_call_begins(school: FloorPlan, at: str, dialled: str, to: str, said: tuple[str, ...]) -> None:
    found = arrival(school, at, dialled=dialled)
    assert (str(found.to), found.prompts) == (to, said)


def test_who_rings_comes_before_the_hour(school: FloorPlan) -> None:
    refused = arrival(school, "2026-11-24T09:00", "13900000013")
    assert (refused.verdict.action, refused.to, refused.prompts) == (Action.REFUSE, None, ())
    board = arrival(school, "2026-11-24T23:00", "13800000001")
    assert (board.to, board.prompts, board.facts.vip) == (Target.parse("queue:reception"), ("greeting-vip",), True)
    hidden = arrival(school, "2026-11-24T09:00", "anonymous", "95001")
    assert (str(hidden.to), hidden.facts.anonymous, hidden.facts.language) == ("menu:who", True, "en")


def test_a_line_is_found_by_the_number_that_fits_best(school: FloorPlan) -> None:
    assert [school.line_for(number)[0] for number in ("95000", "95001", "95007", "1", "")] == [
        "main", "english", "enrolment", "main", "main",
    ]  # fmt: skip


def test_a_floor_without_a_plan() -> None:
    plan = built_in(("complaint", "order"), {"1": "complaint", "2": "order", "*": "order"}, ("1001", "1002"))
    assert check_plan(plan) == []
    found = arrival(plan, "2026-11-24T03:00", dialled="anything")
    assert (str(found.to), found.prompts, found.period) == ("menu:main", ("greeting",), None)
    assert str(plan.operator) == "queue:complaint"
    assert check_plan(built_in(("order",), {"1": "order"}, ())) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("operator: queue:reception", "operator: queue:front", "school.yaml:6: operator: there is no queue 'front'"),
        ("at_last: queue:reception", "at_last: menu:main", "at_last: callers who have walked"),
        ("hours: office", "hours: ofice", "lines.main.hours: there are no hours 'ofice': did you mean office?"),
        ("    to: queue:enrolment", "    to: queue:enrolment\n    hours: office", "expected either hours"),
        ('numbers: ["95001"]', 'numbers: ["95000"]', "95000 is the line 'main''s already"),
        ('numbers: ["95001"]', "numbers: [95001]", "95001 is read as a figure: write it in quotes"),
        ('from: "12:00"', 'from: "11:00"', "mon: morning (08:30 to 12:00) and lunch (11:00 to 13:30) overlap"),
        ("holidays: china", "holidays: moon", "hours.office.holidays"),
        ('numbers: ["13800000001"]', 'numbers: ["13900000013"]', "13900000013 is on the blacklist, too"),
        ("ask: menu:who", "ask: menu:whom", "screening.anonymous.ask: there is no menu 'whom': did you mean who?"),
        ("strategy: longest_idle", "strategy: loudest", "queues.reception.strategy"),
        ("skill: money", "skill: dance", "no seat that serves this queue has the skill 'dance'"),
        ("music: calm", "music: loud", "there is no music 'loud'"),
        ("queues: [repair],", "queues: [repairs],", "there is no queue 'repairs': did you mean repair?"),
        ("mailbox: main}", "mailbox: mane}", "there is no mailbox 'mane'"),
        ('seats: ["1008", "1001"]', 'seats: ["1008", "9999"]', "mailboxes.main.seats.1: there is no seat '9999'"),
        ('to: "seat:1008", seconds', 'to: "queue:money", seconds', "queue:money is no phone"),
        ("  1001-1004:", "  1004-1001:", "seats.1004-1001"),
        ("title: {zh-CN: 职业学院服务热线", "titel: {zh-CN: 职业学院服务热线", "titel: is not a field"),
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Atlantis", "expected a time zone's name"),
        ("default: greet_both", "default: greet_all", "school.yaml:131: menus.main.nodes.start.default"),
        ("en: You've reached us in the evening.", "fr: Bonsoir.", "menus.evening.nodes.ask.prompt"),
        ("cases: {\"yes\": duty}", "cases: {\"yes\": ask}", "no way leads here"),
    ],
)  # fmt: skip
def test_what_is_refused(old: str, new: str, said: str) -> None:
    found = edited(old, new)
    assert any(said in problem for problem in found), found


def test_all_faults_at_once_in_the_files_order() -> None:
    text = SCHOOL.read_text(encoding="utf-8")
    text = text.replace("ask: menu:who", "ask: menu:whom").replace("skill: money", "skill: dance")
    text = text.replace("operator: queue:reception", "operator: queue:front")
    with pytest.raises(PlanFileError) as refused:
        loads_plan(text)
    lines = [problem.line for problem in refused.value.problems]
    assert len(lines) >= 3
    assert lines == sorted(lines)


def test_a_menu_nobody_comes_to() -> None:
    assert any(
        "menus.who: no line, period or other menu leads here" in one
        for one in edited("ask: menu:who", "ask: mailbox:main")
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "x", "lines: 3", "a: &x 1\nb: *x", "{", "!!python/object:os.system {}", "menus: {main: 3}"]
)
def test_a_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanFileError):
        loads_plan(text)


@pytest.mark.parametrize(
    "value",
    ["0x" + "F" * 6000, "9" * 5000, "-" + "9" * 5000, "1" + ":1" * 60_000, "x" * 5000,
     '"\\e[2J\\u202e\\a"', ".inf", ".nan", "1e999", "2026-13-45",
     "!!binary aGVsbG8=", "!!set {a, b}", "[[[[]]]]", "{? [a, b] : c}", "'\N{FULLWIDTH DIGIT ONE}'", "<script>"],
)  # fmt: skip
@pytest.mark.parametrize(
    "place",
    ["operator: queue:reception", "time_zone: Asia/Shanghai", 'numbers: ["95001"]', "kind: branch", "priority: 9",
     "strategy: longest_idle", 'from: "12:00"', "default: greet_both", "skill: money", 'seats: ["1008", "1001"]'],
)  # fmt: skip
def test_whatever_stands_there_is_refused_in_one_readable_line(place: str, value: str) -> None:
    for problem in edited(place, f"{place.partition(':')[0]}: {value}"):
        assert problem.isprintable(), problem
        assert len(problem) < 600


def test_a_key_that_nobody_can_read() -> None:
    for problem in edited("operator:", '"\\e[2J' + "x" * 5000 + '": 1\noperator:'):
        assert problem.isprintable(), problem
        assert len(problem) < 600


def test_times_end_somewhere() -> None:
    assert edited("strategy: longest_idle", "strategy: longest_idle\n    max_wait_s: 1000000000000000000000000000000")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(PlanFileError, match="cannot be read: No such file"):
        load_plan(Path("/nowhere/plan.yaml"))
