"""A call without sound: two conversations driven against each other in virtual time.

It shows whether a scenario can be played to its end, what is told in it and about how long it takes.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from datasets.language import Language
from scenarios.case import Case
from scenarios.dialogue import CallerDialogue
from scenarios.facts import Frozen, Told
from scenarios.plans import caller_plan
from scenarios.profiles import Profile
from scenarios.schema import Scenario
from scenarios.students import RobotDialogue, robot_lines, robot_plan
from telephony.useragent.conversation import Action, Conversation, HangUp, Press, Say
from telephony.useragent.hearing import HANGOVER_S, MIN_SPEECH_S

TICK_S = 0.1
LIMIT_S = 600.0
_PER_CHARACTER_S = {"zh-CN": 0.172, "en": 0.062}  # eSpeak NG at its own pace, measured over the library


def speaking_s(text: str, language: Language) -> float:
    """About how long a text takes to be said, in seconds (an estimate from its length)."""
    return _PER_CHARACTER_S[language] * sum(not char.isspace() or language == "en" for char in text)


class Turn(Frozen):
    """One line as it was said; seconds since the answer."""

    who: str
    line: str
    began_s: float
    ended_s: float


class Rehearsal(Frozen):
    """How it went. `ended_by`: `caller`, `robot` or `nobody` (it would have gone on for ever)."""

    turns: tuple[Turn, ...]
    told: tuple[Told, ...]
    asked: tuple[str, ...]
    length_s: float
    ended_by: str
    reason: str
    rating: int | None


@dataclass
class _Party:
    name: str
    conversation: Conversation
    queue: deque[Action] = field(default_factory=deque)
    saying: Say | None = None
    began_s: float = 0.0
    until_s: float = 0.0
    hears_voice: bool = False
    hears_at_s: float | None = None
    hears: list[str] = field(default_factory=list)


def rehearse(
    caller: Conversation,
    robot: Conversation,
    seconds_of: Callable[[str, str], float],
    held: tuple[float, float] = (0, 0),
) -> Rehearsal:
    """Play a call. `seconds_of(who, line id)` is how long a line takes; `held`: (from, to) the caller is on hold."""
    return _Rehearsing(caller, robot, seconds_of, held).play()


class _Rehearsing:
    def __init__(
        self,
        caller: Conversation,
        robot: Conversation,
        seconds_of: Callable[[str, str], float],
        held: tuple[float, float],
    ) -> None:
        self._caller, self._robot = _Party("caller", caller), _Party("robot", robot)
        self._parties = (self._caller, self._robot)
        self._seconds_of = seconds_of
        self._holds = deque((at, stage) for at, stage in zip(held, ("held", "talking"), strict=True) if held[1])
        self._turns: list[Turn] = []
        self._told: list[Told] = []
        self._asked: list[str] = []
        self._rating: int | None = None
        self._hung_up: tuple[str, str, float] | None = None

    def play(self) -> Rehearsal:
        for party in self._parties:
            party.queue.extend(party.conversation.on_answered())
        self._stage("talking", 0.0)
        steps = int(LIMIT_S / TICK_S)
        for step in range(steps):
            now = step * TICK_S
            self._step(now)
            if self._hung_up is not None:
                break
        who, reason, length_s = self._hung_up or ("nobody", "", LIMIT_S)
        if who == "robot":
            self._caller.queue.clear()
            self._caller.queue.extend(self._caller.conversation.on_stage("rated", length_s))
            self._rate()
        return Rehearsal(
            turns=tuple(self._turns),
            told=tuple(self._told),
            asked=tuple(self._asked),
            length_s=length_s,
            ended_by=who,
            reason=reason,
            rating=self._rating,
        )

    def _step(self, now: float) -> None:
        if self._holds and now >= self._holds[0][0]:
            self._stage(self._holds.popleft()[1], now)
        for party in self._parties:
            self._finish(party, now)
            self._listen(party, now)
            if party.hears_at_s is not None and now >= party.hears_at_s:
                heard, party.hears, party.hears_at_s, party.hears_voice = tuple(party.hears), [], None, False
                party.queue.extend(party.conversation.on_turn(heard, now))
            party.queue.extend(party.conversation.on_tick(now))
            self._begin(party, now)

    def _listen(self, party: _Party, now: float) -> None:
        """A voice is noticed when it has lasted for a moment; if it had only paused the turn goes on."""
        other = self._other(party)
        if other.saying is None or now - other.began_s < MIN_SPEECH_S:
            return
        if not party.hears_voice or party.hears_at_s is not None:
            party.hears_voice, party.hears_at_s = True, None
            party.queue.extend(party.conversation.on_heard(now))

    def _other(self, party: _Party) -> _Party:
        return self._robot if party is self._caller else self._caller

    def _stage(self, stage: str, now: float) -> None:
        for party in self._parties:
            if stage != "talking":
                self._break_off(party, now)
            party.queue.extend(party.conversation.on_stage(stage, now))

    def _break_off(self, party: _Party, now: float) -> None:
        """As `telephony.useragent.session` does: what the other side does not hear is not said."""
        unsaid = [action for action in party.queue if isinstance(action, Say)]
        party.queue = deque(action for action in party.queue if not isinstance(action, Say))
        if party.saying is not None:
            unsaid.insert(0, party.saying)
            party.saying = None
        for say in unsaid:
            party.queue.extend(party.conversation.on_unsaid(say.line, now))

    def _finish(self, party: _Party, now: float) -> None:
        if party.saying is None or now < party.until_s:
            return
        said, party.saying = party.saying, None
        self._turns.append(Turn(who=party.name, line=said.line, began_s=party.began_s, ended_s=party.until_s))
        if party is self._caller:
            self._told += [
                Told(key=key, value=value, line=said.line, began_s=party.began_s, ended_s=party.until_s)
                for key, value in said.facts.items()
            ]
        else:
            self._asked += said.intents
        party.queue.extend(party.conversation.on_said(said.line, now))
        other = self._other(party)
        other.hears.extend(said.intents)
        if not any(isinstance(action, Say) for action in party.queue):
            other.hears_at_s = now + HANGOVER_S

    def _begin(self, party: _Party, now: float) -> None:
        while party.queue and party.saying is None and self._hung_up is None:
            action = party.queue.popleft()
            if isinstance(action, Say):
                party.saying, party.began_s = action, now
                party.until_s = now + self._seconds_of(party.name, action.line)
            elif isinstance(action, HangUp):
                self._hung_up = (party.name, action.reason, now)

    def _rate(self) -> None:
        for action in self._caller.queue:
            if isinstance(action, Press) and action.digits.isdecimal():
                self._rating = int(action.digits)


def rehearse_case(
    scenario: Scenario, case: Case, profile: Profile, held: tuple[float, float] = (0, 0)
) -> tuple[Rehearsal, dict[str, str]]:
    """A drawn case played against a robot of that profile, and the texts of both, by `who:line`."""
    texts = {f"caller:{line.id}": line.text for line in case.lines}
    robot = robot_lines(scenario, case.language, profile)
    texts |= {f"robot:{line_id}": text for line_id, text in robot.items()}
    wavs = {line.id: f"{line.id}.wav" for line in case.lines}
    played = rehearse(
        CallerDialogue.from_plan(caller_plan(case, wavs, case.id)),
        RobotDialogue.from_plan(robot_plan(scenario, case, profile, {name: f"{name}.wav" for name in robot}, case.id)),
        lambda who, line: (
            speaking_s(texts[f"{who}:{line}"], case.language) / (case.speech_rate if who == "caller" else 1)
        ),
        held,
    )
    return played, texts
