"""Robot students: what they say, what they skip, and what they write down."""

import random
from datetime import date

import pytest

from scenarios.case import Case
from scenarios.checks import CURT
from scenarios.errors import PlanError
from scenarios.facts import Told
from scenarios.load import from_library
from scenarios.persona import draw_case
from scenarios.profiles import PROFILES, Profile
from scenarios.recording import record
from scenarios.students import RobotDialogue, asks_of, robot_lines, robot_plan
from telephony.useragent.conversation import HangUp, Say

ORDER = from_library("order")
TODAY = date(2026, 3, 6)


def case_of(index: int = 0) -> Case:
    return draw_case(ORDER, "zh-CN", 7, index, TODAY)


def dialogue(profile: Profile) -> RobotDialogue:
    wavs = {line: f"{line}.wav" for line in robot_lines(ORDER, "zh-CN", profile)}
    return RobotDialogue.from_plan(robot_plan(ORDER, case_of(), profile, wavs, "01J"))


def changed_order() -> tuple[Case, tuple[Told, ...]]:
    """A case in which the caller changes the quantity, and everything it told."""
    case = next(case for case in map(case_of, range(100)) if (fact := case.truth.fact("quantity")) and fact.first)
    lines = [line for line in case.lines if line.facts and not line.id.endswith("_again")]
    told = [
        Told(key=key, value=value, line=line.id, began_s=at, ended_s=at + 1)
        for at, line in enumerate(lines)
        for key, value in line.facts.items()
    ]
    return case, tuple(told)


def test_the_perfect_robot_greets_at_once_asks_in_order_and_hangs_up_after_the_goodbye() -> None:
    robot = dialogue(PROFILES["perfect"])
    assert robot.on_answered() == ()
    said = []
    actions = robot.on_stage("talking", 0.0)
    now = 0.0
    while actions and isinstance(actions[0], Say):
        said.append(actions[0].line)
        now += 1
        assert robot.on_turn((), now) == ()  # the caller's interruption is no answer
        assert robot.on_said(actions[0].line, now) == ()
        actions = robot.on_turn((), now + 1)
    assert said == ["greet", "ask_variant", "ask_address", "ask_contact", "close"]
    assert actions == (HangUp(reason="done"),)


def test_an_answer_that_never_comes_is_asked_for_once_more_and_then_given_up() -> None:
    robot = dialogue(PROFILES["perfect"])
    robot.on_stage("talking", 0.0)
    robot.on_said("greet", 1.0)
    said, now = [], 1.0
    while now < 300:
        now += 0.2
        for action in robot.on_tick(now):
            if isinstance(action, HangUp):
                assert said == [
                    "greet", "ask_variant", "ask_variant", "ask_address", "ask_address",
                    "ask_contact", "ask_contact", "close",
                ]  # fmt: skip
                return
            assert isinstance(action, Say)
            said.append(action.line)
            robot.on_said(action.line, now)
    raise AssertionError(f"it never hung up: {said}")


def test_it_does_not_speak_into_a_long_answer() -> None:
    robot = dialogue(PROFILES["slow"])
    robot.on_stage("talking", 0.0)
    assert [action.line for action in robot.on_tick(1.1) if isinstance(action, Say)] == ["greet"]
    robot.on_said("greet", 3.0)
    robot.on_heard(4.0)
    assert not [action for tenth in range(40, 400) for action in robot.on_tick(tenth / 10)]
    robot.on_turn(("opening",), 40.0)
    robot.on_heard(41.0)
    assert robot.on_tick(45.0) == (), "its pause is over, but the caller goes on"
    robot.on_turn((), 46.0)
    assert [action.line for action in robot.on_tick(46.1) if isinstance(action, Say)] == ["ask_variant"]


def test_the_rude_robot_does_not_greet_and_is_heard_to_be_curt() -> None:
    lines = robot_lines(ORDER, "zh-CN", PROFILES["rude"])
    assert "greet" not in lines
    assert lines["ask_address_curt"] == "地址。"
    robot = dialogue(PROFILES["rude"])
    assert robot.on_stage("talking", 0.0) == ()
    (action,) = robot.on_turn(("opening",), 3.0)
    assert isinstance(action, Say)
    assert CURT in action.intents


def test_the_lost_robot_skips_questions_the_same_ones_each_time() -> None:
    lost = [asks_of(case_of(index), PROFILES["lost"]) for index in range(30)]
    assert lost == [asks_of(case_of(index), PROFILES["lost"]) for index in range(30)]
    assert 20 < sum(len(asks) for asks in lost) < 70
    assert all(len(asks_of(case_of(index), PROFILES["perfect"])) == 3 for index in range(5))


def test_a_line_without_a_sound_is_refused_before_the_call() -> None:
    with pytest.raises(PlanError, match="ask_address"):
        robot_plan(ORDER, case_of(), PROFILES["perfect"], {"greet": "x", "close": "y"}, "01J")
    with pytest.raises(PlanError, match="not a robot's plan"):
        RobotDialogue.from_plan({"part": "caller"})


def test_the_perfect_record_holds_what_was_told_last_as_a_person_writes_it() -> None:
    case, told = changed_order()
    recorded = record(case, told, PROFILES["perfect"], random.Random(1))
    quantity = case.truth.fact("quantity")
    assert quantity
    assert case.product
    assert recorded.values["quantity"] == quantity.value
    assert recorded.values["address"] == case.person.address.text
    assert recorded.values["total"] == f"{case.product.price_minor * int(quantity.value) / 100:.2f}"
    assert recorded.mistakes == ()


def test_who_slips_on_a_changed_quantity_keeps_the_first_one_and_the_total_follows() -> None:
    case, told = changed_order()
    clumsy = PROFILES["careless"].model_copy(update={"slip": 1.0, "forget": 0.0})
    recorded = record(case, told, clumsy, random.Random(1))
    quantity = case.truth.fact("quantity")
    assert quantity
    assert recorded.values["quantity"] == quantity.first
    mistakes = {one.field: one for one in recorded.mistakes}
    assert set(mistakes) == {field.field for field in case.truth.fields}
    assert mistakes["quantity"].reason == "first_told"
    assert mistakes["total"].consequential
    assert not mistakes["phone"].consequential
    phone = case.person.phone
    assert sum(a != b for a, b in zip(recorded.values["phone"], phone, strict=True)) == 1


def test_what_was_never_told_is_left_empty_or_made_up_but_never_right() -> None:
    case, _ = changed_order()
    empty = record(case, (), PROFILES["perfect"], random.Random(1))
    assert empty.values == {}
    assert {one.verdict_expected for one in empty.mistakes} == {"not_asked"}
    liar = PROFILES["lost"].model_copy(update={"invent": 1.0})
    invented = record(case, (), liar, random.Random(1))
    assert {one.verdict_expected for one in invented.mistakes} == {"invented"}
    assert set(invented.values) == {field.field for field in case.truth.fields}
