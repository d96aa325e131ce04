"""A robot student on the phone: it greets, asks what the talk script asks, closes and hangs up.

It cannot listen: it goes on when the caller has stopped speaking. What it then records is `scenarios.recording`.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from datasets.language import Language
from scenarios.case import Case, RobotAsk
from scenarios.checks import CLOSE, CURT, GREET
from scenarios.errors import PlanError
from scenarios.facts import Frozen
from scenarios.profiles import Profile, ProfileName
from scenarios.schema import LineRole, Scenario
from telephony.useragent.conversation import LONGEST_TURN_S, Action, HangUp, Say

WAITS_FOR_CALLER_S = {"in": 8.0, "out": 2.5}  # before it speaks to a customer who says nothing
ASKS_AGAIN_S = 6.0  # of silence: its question or the answer was lost; before the caller gets impatient
HANGS_UP_AFTER_CLOSE_S = 4.0
LONGEST_LINE_S = 20.0


class RobotLine(Frozen):
    """Something to say; `id` names its sound, `intents` what it means."""

    id: str
    text: str = ""
    wav: str = ""
    intents: tuple[str, ...]


class RobotPlan(Frozen):
    """One robot's part in one call; seconds. `answer_after_s` is how long its phone rings."""

    part: Literal["robot"] = "robot"
    contact: str
    profile: ProfileName
    direction: Literal["in", "out"]
    answer_after_s: float
    pause_s: float
    lines: tuple[RobotLine, ...]


def robot_lines(scenario: Scenario, language: Language, profile: Profile) -> dict[str, str]:
    """Every text such a robot may say: line id → text, to be synthesised once for all its calls."""
    return {line.id: line.text for line in _script(scenario, language, profile)}


def robot_plan(
    scenario: Scenario, case: Case, profile: Profile, wavs: Mapping[str, str], contact: str
) -> dict[str, Any]:
    """The plan of the robot that takes this case, JSON-able: the same case and profile skip the same questions.

    `wavs`: line id (of `robot_lines`) → path. `PlanError` names the lines without a sound.
    """
    due = {GREET, CLOSE, *(ask.intent for ask in asks_of(case, profile))}
    lines = [line for line in _script(scenario, case.language, profile) if line.intents[0] in due]
    missing = [line.id for line in lines if line.id not in wavs]
    if missing:
        raise PlanError(f"no sound for the robot's lines {', '.join(missing)}; synthesise all of robot_lines")
    plan = RobotPlan(
        contact=contact,
        profile=profile.name,
        direction=case.direction,
        answer_after_s=profile.answer_after_s,
        pause_s=profile.pause_s,
        lines=tuple(line.model_copy(update={"wav": str(wavs[line.id]), "text": ""}) for line in lines),
    )
    return plan.model_dump(mode="json")


def asks_of(case: Case, profile: Profile) -> tuple[RobotAsk, ...]:
    """The questions this robot asks in this case: those that are due by the case's truth, less those it skips."""
    rng = random.Random(f"{case.id}/{profile.name}/asks")  # noqa: S311 (a class, not a secret)
    drawn = [(ask, rng.random()) for ask in case.asks]
    return tuple(ask for ask, chance in drawn if _is_due(ask, case) and chance >= profile.skip_ask)


def _is_due(ask: RobotAsk, case: Case) -> bool:
    if ask.when is None:
        return True
    fact = case.truth.fact(ask.when.fact)
    if fact is None:
        return False
    return bool(fact.first) if ask.when.changed else fact.value in ask.when.among


def _script(scenario: Scenario, language: Language, profile: Profile) -> list[RobotLine]:
    """A curt robot does not greet those who call; whom it calls itself it must tell who it is."""
    lines = []
    for line in scenario.agent.lines:
        if profile.curt and line.intent == GREET and scenario.direction == "in":
            continue
        curt = line.curt.get(language, "") if profile.curt else ""
        intents = (line.intent, CURT) if curt else (line.intent,)
        name = f"{line.intent}_curt" if curt else line.intent
        lines.append(RobotLine(id=name, text=curt or line.says[language], intents=intents))
    return lines


class RobotDialogue:
    """Implements `telephony.useragent.conversation.Conversation` for a robot student."""

    def __init__(self, plan: RobotPlan) -> None:
        self._pause_s = plan.pause_s
        self._waits_s = WAITS_FOR_CALLER_S[plan.direction]
        self._lines = list(plan.lines)
        self._speaks_first = plan.direction == "in" and plan.lines[0].intents[0] == GREET
        self._next = 0
        self._talking = False
        self._playing = False
        self._quiet_since = 0.0
        self._they_speak_until = 0.0  # at the latest; 0 while they are silent
        self._due_at: float | None = None
        self._asked_twice = False
        self._held = False
        self._gone = False

    @classmethod
    def from_plan(cls, plan: Mapping[str, Any]) -> "RobotDialogue":
        """The dialogue of a plan as `robot_plan` writes it. `PlanError` says what is wrong with it."""
        try:
            read = RobotPlan.model_validate(plan)
        except ValidationError as error:
            raise PlanError(f"not a robot's plan: {error}") from error
        if not read.lines:
            raise PlanError("a robot's plan without a line: it needs at least its close")
        return cls(read)

    def on_answered(self) -> Sequence[Action]:
        """The phone was picked up; the customer is not there yet."""
        return ()

    def on_stage(self, stage: str, now_s: float) -> Sequence[Action]:
        """Begins when the customer is there, stops when the contact has ended."""
        self._they_speak_until = 0.0
        if stage in ("rated", "ended"):
            self._gone = True
        back, self._held = self._held, stage == "held"
        if stage == "talking" and back:
            self._quiet_since = now_s
        if stage != "talking" or self._talking or self._gone:
            return ()
        self._talking, self._quiet_since = True, now_s
        if self._speaks_first:
            self._due_at = now_s + min(self._pause_s, 1.0)
        return self.on_tick(now_s)

    def on_heard(self, now_s: float) -> Sequence[Action]:
        """The caller has begun to speak: whatever the robot was waiting to say waits on."""
        self._they_speak_until = now_s + LONGEST_TURN_S
        return ()

    def on_turn(self, heard: Sequence[str], now_s: float) -> Sequence[Action]:
        """The caller has finished: on with the next line, after a pause. "Are you there?" is no answer."""
        self._quiet_since, self._they_speak_until = now_s, 0.0
        if not self._talking or self._playing or self._due_at is not None:
            return ()
        if LineRole.WAITING in heard and 0 < self._next < len(self._lines) and not self._asked_twice:
            return self._ask_again(now_s)
        self._due_at = now_s + self._pause_s
        return self.on_tick(now_s)

    def on_said(self, line: str, now_s: float) -> Sequence[Action]:
        """Our line has ended; after a curt close nobody waits for an answer."""
        self._playing = False
        self._quiet_since = now_s
        closed_curtly = self._next >= len(self._lines) and CURT in self._lines[-1].intents
        return self._hang_up() if closed_curtly else ()

    def on_unsaid(self, line: str, now_s: float) -> Sequence[Action]:
        """Our line was broken off, or not begun: it is the next one again, when the customer is back."""
        self._playing = False
        self._quiet_since = self._due_at = now_s
        self._next = max(0, self._next - 1)
        return ()

    def on_tick(self, now_s: float) -> Sequence[Action]:
        """Pauses end, and so does waiting for an answer that does not come."""
        if self._gone or self._held or not self._talking:
            return ()
        if now_s < self._they_speak_until or (self._playing and now_s - self._quiet_since < LONGEST_LINE_S):
            return ()
        self._playing = False
        silence = now_s - max(self._quiet_since, self._they_speak_until)
        if self._due_at is not None:
            return self._go_on(now_s) if now_s >= self._due_at else ()
        return self._still_nothing(silence, now_s)

    def _still_nothing(self, silence: float, now_s: float) -> Sequence[Action]:
        if self._next == 0:
            return self._go_on(now_s) if silence > self._waits_s else ()
        if self._next >= len(self._lines):
            return self._hang_up() if silence > HANGS_UP_AFTER_CLOSE_S else ()
        if silence <= ASKS_AGAIN_S:
            return ()
        return self._go_on(now_s) if self._asked_twice else self._ask_again(now_s)

    def _ask_again(self, now_s: float) -> Sequence[Action]:
        self._asked_twice = True
        return self._say(self._lines[self._next - 1], now_s)

    def _go_on(self, now_s: float) -> Sequence[Action]:
        self._due_at, self._asked_twice = None, False
        if self._next >= len(self._lines):
            return self._hang_up()
        self._next += 1
        return self._say(self._lines[self._next - 1], now_s)

    def _say(self, line: RobotLine, now_s: float) -> Sequence[Action]:
        self._playing, self._quiet_since = True, now_s
        return (Say(line=line.id, wav=line.wav, intents=line.intents),)

    def _hang_up(self) -> Sequence[Action]:
        self._gone = True
        return (HangUp(reason="done"),)
