"""Who is let in, and how."""

import pytest
from pydantic import ValidationError

from lab_server.routing.screening import Action, Caller, Screening, Verdict, screen, spellings
from lab_server.routing.target import Target

RULES = Screening.model_validate({
    "blacklist": [
        {"numbers": ["13900000013"], "reason": "rings and says nothing"},
        {"numbers": ["+8617050*"]},
        {"numbers": ["01087654321"], "dialled": ["95001"]},
    ],
    "vip": [
        {"numbers": ["13800000001"], "priority": 9, "to": "queue:board", "greeting": ""},
        {"numbers": ["+861380000*"]},
    ],
    "recognised": {"priority": 1, "greeting": "greeting-known"},
    "anonymous": {"action": "accept", "dialled": {"95001": "ask", "9501*": "refuse"}, "ask": "menu:who"},
})  # fmt: skip


def verdict(number: str, dialled: str = "95000", **facts: bool) -> Verdict:
    return screen(Caller(number, dialled, **facts), RULES)


@pytest.mark.parametrize("number", ["13900000013", "+8613900000013", "008613900000013", "139-0000-0013", "17050123456"])
def test_the_blacklist_hears_the_busy_tone_however_the_number_is_written(number: str) -> None:
    assert verdict(number).action is Action.REFUSE


def test_the_reason_is_said() -> None:
    assert verdict("13900000013").reason == "rings and says nothing"


def test_a_rule_may_hold_on_one_line_only() -> None:
    assert verdict("01087654321", "95001").action is Action.REFUSE
    assert verdict("01087654321", "95000").action is Action.ACCEPT


def test_vips_go_first() -> None:
    board = verdict("+8613800000001")
    assert (board.priority, board.to, board.greeting, board.vip) == (9, Target.parse("queue:board"), "", True)
    partner = verdict("13800000099", recognised=True)
    assert (partner.priority, partner.to, partner.greeting) == (5, None, "greeting-vip")
    assert verdict("13711112222", vip=True).vip  # in the desk's list


def test_customers_are_known_and_others_are_as_welcome() -> None:
    known = verdict("13711112222", recognised=True)
    assert (known.action, known.priority, known.greeting) == (Action.ACCEPT, 1, "greeting-known")
    assert verdict("13711112222") == Verdict(Action.ACCEPT, reason="a caller like any other")


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "unavailable", "Restricted "])
def test_withheld_numbers_by_line(number: str) -> None:
    assert verdict(number).action is Action.ACCEPT
    asked = verdict(number, "95001")
    assert (asked.action, asked.to) == (Action.ASK, Target.parse("menu:who"))
    assert verdict(number, "95012").action is Action.REFUSE


def test_a_number_that_is_sent_along_with_a_wish_for_privacy_is_not_looked_at() -> None:
    assert verdict("13800000001", withheld=True).vip is False


def test_the_desks_blacklist_counts_too() -> None:
    assert verdict("13711112222", blacklisted=True) == Verdict(Action.REFUSE, reason="on the blacklist")


@pytest.mark.parametrize("number", ["<script>", "sip:x@y", "'; drop table", "\x00", "9" * 400, "＋８６１３９"])
def test_hostile_numbers_are_callers_like_any_other(number: str) -> None:
    assert verdict(number).action is Action.ACCEPT


def test_spellings() -> None:
    assert spellings("138-0000-0001") == {"138-0000-0001", "13800000001", "+8613800000001"}
    assert spellings("1003") == {"1003"}
    assert "+442079460000" in spellings("+44 20 7946 0000")


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"blacklist": [{"numbers": ["139 0000"]}]}, "'139 0000' is no number: expected digits"),
        ({"blacklist": [{"numbers": []}]}, "at least 1 item"),
        ({"blacklist": [{"numbers": ["1*3"]}]}, "is no number"),
        ({"blacklist": [{"numbers": [13900000013]}]}, "valid string"),
        ({"vip": [{"numbers": ["1"], "priority": 10}]}, "less than or equal to 9"),
        ({"anonymous": {"action": "ask"}}, "ask is missing"),
        ({"anonymous": {"dialled": {"x": "refuse"}}}, "is no number"),
    ],
)
def test_what_is_refused(rules: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Screening.model_validate(rules)
