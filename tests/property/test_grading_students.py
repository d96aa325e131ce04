"""Robot students against the grading: every mistake one makes is found with its verdict, and no other."""

import random
from datetime import date
from itertools import count

import pytest

from datasets.language import LANGUAGES, Language
from grading.evidence import DeskRecord, Timings, evidence_of
from grading.line import Verdict
from grading.scorecard import Scorecard, grade
from scenarios.case import Case
from scenarios.facts import Told
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.profiles import PROFILES, Profile, ProfileName
from scenarios.record import Recorded
from scenarios.recording import record
from scenarios.schema import LineRole
from scenarios.students import asks_of

SCENARIOS = library()
TODAY = date(2026, 11, 20)
SEEDS = 50


def tellings(case: Case, profile: Profile) -> tuple[Told, ...]:
    """What the caller tells a robot of that profile: the opening, then the answers to what it asks."""
    asked = {ask.intent for ask in asks_of(case, profile)}
    said = [line for line in case.lines if line.role == LineRole.OPENING or asked & set(line.answers)]
    told: list[Told] = []
    clock = count(0, 4)
    for line in said:
        for spoken in (line, *(addition for addition in case.lines if addition.follows == line.id)):
            at = next(clock)
            told += [
                Told(key=key, value=value, line=spoken.id, began_s=at, ended_s=at + 3)
                for key, value in spoken.facts.items()
            ]
    return tuple(told)


def graded(case: Case, profile: Profile, seed: int) -> tuple[Recorded, Scorecard]:
    told = tellings(case, profile)
    recorded = record(case, told, profile, random.Random(seed))
    evidence = evidence_of(
        case,
        "01JZZZZZZZZZZZZZZZZZZZZZZZ",
        told=told,
        recorded=DeskRecord(form=recorded.form, values=recorded.values),
        timings=Timings(
            ring_s=None if case.direction == "out" else profile.answer_after_s,
            talk_s=60,
            hold_s=0,
            wrap_s=profile.wrap_s,
        ),
        rating=5,
        rating_asked=True,
        outcome="completed",
    )
    return recorded, grade(evidence, SCENARIOS[case.scenario].rubric)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_mistake_is_found_with_its_verdict_and_no_other(
    scenario: str, language: Language, profile: ProfileName
) -> None:
    for seed in range(SEEDS):
        case = draw_case(SCENARIOS[scenario], language, seed, seed % 7, TODAY)
        recorded, card = graded(case, PROFILES[profile], seed)
        made = {one.field: (one.verdict_expected, one.consequential) for one in recorded.mistakes}
        fields = {field.field for field in case.truth.fields}
        found = {
            line.item: (line.verdict.value, line.consequential)
            for line in card.lines
            if line.item in fields and line.verdict is not Verdict.RIGHT
        }
        assert found == made, (
            case.id,
            recorded,
            [line for line in card.lines if line.item in found.keys() ^ made.keys()],
        )
        if profile == "perfect":
            assert (card.raw_score, card.score, card.passed) == (100, 100, True), case.id


def test_slow_loses_only_by_its_slowness() -> None:
    case = draw_case(SCENARIOS["order"], "en", 1, 0, TODAY)
    _, card = graded(case, PROFILES["slow"], 1)
    assert [line.item for line in card.lines if line.verdict is not Verdict.RIGHT] == ["answer_speed"]
