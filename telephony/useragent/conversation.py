"""What a party on the phone does, as a plain state machine: events in, actions out, no I/O.

`telephony.useragent` owns the sound: it plays what a `Say` names, hears when the other side begins and stops to speak,
sends the keys of a `Press`. Who the party is and what it says is the business of whoever implements `Conversation`
(`scenarios.dialogue` for customers, `scenarios.students` for robot students). Times are seconds since this leg was
answered, which is where its recording begins.
"""

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Say(_Frozen):
    """Play one line. `facts` are the facts it tells, `intents` what it asks: both are reported when it was said."""

    line: str
    wav: str
    facts: dict[str, str] = {}
    intents: tuple[str, ...] = ()


class Press(_Frozen):
    """Send DTMF digits (RFC 4733), after `after_s` seconds."""

    digits: str
    after_s: float = 0.0


class HangUp(_Frozen):
    """End the call; `reason` is a word for the journal (`done`, `patience`, `angry`, …)."""

    reason: str


Action = Say | Press | HangUp

LONGEST_TURN_S = 60.0
"""Sound that goes on for longer without a pause is noise or music: nobody is taken to be speaking any more."""


class Conversation(Protocol):
    """One party's part in one call. Every method returns what to do now; an empty list means: go on listening."""

    def on_answered(self) -> Sequence[Action]:
        """The call is up; nobody has spoken yet."""
        ...

    def on_stage(self, stage: str, now_s: float) -> Sequence[Action]:
        """The floor moved the contact on: `greeted`, `menu`, `queued`, `talking`, `held`, `rated`, `ended`."""
        ...

    def on_heard(self, now_s: float) -> Sequence[Action]:
        """The other side has begun to speak: this is no silence. `on_turn` follows, or `on_stage` if that comes first.

        It may come again before `on_turn`: then it was only a pause, and the turn goes on.
        """
        ...

    def on_turn(self, heard: Sequence[str], now_s: float) -> Sequence[Action]:
        """The other side spoke and has stopped. `heard`: the intents it expressed, empty if it was not understood."""
        ...

    def on_said(self, line: str, now_s: float) -> Sequence[Action]:
        """Our own line `line` has been played to its end."""
        ...

    def on_unsaid(self, line: str, now_s: float) -> Sequence[Action]:
        """Our own line `line` was broken off, or not begun: we were put on hold, or the talk is over. It told nothing.

        `on_stage` follows; to say it again when the talk goes on is the conversation's business.
        """
        ...

    def on_tick(self, now_s: float) -> Sequence[Action]:
        """Called about every 200 ms: the place for patience."""
        ...
