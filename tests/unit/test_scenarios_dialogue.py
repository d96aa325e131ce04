"""The caller on the phone: what it says to what, and where its patience ends."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from scenarios.case import Case
from scenarios.dialogue import (
    LEAVES_AFTER_GOODBYE_S,
    LEAVES_AFTER_RATING_S,
    NAGS_AFTER_S,
    SPEAKS_UNGREETED_S,
    CallerDialogue,
)
from scenarios.errors import PlanError
from scenarios.load import from_library
from scenarios.persona import draw_case
from scenarios.plans import caller_plan
from scenarios.rating import Treatment, rate
from telephony.useragent.conversation import LONGEST_TURN_S, Action, HangUp, Press, Say

TODAY = date(2026, 3, 6)


def drawn(scenario: str, *, changed: str = "", language: Any = "zh-CN") -> Case:
    """The first case of a seed, in which the caller changes its mind about `changed` if that is named."""
    found = from_library(scenario)
    for index in range(200):
        case = draw_case(found, language, 7, index, TODAY)
        fact = case.truth.fact(changed) if changed else None
        if not changed or (fact and fact.first):
            return case
    raise AssertionError(f"nobody changes its mind about {changed}")


def plan_of(case: Case) -> dict[str, Any]:
    return caller_plan(case, {line.id: f"/wav/{line.id}.wav" for line in case.lines}, "01J", menu="2")


class Call:
    """Drives one dialogue: every line takes 2 seconds."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.dialogue = CallerDialogue.from_plan(plan_of(case))
        self.now = 0.0
        self.actions = list(self.dialogue.on_answered())

    def _take(self, actions: Sequence[Action]) -> list[str]:
        """Line ids said (each to its end), `#keys` pressed, `!reason` of hanging up."""
        queue, done = list(actions), []
        while queue:
            match queue.pop(0):
                case Say() as say:
                    self.now += 2.0
                    done.append(say.line)
                    queue += self.dialogue.on_said(say.line, self.now)
                case Press(digits=digits):
                    done.append("#" + digits)
                case HangUp(reason=reason):
                    done.append("!" + reason)
        return done

    def stage(self, stage: str) -> list[str]:
        return self._take(self.dialogue.on_stage(stage, self.now))

    def hear(self, *intents: str) -> list[str]:
        self.now += 1.5
        return self._take(self.dialogue.on_turn(intents, self.now))

    def listen(self, seconds: float, *intents: str) -> list[str]:
        """The other side speaks for so long, then stops."""
        done = self._take(self.dialogue.on_heard(self.now)) + self.wait(seconds)
        return done + self._take(self.dialogue.on_turn(intents, self.now))

    def wait(self, seconds: float) -> list[str]:
        done: list[str] = []
        until = self.now + seconds
        while self.now < until:
            self.now += 0.2
            done += self._take(self.dialogue.on_tick(self.now))
        return done


def test_it_opens_when_it_was_greeted_and_answers_what_it_is_asked() -> None:
    call = Call(drawn("order"))
    assert call.stage("talking") == []
    assert call.hear("greet") == ["opening"]
    assert call.hear("ask_address")[0] == "address"
    assert call.hear("ask_contact") == ["contact"]
    assert call.hear("ask_variant") == ["variant"]
    assert call.hear("close") == ["goodbye"]
    assert call.stage("rated") == ["#5"]


def test_two_questions_in_one_breath_get_both_answers() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    assert call.hear("greet", "ask_variant", "ask_contact") == ["opening", "variant", "contact"]


def test_without_a_greeting_it_speaks_by_itself() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    assert call.wait(SPEAKS_UNGREETED_S + 0.5) == ["opening"]


def test_who_speaks_for_long_is_listened_to_and_not_nagged() -> None:
    call = Call(drawn("complaint"))
    call.stage("talking")
    long_s = max(call.case.hold_patience_s + 5, 45)
    assert call.listen(long_s, "greet") == ["opening"]
    assert call.listen(long_s, "ask_contact") == ["contact"]
    assert call.dialogue.treatment.nags == 0
    assert "waiting" in call.wait(NAGS_AFTER_S[call.case.temper] + 1)


def test_goodbyes_may_be_long() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    call.hear("close")
    assert call.listen(LEAVES_AFTER_GOODBYE_S + 5, "close") == []
    assert call.wait(LEAVES_AFTER_GOODBYE_S + 1) == ["!done"]


def test_noise_without_end_is_nobody_speaking() -> None:
    call = Call(drawn("complaint"))
    call.stage("talking")
    call.hear("greet")
    call.dialogue.on_heard(call.now)
    assert call.wait(LONGEST_TURN_S) == []
    assert call.wait(call.case.hold_patience_s + NAGS_AFTER_S[call.case.temper])[-2:] == ["leaving", "!silence"]


def test_put_on_hold_in_mid_sentence_nobody_is_speaking_any_more() -> None:
    call = Call(drawn("complaint"))
    call.stage("talking")
    call.hear("greet")
    call.dialogue.on_heard(call.now)
    call.stage("held")
    assert call.wait(10) == []
    assert call.stage("talking") == ["held"]
    assert "waiting" in call.wait(NAGS_AFTER_S[call.case.temper] + 1)


def test_asked_again_it_says_the_same_shorter() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    assert call.hear("ask_contact") == ["contact"]
    assert call.hear("ask_contact") == ["contact_again"]
    assert call.case.line("contact_again").facts == call.case.line("contact").facts


def test_who_changed_its_mind_never_goes_back_to_the_first_value() -> None:
    call = Call(drawn("complaint", changed="wish"))
    call.stage("talking")
    call.hear("greet")
    assert call.hear("ask_wish") == ["wish", "wish_changed"]
    said = call.hear("ask_wish")
    fact = call.case.truth.fact("wish")
    assert fact
    assert call.case.line(said[-1]).facts["wish"] == fact.value != call.case.line("wish").facts["wish"] == fact.first


def test_a_question_that_does_not_apply_puzzles_it() -> None:
    case = drawn("survey")
    satisfaction = case.truth.fact("satisfaction")
    assert satisfaction
    assert satisfaction.value not in ("1", "2")
    call = Call(case)
    assert call.stage("talking") == ["pickup"]
    assert call.hear("greet") == ["opening"]
    assert call.hear("ask_reason") == ["puzzled"]
    assert call.hear("ask_weather") == ["puzzled"]


def test_a_person_who_is_not_understood_hears_the_whole_script_and_a_goodbye() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    said = [line for _ in range(7) for line in call.hear()]
    answers = [line for line in said if line in ("opening", "variant", "address", "contact")]
    assert answers == ["opening", "variant", "address", "contact"]
    assert said[-2:] == ["acknowledge", "goodbye"]
    assert call.stage("rated") == ["#5"]  # it cannot know whether it was greeted: whoever spoke first did


def test_prompts_are_not_turns_and_the_menu_gets_its_key() -> None:
    call = Call(drawn("order"))
    assert call.stage("greeted") == []
    assert call.hear() == []
    assert call.stage("menu") == ["#2"]
    assert call.stage("queued") == []
    assert call.hear() == []


def test_its_patience_in_the_queue_ends() -> None:
    call = Call(drawn("order"))
    call.stage("queued")
    assert call.wait(call.case.patience_s - 1) == []
    assert call.wait(2) == ["!patience"]
    assert call.stage("talking") == []


def test_it_asks_whether_anybody_is_there_and_leaves_in_the_end() -> None:
    call = Call(drawn("complaint"))
    call.stage("talking")
    call.hear("greet")
    said = call.wait(call.case.hold_patience_s + NAGS_AFTER_S[call.case.temper])
    assert said.count("waiting") >= 1
    assert said[-2:] == ["leaving", "!silence"]


def test_back_from_a_long_hold_it_complains_and_on_too_long_a_hold_it_leaves() -> None:
    call = Call(drawn("complaint"))
    call.stage("talking")
    call.hear("greet")
    call.stage("held")
    assert call.wait(16) == []
    assert call.stage("talking") == ["held"]
    assert call.dialogue.treatment.held_s == pytest.approx(16, abs=0.5)
    call.stage("held")
    assert call.wait(call.case.hold_patience_s + 1) == ["!hold"]


def test_after_goodbye_it_waits_for_the_rating_but_not_for_ever() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    call.hear("close")
    assert call.wait(LEAVES_AFTER_GOODBYE_S - 1) == []
    assert call.wait(2) == ["!done"]


def test_after_the_rating_it_does_not_stay_on_the_line_for_ever() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    assert call.stage("rated")[0].startswith("#")
    assert call.stage("rated") == []
    assert call.hear("greet") == []
    assert call.wait(LEAVES_AFTER_RATING_S + 1) == ["!done"]


def test_news_of_the_stage_may_be_late() -> None:
    call = Call(drawn("order"))
    assert call.hear("greet") == ["opening"]
    assert call.stage("talking") == []


@pytest.mark.parametrize(
    ("treatment", "temper", "stars"),
    [
        (Treatment(), "angry", 5),
        (Treatment(greeted=False), "calm", 4),
        (Treatment(curt=True, greeted=False), "calm", 2),
        (Treatment(curt=True, greeted=False), "angry", 1),
        (Treatment(waited=0.9), "impatient", 4),
        (Treatment(held_s=30, nags=5, untold=9, curt=True), "calm", 1),
        (Treatment(nags=1), "calm", 4),
    ],
)
def test_the_rating_follows_from_the_treatment(treatment: Treatment, temper: Any, stars: int) -> None:
    assert rate(treatment, temper) == stars


def test_a_plan_that_cannot_be_played_is_refused_before_the_call() -> None:
    case = drawn("order")
    with pytest.raises(PlanError, match="no sound for the lines contact"):
        caller_plan(case, {line.id: "x" for line in case.lines if line.id != "contact"}, "01J")
    plan = plan_of(case)
    plan["lines"] = [line for line in plan["lines"] if line["role"] != "goodbye"]
    with pytest.raises(PlanError, match="goodbye"):
        CallerDialogue.from_plan(plan)
    with pytest.raises(PlanError, match="not a caller's plan"):
        CallerDialogue.from_plan({"part": "robot"})


def test_the_plan_holds_no_more_than_what_is_said() -> None:
    """It goes to a worker, not to the student; even so it carries neither the truth nor the person."""
    plan = plan_of(drawn("order", changed="quantity"))
    assert set(plan) == {
        "part", "contact", "direction", "temper", "patience_s", "hold_patience_s", "menu", "lines",
    }  # fmt: skip


@pytest.mark.parametrize("stage", ["held", "ringing", "queued"])
def test_what_was_broken_off_was_not_told_and_is_said_again_when_it_is_talked_with_again(stage: str) -> None:
    """Put on hold, or sent on to a colleague, in the middle of the address."""
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    untold = call.dialogue.treatment.untold
    (say, *_more) = call.dialogue.on_turn(["ask_address"], call.now)
    assert isinstance(say, Say)
    assert call.dialogue.treatment.untold < untold
    assert call.dialogue.on_unsaid(say.line, call.now + 1) == ()
    assert call.stage(stage) == []
    assert call.dialogue.treatment.untold == untold
    assert call.wait(10) == [], "music is nobody to talk to"
    assert call.stage("talking") == ["held", say.line]
    assert call.dialogue.treatment.untold < untold
    assert call.stage("held") == []
    assert call.stage("talking") == [], "once is enough"


def test_a_talk_that_ends_in_the_middle_of_a_line_has_not_told_it() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    untold = call.dialogue.treatment.untold
    (say, *_more) = call.dialogue.on_turn(["ask_address"], call.now)
    assert isinstance(say, Say)
    call.dialogue.on_unsaid(say.line, call.now + 1)
    call.stage("rated")
    assert call.dialogue.treatment.untold == untold


def test_a_goodbye_that_was_broken_off_is_said_again() -> None:
    call = Call(drawn("order"))
    call.stage("talking")
    call.hear("greet")
    (say,) = call.dialogue.on_turn(["close"], call.now)
    assert isinstance(say, Say)
    call.dialogue.on_unsaid(say.line, call.now + 1)
    call.stage("held")
    assert call.stage("talking") == ["goodbye"]
    assert call.wait(LEAVES_AFTER_GOODBYE_S + 1) == ["!done"]
