"""Callers in the menus of the school's plan and of a floor without a plan."""

import pytest

from lab_server.routing.ivr import (
    Action,
    Checked,
    CheckMember,
    Collect,
    Event,
    Go,
    Ivr,
    Keyed,
    Play,
    Played,
    Said,
    Say,
    SetLanguage,
    Started,
)
from lab_server.routing.ivr_state import LONGEST, MOST_STEPS, Facts, IvrError, State
from lab_server.routing.plan import FloorPlan, built_in
from lab_server.routing.plan_file import PLANS, load_plan
from lab_server.routing.target import Target

DAY = Facts("zh-CN", "morning")
SILENCE = Keyed("")


@pytest.fixture(scope="module")
def school() -> FloorPlan:
    return load_plan(PLANS / "school.yaml")


@pytest.fixture(scope="module")
def ivr(school: FloorPlan) -> Ivr:
    return school.ivr()


def walk(ivr: Ivr, *events: Event, menu: str = "main", facts: Facts = DAY) -> tuple[State, Action]:
    state, action = ivr.begin(menu, facts)
    for event in events:
        state, action = ivr.step(state, event)
    return state, action


def keyed(ivr: Ivr, *entries: str, menu: str = "main", facts: Facts = DAY) -> tuple[State, Action]:
    return walk(ivr, *(Keyed(entry) for entry in entries), menu=menu, facts=facts)


def test_keys_lead_through_the_tree_to_a_queue(ivr: Ivr) -> None:
    state, action = keyed(ivr, "1", "1", "2")
    assert action == Go(Target.parse("queue:study"))
    assert state.node == "to_study"


def test_english_is_chosen_by_key_and_stays(ivr: Ivr) -> None:
    state, action = keyed(ivr, "2")
    assert action == SetLanguage("en")
    state, action = ivr.step(state, Played())
    assert (state.node, state.facts.language) == ("top", "en")
    assert State.read(state.text()).facts.language == "en"


def test_an_english_line_is_not_asked_for_its_language(ivr: Ivr) -> None:
    state, _ = keyed(ivr, facts=Facts("en"))
    assert state.node == "top"


def test_a_seat_is_reached_by_its_number(ivr: Ivr) -> None:
    _, action = keyed(ivr, "1", "1003")
    assert action == Go(Target.parse("seat:1003"), Target.parse("queue:reception"))


def test_wrong_keys_are_told_and_silence_is_not_blamed(ivr: Ivr) -> None:
    state, action = keyed(ivr, "1", "7")
    assert isinstance(action, Collect)
    assert action.prompts[0] == "wrong-key"
    assert action.fresh
    state, action = ivr.step(state, SILENCE)
    assert isinstance(action, Collect)
    assert action.prompts[0] == "nothing-entered"
    _, action = ivr.step(state, SILENCE)
    assert action == Go(Target.parse("operator"))


def test_a_member_hears_the_balance(ivr: Ivr) -> None:
    state, action = keyed(ivr, "1", "2", "20260101", "135790")
    assert action == CheckMember("20260101", "135790")
    state, action = ivr.step(state, Checked(True))
    assert state.node == "account"
    state, action = ivr.step(state, Keyed("1"))
    assert action == Say("balance", {"member": "20260101"})
    assert ivr.step(state, Said())[0].node == "more"
    assert ivr.step(state, Said(False))[1] == Play("balance-unavailable", True)


def test_who_was_checked_once_is_not_asked_again(ivr: Ivr) -> None:
    state, _ = walk(ivr, *map(Keyed, ("1", "2", "20260101", "135790")), Checked(True), Keyed("*"), Keyed("2"))
    assert state.node == "account"


def test_a_pin_is_in_no_state_and_no_repr(ivr: Ivr) -> None:
    pin = Keyed("135790")
    state, _ = keyed(ivr, "1", "2", "20260101")
    after, action = ivr.step(state, pin)
    for written in (state.text(), after.text(), repr(action), repr(pin), repr(after)):
        assert "135790" not in written


def test_three_wrong_pins_end_at_a_person_and_nobody_is_a_member(ivr: Ivr) -> None:
    tries = [event for _ in range(3) for event in (Keyed("20260101"), Keyed("111111"), Checked(False))]
    state, action = walk(ivr, Keyed("1"), Keyed("2"), *tries)
    assert action == Play("too-many-tries", True)
    assert "member" not in state.blanks


def test_a_locked_number_is_not_asked_again(ivr: Ivr) -> None:
    state, _ = walk(ivr, *map(Keyed, ("1", "2", "20260101", "111111")), Checked(False, final=True))
    assert state.node == "not_checked"


def test_a_pin_can_be_taken_up_again_but_only_asked_anew(ivr: Ivr) -> None:
    state, _ = keyed(ivr, "1", "2", "20260101", "135790")
    again, action = ivr.resume(state.text())
    assert isinstance(action, Collect)
    assert action.prompts == ("pin",)
    assert action.rules.secret
    assert ivr.step(again, Keyed("135790"))[1] == CheckMember("20260101", "135790")


def test_an_order_is_looked_up_by_what_was_keyed(ivr: Ivr) -> None:
    state, action = keyed(ivr, "1", "1", "1", "20261122")
    assert action == Say("order_state", {"order": "20261122"})
    assert ivr.step(state, Said(False))[1] == Play("order-unknown", True)


def test_vips_ring_the_person_on_duty_in_the_evening(ivr: Ivr) -> None:
    assert keyed(ivr, menu="evening", facts=Facts(vip=True))[1] == Go(Target.parse("group:duty"))
    assert isinstance(keyed(ivr, menu="evening")[1], Collect)


def test_from_menu_to_menu_the_blanks_go_along(ivr: Ivr) -> None:
    state, _ = walk(ivr, Keyed("13800000002"), Said(), Keyed("1"), menu="who")
    assert (state.menu, state.blanks) == ("main", {"phone": "13800000002"})


def test_who_hears_it_again_for_ever_is_sent_on(ivr: Ivr) -> None:
    state, action = keyed(ivr, "1")
    for _ in range(MOST_STEPS):
        state, action = ivr.step(state, Keyed("9"))
        if isinstance(action, Go):
            break
    assert action == Go(Target.parse("queue:reception"))
    assert ivr.resume(state.text())[1] == action


def test_a_place_taken_up_again_begins_its_node_anew(ivr: Ivr) -> None:
    state, _ = keyed(ivr, "1", "7")
    assert ivr.resume(state.text()) == ivr.step(state, Started())
    assert ivr.resume(state.text())[0] == state


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"m":1,"n":2}', '{"m":"main","n":"top","l":7}', '{"m":"main","n":"top","b":{"a":1}}',
     '{"m":"main","n":"gone"}', '{"m":["main"],"n":"top"}', '{"m":"main","n":"top","t":-1}', "[" * 5000],
)  # fmt: skip
def test_a_text_that_is_no_place_is_refused(ivr: Ivr, text: str) -> None:
    with pytest.raises(IvrError) as refused:
        ivr.resume(text)
    assert refused.value.error_id in {"bad_state", "unknown_node"}


def test_an_answer_to_another_action_is_refused(ivr: Ivr) -> None:
    state, _ = keyed(ivr, "1")
    for event in (Played(), Said(), Checked(True)):
        with pytest.raises(IvrError, match="is no answer to keys node main/top"):
            ivr.step(state, event)
    state, _ = keyed(ivr, "1", "2")
    with pytest.raises(IvrError, match="Checked is no answer"):  # nobody has been asked for a PIN
        ivr.step(state, Checked(True))


def test_a_menu_that_is_not_there(ivr: Ivr) -> None:
    with pytest.raises(IvrError, match="there is no menu 'x': expected one of main, evening, night, who"):
        ivr.begin("x", DAY)


def test_the_longest_place_fits_into_a_channel_variable(school: FloorPlan) -> None:
    blanks = {"seat": "1" * 8, "order": "1" * 10, "member": "1" * 10, "topic": "urgent", "phone": "1" * 13}
    facts = Facts("en", "afternoon", True, True, True)
    longest = max(len(name) for menu in school.menus.values() for name in menu.nodes)
    assert len(State("evening", "n" * longest, facts, 9, "pin", blanks, MOST_STEPS).text()) <= LONGEST


def test_a_floor_without_a_plan_does_as_it_always_did() -> None:
    ivr = built_in(("complaint", "order"), {"1": "complaint", "2": "order"}, ("1001", "1003")).ivr()
    _, action = ivr.begin("main", DAY)
    assert isinstance(action, Collect)
    assert action.prompts == ("menu",)
    assert (action.rules.first_s, action.rules.inter_s) == (6.0, 2.0)
    assert action.rules.take("1", 0.0) is None
    assert keyed(ivr, "2")[1] == Go(Target.parse("queue:order"))
    assert keyed(ivr, "1003")[1] == Go(Target.parse("seat:1003"), Target.parse("queue:complaint"))
    assert keyed(ivr, "7", "", "1004")[1] == Go(Target.parse("queue:complaint"))
