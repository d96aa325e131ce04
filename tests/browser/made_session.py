"""A made-up session for looking at reports: drawn cases, robots' records, real scorecards, beeps instead of voices."""

import random
import wave
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np

from datasets.language import Language
from grading.evidence import DeskRecord, Timings, evidence_of
from grading.scorecard import Scorecard, grade
from lab_server.report.model import (
    AgentPart,
    CallPart,
    EnginePart,
    LegPart,
    LinePart,
    RecordingPart,
    SessionPart,
    SessionReport,
)
from scenarios.case import Case
from scenarios.dialogue import CallerDialogue
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.plans import caller_plan
from scenarios.profiles import PROFILES, Profile
from scenarios.recording import record
from scenarios.rehearsal import Rehearsal, rehearse, speaking_s
from scenarios.students import RobotDialogue, robot_lines, robot_plan

RATE = 8000
BEGAN = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
SCENARIOS = library()


def made_session(folder: Path, language: Language, calls: int = 12, agents: int = 4) -> SessionReport:
    """A session whose recordings are written below `folder`; the report's paths are relative to `folder`."""
    rng = random.Random(7)
    profiles = list(PROFILES.values())
    seats = [(str(1001 + index), profiles[index % len(profiles)]) for index in range(agents)]
    made = []
    for index, name, (seat, profile) in zip(range(calls), cycle(SCENARIOS), cycle(seats), strict=False):
        case = draw_case(SCENARIOS[name], language, 7, index, date(2026, 11, 20))
        began = BEGAN + timedelta(seconds=11 * index + rng.uniform(0, 9))
        made.append(_call(case, seat, profile, began, folder, rng))
    made.append(_lost(language, made[0], BEGAN + timedelta(seconds=75)))
    made.append(_broken(made[1], BEGAN + timedelta(seconds=80)))
    made.sort(key=lambda call: call.offered_at)
    return SessionReport(
        session=SessionPart(
            id="01JD3ZC5V8Q2W4N6T8Y0B2D4F6",
            name={"zh-CN": "周五上午 客服实训二班", "en": "Friday morning, class 2"}[language],
            site={"zh-CN": "呼叫中心实训室", "en": "Call-centre lab"}[language],
            language=language,
            seed=7,
            started_at=BEGAN,
            ended_at=max(call.ended_at for call in made if call.ended_at),
            time_zone="Asia/Shanghai",
        ),
        engine=EnginePart(asterisk="22.10.1", speech="espeak-ng 1.52"),
        calls=made,
        agents=[AgentPart(seat=seat, robot=True, profile=profile.name) for seat, profile in seats],
    )


def _call(case: Case, seat: str, profile: Profile, began: datetime, folder: Path, rng: random.Random) -> CallPart:
    contact = f"01JD3ZC5V8Q2W4N6T8Y0B2D{case.index:03}"
    scenario = SCENARIOS[case.scenario]
    texts = robot_lines(scenario, case.language, profile)
    caller = CallerDialogue.from_plan(caller_plan(case, {line.id: "x.wav" for line in case.lines}, contact))
    robot = RobotDialogue.from_plan(robot_plan(scenario, case, profile, dict.fromkeys(texts, "x.wav"), contact))
    spoken = {("caller", line.id): line.text for line in case.lines} | {("robot", key): t for key, t in texts.items()}
    call = rehearse(caller, robot, lambda who, line: speaking_s(spoken[who, line], case.language))
    waited = rng.uniform(0.5, 14) if case.direction == "in" else None
    rating = call.rating
    recorded = record(case, call.told, profile, rng)
    timings = Timings(
        ring_s=profile.answer_after_s if case.direction == "in" else None,
        talk_s=call.length_s,
        hold_s=0,
        wrap_s=profile.wrap_s,
    )
    evidence = evidence_of(
        case,
        contact,
        told=call.told,
        recorded=DeskRecord(form=recorded.form, values=recorded.values),
        timings=timings,
        rating=rating,
        rating_asked=True,
        outcome="served",
    )
    card = grade(evidence, scenario.rubric)
    offset = 1.5
    base = folder / "recordings" / contact
    _beeps(base / "customer.wav", call, "caller")
    _beeps(base / "agent-1.wav", call, "robot", offset)
    answered = began + timedelta(seconds=(waited or 3) + 2)
    ended = answered + timedelta(seconds=call.length_s)
    paths = {leg: f"recordings/{contact}/{leg}.wav" for leg in ("customer", "agent-1")}
    return CallPart(
        id=contact,
        scenario=case.scenario,
        scenario_title=case.title,
        direction=case.direction,
        caller_number=case.caller_number,
        caller_name=case.person.name,
        agent=seat,
        robot=True,
        profile=profile.name,
        offered_at=began,
        answered_at=answered,
        ended_at=ended,
        wait_s=waited,
        ring_s=timings.ring_s,
        talk_s=round(call.length_s, 1),
        hold_s=0,
        wrap_s=profile.wrap_s,
        outcome="served",
        ended_by={"robot": "agent", "caller": "caller"}.get(call.ended_by, "system"),
        rating=rating,
        recording=RecordingPart(caller=paths["customer"], agent=paths["agent-1"]),
        legs=[
            LegPart(name="customer", role="customer", recording=paths["customer"], started_at=began),
            LegPart(name="agent-1", role="agent", agent=seat, recording=paths["agent-1"], offset_s=offset),
        ],
        **_scores(card, case.language),
    )


def _scores(card: Scorecard, language: Language) -> dict[str, object]:
    titles = {line.item: line.title[language] for line in card.lines}
    lines = [
        LinePart.model_validate(line.model_dump(mode="json") | {"title": titles[line.item]}) for line in card.lines
    ]
    return {
        "score": card.score,
        "raw_score": card.raw_score,
        "passed": card.passed,
        "critical_failures": [titles[item] for item in card.critical_failures],
        "not_applicable": list(card.not_applicable),
        "lines": lines,
    }


def _beeps(file: Path, call: Rehearsal, who: str, offset_s: float = 0.0) -> None:
    """A tone wherever that party speaks; the caller's is higher."""
    samples = np.zeros(int((call.length_s + 3) * RATE), dtype=np.int16)
    for turn in call.turns:
        if turn.who == who:
            length = int((turn.ended_s - turn.began_s) * RATE)
            tone = 6000 * np.sin(2 * np.pi * (440 if who == "caller" else 300) * np.arange(length) / RATE)
            begin = max(0, int((turn.began_s - offset_s) * RATE))
            samples[begin : begin + length] = tone[: max(0, len(samples) - begin)].astype(np.int16)
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.tobytes())


_BARE = {
    "answered_at": None, "talk_s": None, "hold_s": None, "wrap_s": None, "ring_s": None, "rating": None, "lines": [],
    "score": None, "raw_score": None, "passed": None, "critical_failures": [], "legs": [], "recording": RecordingPart(),
}  # fmt: skip


def _lost(language: Language, like: CallPart, at: datetime) -> CallPart:
    """A caller who gave up in the queue."""
    lost = {"id": "01JD3ZC5V8Q2W4N6T8Y0B2DLST", "agent": None, "robot": False, "profile": "", "outcome": "abandoned"}
    ended = {"offered_at": at, "ended_at": at + timedelta(seconds=41), "wait_s": 38.2, "ended_by": "caller"}
    return like.model_copy(
        update=_BARE | lost | ended | {"caller_name": {"zh-CN": "丁雨桐", "en": "Ada <b>Lark</b>"}[language]}
    )


def _broken(like: CallPart, at: datetime) -> CallPart:
    """A call the switch lost."""
    broken = {"id": "01JD3ZC5V8Q2W4N6T8Y0B2DBRK", "outcome": "broken", "ended_by": "system"}
    times = {"offered_at": at, "answered_at": at + timedelta(seconds=6), "ended_at": at + timedelta(seconds=19)}
    return like.model_copy(update=_BARE | broken | times | {"wait_s": 4.0, "talk_s": 13.0})
