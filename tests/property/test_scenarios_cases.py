"""Of every drawn case: it can be told, it is never real, it ends; and grading finds exactly the mistakes made."""

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasets.language import Language
from datasets.numbers import DEFAULT
from grading.evidence import DeskRecord, Timings, evidence_of
from grading.line import Verdict
from grading.scorecard import Scorecard, grade
from scenarios.case import Case
from scenarios.checks import CURT
from scenarios.errors import DrawError
from scenarios.facts import Told, last_told
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.profiles import PROFILES, Profile
from scenarios.record import Recorded
from scenarios.recording import record
from scenarios.rehearsal import Rehearsal, rehearse_case
from scenarios.schema import Scenario

TODAY = date(2026, 3, 6)
GOLDEN = Path(__file__).parents[1] / "golden"
SCENARIOS = library()
BOTH: tuple[Language, ...] = ("zh-CN", "en")
EACH = pytest.mark.parametrize(("name", "language"), [(name, lang) for name in SCENARIOS for lang in BOTH])
EACH_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
pytestmark = pytest.mark.filterwarnings("error")


def graded(scenario: Scenario, case: Case, played: Rehearsal, recorded: Recorded, profile: Profile) -> Scorecard:
    evidence = evidence_of(
        case,
        "01J",
        told=played.told,
        recorded=DeskRecord(form=recorded.form, values=recorded.values),
        timings=Timings(
            ring_s=None if case.direction == "out" else profile.answer_after_s,
            talk_s=played.length_s,
            hold_s=0,
            wrap_s=profile.wrap_s,
        ),
        rating=played.rating,
        rating_asked=True,
        outcome="done",
    )
    return grade(evidence, scenario.rubric)


@EACH
def test_two_hundred_seeds_give_cases_that_can_be_told(name: str, language: Language) -> None:
    for seed in range(200):
        case = draw_case(SCENARIOS[name], language, seed, seed % 3, TODAY)
        tellable = {(key, value) for line in case.lines for key, value in line.facts.items()}
        for fact in case.truth.facts:
            if not fact.derived_from:
                assert (fact.key, fact.value) in tellable
                assert not fact.first or (fact.first != fact.value and (fact.key, fact.first) in tellable)
        assert not [line.text for line in case.lines if set("{}") & set(line.text) or "None" in line.text]
        assert DEFAULT.is_virtual(case.caller_number)
        phone = case.truth.fact("phone")
        assert phone is None or phone.value == case.caller_number
        spec = SCENARIOS[name].persona
        assert spec.age.low <= case.person.age <= spec.age.high
        assert spec.patience_s.low <= case.patience_s <= spec.patience_s.high
        assert Case.model_validate_json(case.model_dump_json()) == case


def test_a_complaint_is_never_older_than_the_delivery() -> None:
    for seed in range(200):
        case = draw_case(SCENARIOS["complaint"], "zh-CN", seed, 0, TODAY)
        since = case.truth.fact("since")
        assert since and case.purchase
        assert case.purchase.delivered_on <= date.fromisoformat(since.value) < TODAY
        assert case.purchase.order_no.endswith(case.line("order").facts["order_tail"])


def test_a_total_is_the_price_times_what_was_said_last() -> None:
    changed = 0
    for seed in range(100):
        case = draw_case(SCENARIOS["order"], "en", seed, 0, TODAY)
        total, quantity = case.truth.fact("total"), case.truth.fact("quantity")
        assert total and quantity and case.product
        assert int(total.value) == case.product.price_minor * int(quantity.value)
        changed += bool(quantity.first)
    assert 20 < changed < 60


def test_a_hidden_question_has_a_fact_only_for_the_dissatisfied() -> None:
    for seed in range(100):
        truth = draw_case(SCENARIOS["survey"], "zh-CN", seed, 0, TODAY).truth
        satisfaction = truth.fact("satisfaction")
        assert satisfaction
        assert (truth.fact("reason") is not None) == (satisfaction.value in ("1", "2"))


@EACH
def test_the_same_seed_gives_the_same_case_as_ever(name: str, language: Language) -> None:
    """A golden file: whoever changes how cases are drawn changes every class that was ever announced by its seed."""
    case = draw_case(SCENARIOS[name], language, 7, 0, TODAY)
    golden = GOLDEN / f"case-{name}-{language}-seed7.json"
    assert case.model_dump_json(indent=1) + "\n" == golden.read_text(encoding="utf-8")
    assert draw_case(SCENARIOS[name], language, 7, 0, TODAY) == case
    assert draw_case(SCENARIOS[name], language, 7, 1, TODAY).person != case.person
    assert draw_case(SCENARIOS[name], language, 8, 0, TODAY).person != case.person


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(DrawError, match="from 0"):
        draw_case(SCENARIOS["order"], "en", 7, -1, TODAY)
    only_english = SCENARIOS["order"].model_copy(update={"languages": ("en",)})
    with pytest.raises(DrawError, match="has no zh-CN; it has en"):
        draw_case(only_english, "zh-CN", 7, 0, TODAY)


@EACH
def test_a_perfect_robot_is_told_everything_in_half_a_minute_and_scores_100(name: str, language: Language) -> None:
    scenario, profile, lengths = SCENARIOS[name], PROFILES["perfect"], []
    for index in range(30):
        case = draw_case(scenario, language, 7, index, TODAY)
        played, _ = rehearse_case(scenario, case, profile)
        assert (played.ended_by, played.reason) == ("robot", "done")
        told = last_told(played.told)
        expected = {fact.key: fact.value for fact in case.truth.facts if not fact.derived_from}
        assert {key: one.value for key, one in told.items()} == expected
        recorded = record(case, played.told, profile, random.Random(index))
        assert recorded.mistakes == ()
        card = graded(scenario, case, played, recorded, profile)
        assert (card.score, card.passed) == (100, True)
        assert {line.verdict for line in card.lines} == {Verdict.RIGHT}
        lengths.append(played.length_s)
    assert sum(lengths) / len(lengths) < 30


@EACH
@EACH_PROFILE
def test_every_call_ends_and_grading_finds_exactly_the_mistakes_made(
    name: str, language: Language, profile: Profile
) -> None:
    scenario = SCENARIOS[name]
    for index in range(12):
        case = draw_case(scenario, language, 11, index, TODAY)
        played, _ = rehearse_case(scenario, case, profile)
        assert (played.ended_by, played.reason) == ("robot", "done")
        assert (CURT in played.asked) == profile.curt
        recorded = record(case, played.told, profile, random.Random(f"{index}/{profile.name}"))
        card = graded(scenario, case, played, recorded, profile)
        fields = {item.key: item.field for item in scenario.rubric.items if item.kind == "field"}
        found = {
            fields[line.item]: (line.verdict.value, line.consequential)
            for line in card.lines
            if line.item in fields and line.verdict is not Verdict.RIGHT
        }
        assert found == {one.field: (one.verdict_expected, one.consequential) for one in recorded.mistakes}
        if profile.name == "careless":
            assert "wrong" in {verdict for verdict, _ in found.values()}


@EACH
def test_robots_differ_as_their_profiles_say(name: str, language: Language) -> None:
    scenario = SCENARIOS[name]

    def total(profile: Profile) -> tuple[float, float, int]:
        cards, lengths, ratings = [], [], []
        for index in range(15):
            case = draw_case(scenario, language, 3, index, TODAY)
            played, _ = rehearse_case(scenario, case, profile)
            recorded = record(case, played.told, profile, random.Random(index))
            cards.append(graded(scenario, case, played, recorded, profile).raw_score or 0)
            lengths.append(played.length_s)
            ratings.append(played.rating or 0)
        return sum(cards) / 15, sum(lengths) / 15, max(ratings)

    perfect, careless, slow, rude, lost = (total(profile) for profile in PROFILES.values())
    assert perfect[0] == 100
    assert max(careless[0], rude[0], lost[0]) < 95
    assert slow[1] > perfect[1] + 4
    assert rude[2] <= 3


def test_the_same_chance_makes_the_same_mistakes() -> None:
    scenario, profile = SCENARIOS["order"], PROFILES["careless"]
    case = draw_case(scenario, "en", 7, 0, TODAY)
    played, _ = rehearse_case(scenario, case, profile)
    assert record(case, played.told, profile, random.Random(1)) == record(case, played.told, profile, random.Random(1))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    language=st.sampled_from(BOTH),
    profile=st.sampled_from(list(PROFILES.values())),
    index=st.integers(0, 10_000),
    day=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    heard=st.floats(0, 1),
    chance=st.integers(0, 10_000),
)
@example(  # cut off before it corrected its first answer
    name="survey", language="zh-CN", profile=PROFILES["slow"], index=310, day=TODAY, heard=0.3125, chance=0
)
def test_whatever_part_of_a_call_was_told_grading_finds_exactly_the_mistakes(
    *, name: str, language: Language, profile: Profile, index: int, day: date, heard: float, chance: int
) -> None:
    """A call may break off anywhere: only what was told until then can be expected."""
    scenario = SCENARIOS[name]
    case = draw_case(scenario, language, 7, index, day)
    played, _ = rehearse_case(scenario, case, profile)
    told = tuple(one for one in played.told if one.ended_s <= heard * played.length_s)
    cut = played.model_copy(update={"told": told})
    recorded = record(case, told, profile, random.Random(chance))
    card = graded(scenario, case, cut, recorded, profile)
    fields = {item.key: item.field for item in scenario.rubric.items if item.kind == "field"}
    found = {
        fields[line.item]: (line.verdict.value, line.consequential)
        for line in card.lines
        if line.item in fields and line.verdict is not Verdict.RIGHT
    }
    assert found == {one.field: (one.verdict_expected, one.consequential) for one in recorded.mistakes}


@settings(max_examples=60, deadline=None)
@given(
    index=st.integers(0, 500),
    turns=st.lists(
        st.lists(st.sampled_from(["greet", "ask_wish", "ask_order", "ask_contact", "close", "?"])), max_size=9
    ),
)
def test_whatever_it_is_asked_the_last_value_told_is_the_true_one(index: int, turns: list[list[str]]) -> None:
    from scenarios.dialogue import CallerDialogue
    from scenarios.plans import caller_plan
    from telephony.useragent.conversation import Say

    case = draw_case(SCENARIOS["complaint"], "zh-CN", 7, index, TODAY)
    dialogue = CallerDialogue.from_plan(caller_plan(case, {line.id: line.id for line in case.lines}, "01J"))
    dialogue.on_stage("talking", 0.0)
    told: list[Told] = []
    now = 0.0
    for heard in turns:
        now += 1
        for action in dialogue.on_turn(heard, now):
            assert isinstance(action, Say)
            now += 2
            told += [
                Told(key=k, value=v, line=action.line, began_s=now - 2, ended_s=now) for k, v in action.facts.items()
            ]
            dialogue.on_said(action.line, now)
    for key, one in last_told(told).items():
        fact = case.truth.fact(key)
        assert fact
        assert one.value == fact.value
