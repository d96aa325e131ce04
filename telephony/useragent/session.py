"""One party's conversation on one call: actions go out in their order, what is heard comes in as turns."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from telephony.useragent.conversation import Action, Conversation, HangUp, Press, Say
from telephony.useragent.hearing import Hearing

LISTEN_EVERY_S = 0.04
TICK_EVERY_S = 0.2
LATE_INTENTS_S = 0.3
DIGIT_S = 0.25
POLITE_S = 4.0  # so long a line waits for the other side to let us speak
log = logging.getLogger(__name__)


class Line(Protocol):
    """What a session needs of a call."""

    def play(self, wav: str) -> float:
        """Begin to play a file to the other side; its length in seconds."""
        ...

    def stop(self) -> None:
        """Play no more."""
        ...

    def press(self, digits: str) -> None: ...

    def level(self) -> int:
        """How loud the other side is: 0 to 127."""
        ...

    def hang_up(self) -> None: ...


@dataclass(frozen=True)
class Said:
    """A line as it was said, in seconds since the answer."""

    say: Say
    began_s: float
    ended_s: float
    cut: bool


@dataclass
class _Saying:
    say: Say
    began_s: float
    until_s: float


class Session:
    """Turn it with `turn(now_s)` about every 10 ms; times are seconds since the answer. `on_said` hears of each line.

    Only in the stage `talking` does sound count as a turn: music, greetings and prompts are nobody speaking. If the
    other side begins to speak while a line is played, the line goes on; put on hold, or when the talk is over, we break
    off: whoever hears nothing of it was told nothing.
    """

    def __init__(
        self, conversation: Conversation, line: Line, on_said: Callable[[Said], None], stage: str = ""
    ) -> None:
        self.stage = stage
        self.hang_up_reason: str | None = None
        self._conversation = conversation
        self._line = line
        self._report = on_said
        self._queue: deque[Action] = deque()
        self._saying: _Saying | None = None
        self._press_at_s: float | None = None
        self._free_at_s = 0.0
        self._hearing = Hearing()
        self._intents: list[str] = []
        self._turn_due_s: float | None = None
        self._turned_s = 0.0
        self._wait_until_s: float | None = None
        self._listen_at_s = 0.0
        self._tick_at_s = TICK_EVERY_S

    def answered(self) -> None:
        self._do(self._conversation.on_answered())

    def stage_changed(self, stage: str, now_s: float) -> None:
        """The floor tells the stage; told twice, it counts once."""
        if stage == self.stage:
            return
        if self.stage == "talking":
            self._break_off(now_s)
        self.stage = stage
        self._hearing.reset()
        self._turn_due_s = None
        self._turned_s = now_s
        self._do(self._conversation.on_stage(stage, now_s))

    def told(self, intents: Sequence[str], now_s: float) -> None:
        """What the other side's line meant, told from the side."""
        self._intents.extend(intents)
        if self._turn_due_s is not None:
            self._turn_due_s = now_s

    def turn(self, now_s: float) -> None:
        """Do what is due."""
        if self.hang_up_reason is not None:
            return
        self._listen(now_s)
        self._take_turn(now_s)
        if now_s >= self._tick_at_s:
            self._tick_at_s = now_s + TICK_EVERY_S
            self._do(self._conversation.on_tick(now_s))
        self._act(now_s)

    def ended(self, now_s: float) -> None:
        """The call is over: a line that was being said was cut."""
        saying, self._saying = self._saying, None
        if saying is not None:
            self._report(Said(saying.say, saying.began_s, max(saying.began_s, min(now_s, saying.until_s)), cut=True))

    def _break_off(self, now_s: float) -> None:
        """The other side does not hear us any more: nothing of what is left may count as told."""
        unsaid = [action.line for action in self._queue if isinstance(action, Say)]
        self._queue = deque(action for action in self._queue if not isinstance(action, Say))
        if self._saying is not None:
            unsaid.insert(0, self._saying.say.line)
            self._line.stop()
            self.ended(now_s)
        for line in unsaid:
            self._do(self._conversation.on_unsaid(line, now_s))

    def _do(self, actions: Sequence[Action]) -> None:
        self._queue.extend(actions)

    def _listen(self, now_s: float) -> None:
        if now_s < self._listen_at_s:
            return
        self._listen_at_s = now_s + LISTEN_EVERY_S
        heard = self._hearing.feed(self._line.level(), now_s)
        if self.stage != "talking":
            return
        if heard == "stopped":
            self._turn_due_s = now_s + (0.0 if self._intents else LATE_INTENTS_S)
        elif heard == "started":
            self._turn_due_s = None  # it was only a pause: the turn goes on
            self._do(self._conversation.on_heard(now_s))
        elif self._intents and self._turn_due_s is None and self._word_was_heard(now_s):
            self._turn_due_s = now_s

    def _word_was_heard(self, now_s: float) -> bool:
        """A word too short to count as speech, but we were told that it meant something."""
        last_s = self._hearing.last_loud_s
        return not self._hearing.speaking and last_s > self._turned_s and now_s - last_s >= self._hearing.hangover_s

    def _take_turn(self, now_s: float) -> None:
        if self._turn_due_s is None or now_s < self._turn_due_s:
            return
        self._turn_due_s = None
        self._turned_s = now_s
        heard, self._intents = tuple(self._intents), []
        self._do(self._conversation.on_turn(heard, now_s))

    def _act(self, now_s: float) -> None:
        if self._saying is not None:
            if now_s < self._saying.until_s:
                return
            self._finish(self._saying, now_s)
        while self._queue and self._saying is None and now_s >= self._free_at_s and self.hang_up_reason is None:
            if not self._begin(self._queue[0], now_s):
                return
            self._queue.popleft()

    def _finish(self, saying: _Saying, now_s: float) -> None:
        self._saying = None
        self._line.stop()
        self._report(Said(saying.say, saying.began_s, saying.until_s, cut=False))
        self._do(self._conversation.on_said(saying.say.line, now_s))

    def _begin(self, action: Action, now_s: float) -> bool:
        """Begin an action; False if its time has not come."""
        match action:
            case Say():
                if self._must_wait(now_s):
                    return False
                self._saying = _Saying(action, now_s, now_s + self._line.play(action.wav))
            case Press():
                if self._press_at_s is None:
                    self._press_at_s = now_s + action.after_s
                if now_s < self._press_at_s:
                    return False
                self._press_at_s = None
                self._line.press(action.digits)
                self._free_at_s = now_s + DIGIT_S * len(action.digits)
            case HangUp():
                self.hang_up_reason = action.reason
                self._line.hang_up()
        return True

    def _must_wait(self, now_s: float) -> bool:
        """Whether to let the other side finish first; not for ever."""
        if self.stage != "talking" or not self._hearing.speaking:
            self._wait_until_s = None
            return False
        if self._wait_until_s is None:
            self._wait_until_s = now_s + POLITE_S
        return now_s < self._wait_until_s
