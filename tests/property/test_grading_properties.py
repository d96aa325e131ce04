"""Whatever the case: a perfect record is perfect, a mistake is found where it was made, and spelling is no mistake."""

import json
import random
from collections.abc import Callable
from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grading.evidence import DeskRecord, Evidence, Timings, evidence_of
from grading.line import Line, Verdict
from grading.normalise.compare import compare
from grading.scorecard import Scorecard, grade
from scenarios.case import Case
from scenarios.facts import FactKind, RecordField, Told, address_elements, expected_values, point_wordings
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.record import as_written

SCENARIOS = library()
TODAY = date(2026, 11, 20)
FINE = Timings(ring_s=3, talk_s=60, hold_s=0, wrap_s=20)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    scenario = SCENARIOS[draw(st.sampled_from(sorted(SCENARIOS)))]
    language = draw(st.sampled_from(scenario.languages))
    return draw_case(scenario, language, draw(st.integers(0, 10**6)), draw(st.integers(0, 50)), TODAY)


def tellings(case: Case) -> tuple[Told, ...]:
    """Every fact told, those that change first in their first form."""
    told: list[Told] = []
    for fact in case.truth.facts:
        values = [] if fact.derived_from else [fact.first, fact.value] if fact.first else [fact.value]
        for value in values:
            at = 3.0 * len(told)
            told.append(Told(key=fact.key, value=value, line=fact.key, began_s=at, ended_s=at + 2))
    return tuple(told)


def perfect(case: Case, told: tuple[Told, ...]) -> dict[str, str]:
    expected = expected_values(case.truth, told)
    return {name: as_written(case.truth.field(name).kind, one.value) for name, one in expected.items()}


def graded(case: Case, told: tuple[Told, ...], values: dict[str, str]) -> Scorecard:
    evidence = evidence_of(
        case,
        "01JZZZZZZZZZZZZZZZZZZZZZZZ",
        told=told,
        recorded=DeskRecord(form=case.form, values=values),
        timings=FINE if case.direction == "in" else FINE.model_copy(update={"ring_s": None}),
        rating=5,
        rating_asked=True,
        outcome="completed",
    )
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence
    return grade(evidence, SCENARIOS[case.scenario].rubric)


def amiss(card: Scorecard) -> dict[str, Verdict]:
    return {
        line.item: line.verdict for line in card.lines if line.verdict is not Verdict.RIGHT and not line.consequential
    }


@given(cases())
@settings(max_examples=60, deadline=None)
def test_a_perfect_record_scores_100(case: Case) -> None:
    told = tellings(case)
    card = graded(case, told, perfect(case, told))
    assert amiss(card) == {}
    assert (card.raw_score, card.score, card.passed) == (100, 100, True)
    assert all(line.clip for line in card.lines if line.item in {field.field for field in case.truth.fields})


def mutated(field: RecordField, value: str, rng: random.Random) -> str:  # noqa: PLR0911 (a kind each)
    """Something else of the same kind, as a person types it."""
    match field.kind:
        case FactKind.PHONE:
            place = rng.randrange(3, len(value))
            return value[:place] + str((int(value[place]) + rng.randint(1, 9)) % 10) + value[place + 1 :]
        case FactKind.NAME:
            place = rng.choice([i for i, c in enumerate(value) if c.isalpha()])
            other = "q" if value.isascii() else "〆霁燊"[rng.randrange(1, 3)]
            return value[:place] + ("z" if value[place].lower() == other else other) + value[place + 1 :]
        case FactKind.DATE:
            day = date.fromisoformat(value)
            return date.fromordinal(day.toordinal() + rng.choice((-9, -1, 1, 8))).isoformat()
        case FactKind.AMOUNT:
            return as_written(field.kind, str(int(value) + rng.choice((-1, 1, 100))))
        case FactKind.COUNT:
            return str(int(value) + rng.choice((1, 2, 10)))
        case FactKind.CHOICE:
            return rng.choice([choice.code for choice in field.choices if choice.code != value])
        case FactKind.POINTS:
            return as_written(field.kind, json.dumps([list(point) for point in point_wordings(value)[1:]]))
        case FactKind.ADDRESS:
            elements = address_elements(value)
            key = rng.choice(
                [key for key in elements if key in ("number", "building", "unit", "room", "road", "street")]
            )
            digits = [i for i, c in enumerate(elements[key]) if c.isdigit()]
            if digits:
                i = rng.choice(digits)
                elements[key] = elements[key][:i] + str(int(elements[key][i]) % 9 + 1) + elements[key][i + 1 :]
            else:
                elements[key] = "Elsewhere Road" if elements[key].isascii() else "别处路"
            return as_written(field.kind, json.dumps(elements))
        case FactKind.TEXT:
            return value[:-1] + ("7" if value[-1] != "7" else "8")


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_one_mistake_is_found_in_exactly_that_line(case: Case, rng: random.Random) -> None:
    told = tellings(case)
    values = perfect(case, told)
    expected = expected_values(case.truth, told)
    name = rng.choice(sorted(values))
    values[name] = mutated(case.truth.field(name), expected[name].value, rng)
    assert amiss(graded(case, told, values)) == {name: Verdict.WRONG}


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_one_field_left_empty_is_missing_and_nothing_else(case: Case, rng: random.Random) -> None:
    told = tellings(case)
    values = perfect(case, told)
    name = rng.choice(sorted(values))
    values[name] = rng.choice(["", " ", "\t"])
    assert amiss(graded(case, told, values)) == {name: Verdict.MISSING}


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_was_never_told_is_not_asked_or_invented_and_never_earns(case: Case, rng: random.Random) -> None:
    told = tellings(case)
    values = perfect(case, told)
    name = rng.choice(sorted({one.key for one in told}))
    untold = tuple(one for one in told if one.key != name)
    guessed = graded(case, untold, values)
    assert amiss(guessed) == {name: Verdict.INVENTED}
    assert line_of(guessed, name).points == 0
    left_out = graded(case, untold, {key: value for key, value in values.items() if key != name})
    assert amiss(left_out)[name] is Verdict.NOT_ASKED
    assert line_of(left_out, name).points == 0
    assert set(amiss(left_out)) <= {name, *(field.field for field in case.truth.fields if name in field.depends_on)}


def line_of(card: Scorecard, name: str) -> Line:
    return next(line for line in card.lines if line.item == name)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_what_was_said_first_is_wrong_once_it_was_corrected(case: Case) -> None:
    changed = [fact for fact in case.truth.facts if fact.first]
    assume(changed)
    told = tellings(case)
    for fact in changed:
        values = perfect(case, told) | {fact.key: as_written(fact.kind, fact.first)}
        card = graded(case, told, values)
        assert amiss(card) == {fact.key: Verdict.WRONG}
        assert line_of(card, fact.key).reason == "told_earlier"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


HAN_COUNT = "零一二三四五六七八九"
Spelling = Callable[[str, RecordField], str]
EVERYWHERE: tuple[Spelling, ...] = (
    lambda text, field: text,
    lambda text, field: f"  {text}\u3000",
    lambda text, field: full_width(text),
    lambda text, field: text + "\u200b",
)
SPELLINGS: dict[FactKind, tuple[Spelling, ...]] = {
    FactKind.PHONE: (
        lambda text, field: f"+86 {text[:3]} {text[3:7]} {text[7:]}",
        lambda text, field: f"0086{text}",
        lambda text, field: "-".join((text[:3], text[3:7], text[7:])),
        lambda text, field: f"({text[:3]}){text[3:]}（本人）",
    ),
    FactKind.NAME: (
        lambda text, field: text.upper(),
        lambda text, field: text.lower(),
        lambda text, field: f"Ms. {text}" if text.isascii() else f"{text}女士",
        lambda text, field: ", ".join(reversed(text.split(" ", 1))) if text.isascii() else " ".join(text),
    ),
    FactKind.DATE: (
        lambda text, field: text.replace("-", "/"),
        lambda text, field: text.replace("-", "."),
        lambda text, field: f"{int(text[5:7])}月{int(text[8:])}号",
        lambda text, field: date.fromisoformat(text).strftime("%B %d, %Y"),
        lambda text, field: f"{(TODAY - date.fromisoformat(text)).days}天前",
        lambda text, field: f"{(TODAY - date.fromisoformat(text)).days} days ago",
    ),
    FactKind.AMOUNT: (
        lambda text, field: f"{float(text):,.2f}",
        lambda text, field: text.removesuffix(".00"),
    ),
    FactKind.COUNT: (
        lambda text, field: HAN_COUNT[int(text)] + "件",
        lambda text, field: f"{text} pcs",
        lambda text, field: f"x{text}",
    ),
    FactKind.CHOICE: (
        lambda text, field: next(c.title["zh-CN"] for c in field.choices if c.code == text),
        lambda text, field: next(c.title["en"] for c in field.choices if c.code == text).upper(),
        lambda text, field: next(c.title["zh-CN"] for c in field.choices if c.code == text) + "。",
    ),
    FactKind.POINTS: (
        lambda text, field: "；".join(reversed(text.split("; "))),
        lambda text, field: "\n".join(text.split("; ")),
        lambda text, field: f"客户说 {text}" if not text.isascii() else f"The customer says: {text}",
        lambda text, field: text.upper(),
    ),
    FactKind.ADDRESS: (
        lambda text, field: text.replace(" ", "  "),
        lambda text, field: text.lower(),
        lambda text, field: text.replace(",", "") if text.isascii() else text.replace("省", "").replace("市", "市 "),
        lambda text, field: text.replace("号楼", "栋").replace("室", ""),
        lambda text, field: text.replace("Road", "Rd.").replace("Street", "St").replace("Avenue", "Ave"),
        lambda text, field: text.replace("Apt", "Apartment"),
    ),
    FactKind.TEXT: (
        lambda text, field: text.upper(),
        lambda text, field: text.lower(),
        lambda text, field: " ".join(text),
    ),
}  # fmt: skip


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_no_way_of_writing_it_changes_a_verdict(case: Case, rng: random.Random) -> None:
    told = tellings(case)
    values = perfect(case, told)
    for name, value in values.items():
        field = case.truth.field(name)
        values[name] = rng.choice((*EVERYWHERE, *SPELLINGS[field.kind]))(value, field)
    card = graded(case, told, values)
    assert amiss(card) == {}, [(line.expected, line.found) for line in card.lines if line.verdict is not Verdict.RIGHT]


@given(cases(), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_compared_without_an_error(case: Case, typed: str) -> None:
    for fact in case.truth.facts:
        field = case.truth.field(fact.key) if fact.key in {f.field for f in case.truth.fields} else None
        if field is not None:
            match = compare(field, fact.value, typed, TODAY, case.language)
            assert 0 <= match.share <= 1
