"""A conversation on a line that exists only in memory: order of actions, turns, times."""

from collections.abc import Sequence

from telephony.useragent.conversation import Action, HangUp, Press, Say
from telephony.useragent.script import ScriptedConversation
from telephony.useragent.session import Said, Session

HELLO = Say(line="hello", wav="2.0", intents=("greet",))
NAME = Say(line="name", wav="1.0", facts={"name": "Wang"})


class PaperLine:
    """Notes what is done to it; a file's name is its length in seconds."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.loud = 0

    def play(self, wav: str) -> float:
        self.done.append(f"play {wav}")
        return float(wav)

    def stop(self) -> None:
        self.done.append("stop")

    def press(self, digits: str) -> None:
        self.done.append(f"press {digits}")

    def level(self) -> int:
        return self.loud

    def hang_up(self) -> None:
        self.done.append("hang up")


class Parrot:
    """Answers each event with what it was given for it, and notes the events."""

    def __init__(self, **answers: Sequence[Action]) -> None:
        self.answers = answers
        self.events: list[tuple[object, ...]] = []

    def _answer(self, name: str, *event: object) -> Sequence[Action]:
        self.events.append((name, *event))
        return self.answers.get(name, ())

    def on_answered(self) -> Sequence[Action]:
        return self._answer("answered")

    def on_stage(self, stage: str, now_s: float) -> Sequence[Action]:
        return self._answer("stage", stage)

    def on_heard(self, now_s: float) -> Sequence[Action]:
        return self._answer("heard", round(now_s, 2))

    def on_turn(self, heard: Sequence[str], now_s: float) -> Sequence[Action]:
        return self._answer("turn", tuple(heard), round(now_s, 2))

    def on_said(self, line: str, now_s: float) -> Sequence[Action]:
        return self._answer("said", line)

    def on_unsaid(self, line: str, now_s: float) -> Sequence[Action]:
        return self._answer("unsaid", line)

    def on_tick(self, now_s: float) -> Sequence[Action]:
        return ()


class Table:
    """A session with its line, its reports and its time."""

    def __init__(self, conversation: Parrot, stage: str = "talking") -> None:
        self.conversation = conversation
        self.line = PaperLine()
        self.said: list[Said] = []
        self.session = Session(conversation, self.line, self.said.append, stage)
        self.now_s = 0.0
        self.session.answered()

    def pass_time(self, seconds: float, loud: int = 0) -> None:
        self.line.loud = loud
        for _ in range(round(seconds / 0.01)):
            self.now_s = round(self.now_s + 0.01, 2)
            self.session.turn(self.now_s)

    @property
    def turns(self) -> list[tuple[object, ...]]:
        return [event for event in self.conversation.events if event[0] == "turn"]


def test_actions_are_done_one_after_the_other() -> None:
    table = Table(Parrot(answered=[HELLO, Press(digits="12", after_s=0.3), NAME, HangUp(reason="done")]))
    table.pass_time(2.2)
    assert table.line.done == ["play 2.0", "stop"]
    table.pass_time(0.2)
    assert table.line.done[-1] == "press 12"
    table.pass_time(2.0)
    assert table.line.done == ["play 2.0", "stop", "press 12", "play 1.0", "stop", "hang up"]
    assert table.session.hang_up_reason == "done"
    assert [(s.say.line, round(s.began_s, 2), round(s.ended_s, 2), s.cut) for s in table.said] == [
        ("hello", 0.01, 2.01, False),
        ("name", 2.81, 3.81, False),
    ]


def test_a_turn_comes_with_what_was_told_from_the_side() -> None:
    table = Table(Parrot())
    table.pass_time(1.0, loud=80)
    table.session.told(["ask_name"], table.now_s)
    table.session.told(["ask_phone"], table.now_s)
    table.pass_time(1.0)
    assert [turn[1] for turn in table.turns] == [("ask_name", "ask_phone")]
    table.pass_time(1.0, loud=80)
    table.pass_time(1.0)
    assert [turn[1] for turn in table.turns] == [("ask_name", "ask_phone"), ()]


def test_the_conversation_is_told_when_the_other_side_begins_to_speak_and_when_a_pause_was_none() -> None:
    table = Table(Parrot(), stage="queued")
    table.pass_time(1.0, loud=80)
    table.session.stage_changed("talking", table.now_s)
    table.pass_time(1.0)
    table.pass_time(2.0, loud=80)
    table.pass_time(0.45)
    table.pass_time(2.0, loud=80)
    table.pass_time(1.0)
    heard = [event for event in table.conversation.events if event[0] in ("heard", "turn")]
    assert [event[0] for event in heard] == ["heard", "heard", "turn"]
    assert 2.2 <= float(str(heard[0][1])) <= 2.3


def test_late_intents_are_waited_for_300_ms_and_no_longer() -> None:
    table = Table(Parrot())
    table.pass_time(1.0, loud=80)
    table.pass_time(0.5)
    assert table.turns == []
    table.session.told(["ask_name"], table.now_s)
    table.pass_time(0.02)
    assert [turn[1] for turn in table.turns] == [("ask_name",)]
    table.pass_time(1.0, loud=80)
    table.pass_time(0.75)
    assert [turn[1] for turn in table.turns] == [("ask_name",), ()]


def test_a_word_too_short_for_speech_counts_when_it_meant_something() -> None:
    table = Table(Parrot())
    table.pass_time(0.5)
    table.pass_time(0.1, loud=80)
    table.session.told(["yes"], table.now_s)
    table.pass_time(0.7)
    assert [turn[1] for turn in table.turns] == [("yes",)]


def test_intents_without_any_sound_are_no_turn() -> None:
    table = Table(Parrot())
    table.session.told(["ask_name"], 0.0)
    table.pass_time(3.0)
    assert table.turns == []


def test_music_and_prompts_are_nobody_speaking() -> None:
    table = Table(Parrot(), stage="queued")
    table.pass_time(5.0, loud=80)
    table.pass_time(1.0)
    table.session.stage_changed("talking", table.now_s)
    table.session.stage_changed("talking", table.now_s)
    assert table.turns == []
    table.pass_time(1.0, loud=80)
    table.pass_time(1.0)
    assert len(table.turns) == 1
    assert [event for event in table.conversation.events if event[0] == "stage"] == [("stage", "talking")]


def test_music_that_is_cut_off_by_the_agent_is_not_the_agents_turn() -> None:
    table = Table(Parrot(), stage="queued")
    table.pass_time(5.0, loud=80)
    table.session.stage_changed("talking", table.now_s)
    table.pass_time(2.0)
    assert table.turns == []


def test_a_line_waits_until_the_other_side_has_finished() -> None:
    table = Table(Parrot(turn=[NAME]))
    table.pass_time(1.0, loud=80)
    table.session._do([HELLO])
    table.pass_time(1.0, loud=80)
    assert table.line.done == []
    table.pass_time(0.6)
    assert table.line.done == ["play 2.0"]


def test_a_line_does_not_wait_for_ever() -> None:
    table = Table(Parrot())
    table.pass_time(1.0, loud=80)
    table.session._do([HELLO])
    table.pass_time(4.1, loud=80)
    assert table.line.done == ["play 2.0"]


def test_the_other_side_speaking_does_not_stop_a_line_but_its_turn_is_heard() -> None:
    table = Table(Parrot(answered=[HELLO], turn=[NAME]))
    table.pass_time(0.5)
    table.pass_time(0.5, loud=80)
    table.pass_time(3.0)
    assert table.line.done == ["play 2.0", "stop", "play 1.0", "stop"]


def test_a_call_that_ends_in_a_line_reports_it_as_cut() -> None:
    table = Table(Parrot(answered=[HELLO]))
    table.pass_time(0.8)
    table.session.ended(0.8)
    table.session.ended(0.9)
    assert [(s.say.line, s.ended_s, s.cut) for s in table.said] == [("hello", 0.8, True)]
    assert ("said", "hello") not in table.conversation.events


def test_what_the_other_side_does_not_stay_for_is_not_said() -> None:
    table = Table(Parrot(answered=[HELLO, NAME], stage=[Press(digits="5")]))
    table.pass_time(0.8)
    table.session.stage_changed("rated", table.now_s)
    table.pass_time(3.0)
    assert table.line.done == ["play 2.0", "stop", "press 5"]
    assert [(s.say.line, s.ended_s, s.cut) for s in table.said] == [("hello", 0.8, True)]
    told = [event for event in table.conversation.events if event[0] in ("said", "unsaid")]
    assert told == [("unsaid", "hello"), ("unsaid", "name")]


def test_put_on_hold_it_breaks_off_and_the_conversation_knows_that_nothing_was_told() -> None:
    table = Table(Parrot(answered=[HELLO, NAME]))
    table.pass_time(0.8)
    table.session.stage_changed("held", table.now_s)
    table.pass_time(3.0)
    assert table.line.done == ["play 2.0", "stop"]
    assert [(s.say.line, s.cut) for s in table.said] == [("hello", True)]
    assert table.conversation.events[-3:] == [("unsaid", "hello"), ("unsaid", "name"), ("stage", "held")]


def test_a_script_says_again_what_a_hold_broke_off() -> None:
    plan = {"part": "script", "begin": "talking", "steps": [{"say": HELLO.model_dump()}, {"say": NAME.model_dump()}]}
    table = Table(ScriptedConversation.from_plan(plan), stage="")  # type: ignore[arg-type]  # not one that notes events
    table.session.stage_changed("talking", table.now_s)
    table.pass_time(2.5)
    table.session.stage_changed("held", table.now_s)
    table.pass_time(5.0)
    table.session.stage_changed("talking", table.now_s)
    table.pass_time(2.0)
    assert [(s.say.line, s.cut) for s in table.said] == [("hello", False), ("name", True), ("name", False)]


def test_after_hanging_up_nothing_is_said() -> None:
    table = Table(Parrot(answered=[HangUp(reason="angry"), HELLO]))
    table.pass_time(1.0)
    assert table.line.done == ["hang up"]
