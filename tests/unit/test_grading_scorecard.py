"""A made call: five units ordered at 39.90 each, the caller having said three at first."""

from datetime import date

import pytest

from grading.errors import RubricMismatchError
from grading.evidence import DeskRecord, Evidence, Timings
from grading.line import Line, Verdict
from grading.reasons import REASONS, sentence
from grading.scorecard import Scorecard, grade
from scenarios.facts import Choice, Condition, Fact, FactKind, RecordField, Told, Truth
from scenarios.rubric import Band, Rubric, RubricItem


def title(word: str) -> dict[str, str]:
    return {"en": word, "zh-CN": word}


YES_NO = (Choice(code="yes", title=title("Yes")), Choice(code="no", title=title("No")))
FIELDS = (
    RecordField(form="order", field="name", kind=FactKind.NAME, title=title("Name")),
    RecordField(form="order", field="quantity", kind=FactKind.COUNT, title=title("Quantity")),
    RecordField(
        form="order",
        field="total",
        kind=FactKind.AMOUNT,
        title=title("Total"),
        depends_on=("quantity",),
        computed_from=("unit_price", "quantity"),
    ),
    RecordField(form="order", field="gift", kind=FactKind.CHOICE, title=title("Gift"), choices=YES_NO),
    RecordField(
        form="order",
        field="card",
        kind=FactKind.TEXT,
        title=title("Card"),
        depends_on=("gift",),
        shown_if=Condition(fact="gift", among=("yes",)),
    ),
)
TRUTH = Truth(
    form="order",
    fields=FIELDS,
    given={"unit_price": "3990"},
    facts=(
        Fact(key="name", kind=FactKind.NAME, value="Martha Whitcombe", spoken="Martha Whitcombe"),
        Fact(key="quantity", kind=FactKind.COUNT, value="5", spoken="five", first="3", first_spoken="three"),
        Fact(key="total", kind=FactKind.AMOUNT, value="19950", spoken="", derived_from=("unit_price", "quantity")),
        Fact(key="gift", kind=FactKind.CHOICE, value="yes", spoken="yes"),
        Fact(key="card", kind=FactKind.TEXT, value="Happy birthday", spoken="happy birthday"),
    ),
)
TOLD = (
    Told(key="quantity", value="3", line="opening", began_s=0.1, ended_s=2.0),
    Told(key="name", value="Martha Whitcombe", line="name", began_s=10.0, ended_s=12.0),
    Told(key="gift", value="yes", line="gift", began_s=14.0, ended_s=15.0),
    Told(key="card", value="Happy birthday", line="card", began_s=16.0, ended_s=17.5),
    Told(key="quantity", value="5", line="changed", began_s=20.0, ended_s=21.5),
)
PERFECT = {"name": "Martha Whitcombe", "quantity": "5", "total": "199.50", "gift": "yes", "card": "happy birthday"}


def field_item(field: str, points: int = 10, *, critical: bool = False) -> RubricItem:
    return RubricItem(key=field, title=title(field), kind="field", field=field, points=points, critical=critical)


ITEMS = tuple(field_item(field.field) for field in FIELDS)
RUBRIC = Rubric(items=ITEMS, pass_mark=60)


def evidence(values: dict[str, str] | None, told: tuple[Told, ...] = TOLD, **more: object) -> Evidence:
    whole: dict[str, object] = {
        "contact": "01JZZZZZZZZZZZZZZZZZZZZZZZ",
        "scenario": "order",
        "scenario_version": 1,
        "language": "en",
        "direction": "in",
        "outcome": "completed",
        "reference_date": date(2026, 11, 20),
        "truth": TRUTH,
        "told": told,
        "recorded": None if values is None else DeskRecord(form="order", values=values),
    }
    return Evidence.model_validate(whole | more)


def line(card: Scorecard, item: str) -> Line:
    return next(line for line in card.lines if line.item == item)


def without(*keys: str) -> tuple[Told, ...]:
    return tuple(told for told in TOLD if told.key not in keys)


def test_a_perfect_record_scores_100_and_each_line_plays_the_telling_that_counts() -> None:
    card = grade(evidence(PERFECT), RUBRIC)
    assert (card.raw_score, card.score, card.passed) == (100, 100, True)
    assert {line.verdict for line in card.lines} == {Verdict.RIGHT}
    assert (line(card, "quantity").told_at, line(card, "quantity").clip) == (20.0, (19.7, 21.8))
    assert line(card, "total").clip == (19.7, 21.8)


def test_a_clip_never_begins_before_the_recording() -> None:
    told = (TOLD[0].model_copy(update={"value": "5"}), *without("quantity"))
    assert line(grade(evidence(PERFECT, told), RUBRIC), "quantity").clip == (0, 2.3)


def test_wrong() -> None:
    got = line(grade(evidence(PERFECT | {"card": "Merry Christmas"}), RUBRIC), "card")
    assert (got.verdict, got.points, got.expected, got.found) == (Verdict.WRONG, 0, "Happy birthday", "Merry Christmas")


@pytest.mark.parametrize("values", [{"card": ""}, {"card": "  \t"}, {"card": "\u3000"}])
def test_missing_is_told_and_not_recorded(values: dict[str, str]) -> None:
    got = line(grade(evidence(PERFECT | values), RUBRIC), "card")
    assert (got.verdict, got.told_at, got.found) == (Verdict.MISSING, 16.0, "")


def test_not_asked_is_never_told_and_not_recorded() -> None:
    card = grade(evidence({key: value for key, value in PERFECT.items() if key != "name"}, without("name")), RUBRIC)
    got = line(card, "name")
    assert (got.verdict, got.told_at, got.clip, got.points, got.of) == (Verdict.NOT_ASKED, None, None, 0, 10)
    assert card.raw_score == 80


def test_invented_earns_nothing_even_if_it_is_the_truth() -> None:
    card = grade(evidence(PERFECT, without("name")), RUBRIC)
    got = line(card, "name")
    assert (got.verdict, got.points, got.expected) == (Verdict.INVENTED, 0, "Martha Whitcombe")
    assert card.raw_score == 80


def test_nothing_saved_means_every_telling_is_missing() -> None:
    card = grade(evidence(None), RUBRIC)
    assert {line.verdict for line in card.lines} == {Verdict.MISSING}
    assert (card.raw_score, card.passed) == (0, False)


def test_what_was_said_before_the_correction_is_wrong_and_the_reason_says_so() -> None:
    card = grade(evidence(PERFECT | {"quantity": "three", "total": "119.70"}), RUBRIC)
    got = line(card, "quantity")
    assert (got.verdict, got.reason, got.expected) == (Verdict.WRONG, "told_earlier", "5")


def test_a_total_that_follows_from_a_wrong_quantity_is_not_counted_again() -> None:
    card = grade(evidence(PERFECT | {"quantity": "4", "total": "159.60"}), RUBRIC)
    got = line(card, "total")
    assert (got.verdict, got.consequential, got.reason) == (Verdict.WRONG, True, "follows")
    assert got.params == {"fields": "quantity"}
    assert card.raw_score == pytest.approx(100 * 30 / 40)


@pytest.mark.parametrize("values", [{"quantity": "4", "total": "200"}, {"total": "159.60"}, {"total": ""}])
def test_a_total_that_is_wrong_by_itself_counts(values: dict[str, str]) -> None:
    assert not line(grade(evidence(PERFECT | values), RUBRIC), "total").consequential


def test_a_right_total_beside_a_wrong_quantity_stays_right() -> None:
    got = line(grade(evidence(PERFECT | {"quantity": "4"}), RUBRIC), "total")
    assert (got.verdict, got.consequential, got.points) == (Verdict.RIGHT, False, 10)


def test_a_total_that_could_not_be_computed_follows() -> None:
    values = {key: value for key, value in PERFECT.items() if key not in ("quantity", "total")}
    card = grade(evidence(values), RUBRIC)
    assert (line(card, "total").verdict, line(card, "total").consequential) == (Verdict.MISSING, True)
    unasked = grade(evidence(values, without("quantity")), RUBRIC)
    assert (line(unasked, "total").verdict, line(unasked, "total").consequential) == (Verdict.NOT_ASKED, True)


def test_a_total_of_an_invented_quantity_follows_from_it() -> None:
    card = grade(evidence(PERFECT, without("quantity")), RUBRIC)
    assert line(card, "quantity").verdict is Verdict.INVENTED
    assert (line(card, "total").verdict, line(card, "total").consequential) == (Verdict.INVENTED, True)


@pytest.mark.parametrize("told", [TOLD, without("card")])
def test_a_question_hidden_by_a_wrong_answer_is_not_counted(told: tuple[Told, ...]) -> None:
    card = grade(evidence(PERFECT | {"gift": "no", "card": ""}, told), RUBRIC)
    assert line(card, "gift").verdict is Verdict.WRONG
    assert line(card, "card").consequential
    assert card.raw_score == 75


def test_a_question_left_out_though_it_was_shown_counts() -> None:
    assert not line(grade(evidence(PERFECT | {"card": ""}), RUBRIC), "card").consequential


def test_a_question_that_does_not_apply_leaves_the_denominator_unless_it_was_answered() -> None:
    facts = tuple(fact for fact in TRUTH.facts if fact.key != "card")
    facts = tuple(f.model_copy(update={"value": "no"}) if f.key == "gift" else f for f in facts)
    told = tuple(t.model_copy(update={"value": "no"}) if t.key == "gift" else t for t in without("card"))
    truth = TRUTH.model_copy(update={"facts": facts})
    empty = grade(evidence(PERFECT | {"gift": "no", "card": ""}, told, truth=truth), RUBRIC)
    assert (empty.raw_score, empty.not_applicable) == (100, ("card",))
    filled = grade(evidence(PERFECT | {"gift": "no", "card": "Hello"}, told, truth=truth), RUBRIC)
    assert (line(filled, "card").verdict, line(filled, "card").reason) == (Verdict.INVENTED, "not_applicable")
    assert filled.raw_score == 80


def test_a_critical_mistake_fails_the_call_and_keeps_the_raw_score() -> None:
    rubric = Rubric(items=(*ITEMS[:3], field_item("gift", 1, critical=True), ITEMS[4]), pass_mark=60)
    card = grade(evidence(PERFECT | {"gift": "no"}), rubric)
    assert card.critical_failures == ("gift",)
    assert (card.passed, card.score) == (False, 0)
    assert card.raw_score == pytest.approx(97.56)


def test_weights_as_in_a_known_example() -> None:
    """Two questions of a group of weight 40, one right; one of weight 20, right: (40 + 0 + 20) / 100 = 60 %."""
    rubric = Rubric(items=(field_item("name", 40), field_item("card", 40), field_item("gift", 20)), pass_mark=60)
    card = grade(evidence(PERFECT | {"card": "no"}), rubric)
    assert (card.raw_score, card.passed) == (60, True)


def measure(name: str, *bands: tuple[float, float], points: int = 10) -> RubricItem:
    made = tuple(Band(upto=upto, share=share) for upto, share in bands)
    return RubricItem.model_validate(
        {"key": name, "title": title(name), "kind": "measure", "measure": name, "points": points, "bands": made}
    )


HANDLING = Rubric(
    items=(
        measure("answer_speed_s", (8, 1), (15, 0.5)),
        measure("talk_s", (20, 0), (120, 1), (240, 0.5)),
        measure("hold_s", (20, 1)),
        measure("wrap_s", (45, 1), (90, 0.5)),
        measure("rating", (1, 0), (3, 0.6), (5, 1)),
    ),
    pass_mark=60,
)


def handled(**timings: float) -> Timings:
    return Timings.model_validate({"ring_s": 3, "talk_s": 60, "hold_s": 0, "wrap_s": 20} | timings)


def test_handling_within_every_band() -> None:
    card = grade(evidence(PERFECT, timings=handled(), rating=4, rating_asked=True), HANDLING)
    assert card.raw_score == 100
    assert line(card, "talk_s").expected == "20–120 s"
    assert line(card, "rating").expected == "≥ 4"


@pytest.mark.parametrize(
    ("timings", "item", "points", "reason"),
    [
        ({"ring_s": 8.0}, "answer_speed_s", 10, "in_band"),
        ({"ring_s": 8.1}, "answer_speed_s", 5, "above_band"),
        ({"ring_s": 15.1}, "answer_speed_s", 0, "above_band"),
        ({"talk_s": 19}, "talk_s", 0, "outside_band"),
        ({"talk_s": 200}, "talk_s", 5, "outside_band"),
        ({"hold_s": 21}, "hold_s", 0, "above_band"),
        ({"wrap_s": 46}, "wrap_s", 5, "above_band"),
    ],
)
def test_handling_out_of_a_band(timings: dict[str, float], item: str, points: float, reason: str) -> None:
    card = grade(evidence(PERFECT, timings=handled(**timings), rating=5), HANDLING)
    got = line(card, item)
    assert (got.points, got.reason) == (points, reason)
    assert (got.verdict is Verdict.RIGHT) == (points == 10)
    assert [one.item for one in card.lines if one.points < 10] == ([item] if points < 10 else [])


def test_what_did_not_happen_is_not_graded() -> None:
    card = grade(evidence(PERFECT, timings=Timings(talk_s=60)), HANDLING)
    assert card.not_applicable == ("answer_speed_s", "hold_s", "wrap_s", "rating")
    assert card.raw_score == 100
    nothing = grade(evidence(None, timings=Timings()), HANDLING)
    assert (nothing.raw_score, nothing.score, nothing.passed) == (None, None, None)


def test_a_rubric_of_another_form_is_refused() -> None:
    with pytest.raises(RubricMismatchError, match=r"'colour'.*does not have"):
        grade(evidence(PERFECT), Rubric(items=(field_item("colour"),), pass_mark=60))


def test_evidence_and_scorecard_survive_json() -> None:
    whole = evidence(PERFECT, timings=handled(), rating=4)
    card = grade(whole, RUBRIC)
    assert Evidence.model_validate_json(whole.model_dump_json()) == whole
    assert Scorecard.model_validate_json(card.model_dump_json()) == card


def test_every_reason_given_has_a_sentence() -> None:
    cards = [
        grade(evidence(values, told, timings=handled(ring_s=60)), rubric)
        for values in (None, PERFECT, PERFECT | {"quantity": "3", "total": "?", "name": "Marta Whitcombe"})
        for told in (TOLD, without("name", "quantity"))
        for rubric in (RUBRIC, HANDLING)
    ]
    for one in (line for card in cards for line in card.lines):
        assert one.reason in REASONS
        assert "{" not in sentence(one.reason, one.params)
