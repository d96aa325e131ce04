"""The customer on the phone: a script as a state machine. It speaks when it is asked, and has its limits.

Times are seconds since its leg was answered. It never decides by sound: what the other side meant arrives as intents,
an empty list of them when nobody could tell (a person on the other side), and then it simply goes on with its script.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.checks import CLOSE, CURT, GREET
from scenarios.plans import CallerPlan, PlannedLine, read_caller_plan
from scenarios.rating import Treatment, rate
from scenarios.schema import LineRole
from scenarios.script import Script
from telephony.useragent.conversation import LONGEST_TURN_S, Action, HangUp, Press, Say

SPEAKS_UNGREETED_S = 2.0
PICKS_UP_AFTER_S = 2.0
NAGS_AFTER_S = {"calm": 12.0, "impatient": 10.0, "angry": 8.0}  # of silence on both sides
NOTICES_HOLD_S = 6.0
LEAVES_AFTER_GOODBYE_S = 10.0
LEAVES_AFTER_RATING_S = 15.0
LONGEST_LINE_S = 20.0  # a line whose end was never reported is taken to have ended by then
KEY_DELAY_S = 0.6
AWAY = frozenset({"held", "queued", "ringing", "parked", "forwarded"})
"""Who has talked already and hears of one of these hears music: put on hold, or sent on to somebody else."""
FLEETING = frozenset({LineRole.ACKNOWLEDGE, LineRole.WAITING, LineRole.HELD})
"""What need not be said again when it was broken off."""


class CallerDialogue:
    """Implements `telephony.useragent.conversation.Conversation` for a customer.

    It hangs up with one of these reasons: `patience` (waited too long in the queue), `hold`, `silence` (nobody spoke),
    `done` (nothing happened after goodbye). Normally the agent hangs up, so that the rating is asked.
    """

    def __init__(self, plan: CallerPlan) -> None:
        self._plan = plan
        self._script = Script(plan.lines)
        self._playing: list[str] = []
        self._playing_since = 0.0
        self._quiet_since = 0.0
        self._heard_at = 0.0
        self._they_speak_until = 0.0  # at the latest; 0 while they are silent
        self._talking = False
        self._queued_at: float | None = None
        self._waited_s = 0.0
        self._held_at: float | None = None
        self._held_s = 0.0
        self._broken_off: list[PlannedLine] = []
        self._nags = 0
        self._greeted = self._curt = self._closed = False
        self._idle_turns = 0
        self._goodbye_at: float | None = None
        self._rated_at: float | None = None
        self._leaving = ""
        self._gone = False

    @classmethod
    def from_plan(cls, plan: Mapping[str, Any]) -> "CallerDialogue":
        """The dialogue of a plan as `scenarios.plans.caller_plan` writes it. `PlanError` says what is wrong with it."""
        return cls(read_caller_plan(plan))

    @property
    def treatment(self) -> Treatment:
        """How the caller was treated so far."""
        return Treatment(
            waited=self._waited_s / self._plan.patience_s if self._plan.patience_s else 0.0,
            greeted=self._greeted,
            closed=self._closed,
            curt=self._curt,
            held_s=self._held_s,
            nags=self._nags,
            untold=self._script.untold,
        )

    def on_answered(self) -> Sequence[Action]:
        """The line is up: a caller listens to the greeting, a customer who is phoned waits for the other side."""
        return ()

    def on_stage(self, stage: str, now_s: float) -> Sequence[Action]:
        """What the floor did with the contact."""
        if self._gone:
            return ()
        self._they_speak_until = 0.0  # who spoke may be another one by now
        match stage:
            case "menu" if self._plan.menu:
                return (Press(digits=self._plan.menu, after_s=KEY_DELAY_S),)
            case _ if stage in AWAY and (self._talking or stage == "held"):
                self._held_at = self._held_at if self._held_at is not None else now_s
            case "queued":
                self._queued_at = self._queued_at if self._queued_at is not None else now_s
            case "talking":
                return self._connected(now_s)
            case "held":
                self._held_at = self._held_at if self._held_at is not None else now_s
            case "rated":
                return self._rated(now_s)
            case "ended":
                self._gone = True
                self._broken_off.clear()
        return ()

    def on_heard(self, now_s: float) -> Sequence[Action]:
        """The agent has begun to speak: patience does not run while it does."""
        self._they_speak_until = now_s + LONGEST_TURN_S
        return ()

    def on_turn(self, heard: Sequence[str], now_s: float) -> Sequence[Action]:
        """The agent stopped speaking. Before an agent is there it is only a prompt that spoke, which asks nothing."""
        self._they_speak_until = 0.0
        if self._gone or self._leaving or self._rated_at is not None:
            return ()
        if not self._talking:
            if not heard:
                return ()
            self._connected(now_s)  # somebody speaks to us: the news of the stage is late
        self._heard_at = self._quiet_since = now_s
        self._greeted = self._greeted or GREET in heard or not (heard or self._script.has_said(LineRole.OPENING))
        self._curt = self._curt or CURT in heard
        asks = [intent for intent in heard if intent not in (GREET, CLOSE, CURT)]
        speak = [] if CLOSE in heard else self._script.opening()
        for intent in asks:
            speak += self._script.answers(intent)
        if CLOSE in heard:
            speak += self._bye(now_s)
        elif not heard and not speak:
            speak += self._go_on(now_s)
        elif not speak and GREET not in heard:
            speak.append(self._script.role(LineRole.ACKNOWLEDGE))
        return self._say(speak, now_s)

    def on_said(self, line: str, now_s: float) -> Sequence[Action]:
        """One of our lines has ended."""
        if line in self._playing:
            self._playing.remove(line)
        self._quiet_since = now_s
        if self._goodbye_at is not None and not self._playing:
            self._goodbye_at = now_s
        if self._leaving and not self._playing:
            return self._hang_up(self._leaving)
        return ()

    def on_unsaid(self, line: str, now_s: float) -> Sequence[Action]:
        """One of our lines was broken off, or not begun: it has told nothing, and is said again after a hold."""
        if line in self._playing:
            self._playing.remove(line)
        unsaid = self._script.unsay(line)
        if unsaid is not None and unsaid.role not in FLEETING:
            self._broken_off.append(unsaid)
        if unsaid is not None and unsaid.role == LineRole.GOODBYE:
            self._goodbye_at = now_s  # it still wants to leave
        if self._leaving and not self._playing:
            return self._hang_up(self._leaving)
        return ()

    def on_tick(self, now_s: float) -> Sequence[Action]:
        """Where patience ends."""
        if self._gone or self._is_speaking(now_s):
            return ()
        if self._leaving:
            return self._hang_up(self._leaving)
        if self._rated_at is not None:
            return self._hang_up("done") if now_s - self._rated_at > LEAVES_AFTER_RATING_S else ()
        return self._listen(now_s) if self._talking else self._wait(now_s)

    def _is_speaking(self, now_s: float) -> bool:
        if self._playing and now_s - self._playing_since > LONGEST_LINE_S:
            self._playing.clear()
            self._quiet_since = now_s
        return bool(self._playing)

    def _wait(self, now_s: float) -> Sequence[Action]:
        if self._queued_at is not None and now_s - self._queued_at > self._plan.patience_s:
            return self._hang_up("patience")
        if self._plan.direction == "out" and now_s > PICKS_UP_AFTER_S and not self._script.has_said(LineRole.PICKUP):
            return self._pick_up(now_s)
        return ()

    def _listen(self, now_s: float) -> Sequence[Action]:
        if self._held_at is not None:
            return self._hang_up("hold") if now_s - self._held_at > self._plan.hold_patience_s else ()
        silence = now_s - max(self._quiet_since, self._they_speak_until)
        if self._goodbye_at is not None:
            return self._hang_up("done") if silence > LEAVES_AFTER_GOODBYE_S else ()
        if now_s - max(self._heard_at, self._they_speak_until) > self._plan.hold_patience_s:
            self._leaving = "silence"
            return self._say([self._script.role(LineRole.LEAVING)], now_s)
        opening = self._script.opening() if self._plan.direction == "in" else []
        if opening and silence > SPEAKS_UNGREETED_S:
            return self._say(opening, now_s)
        if silence > NAGS_AFTER_S[self._plan.temper]:
            self._nags += 1
            return self._say([self._script.role(LineRole.WAITING)], now_s)
        return ()

    def _connected(self, now_s: float) -> Sequence[Action]:
        self._heard_at = self._quiet_since = now_s
        if self._talking:
            return self._back_from_hold(now_s)
        self._talking = True
        if self._queued_at is not None:
            self._waited_s = now_s - self._queued_at
        if self._plan.direction == "out" and not self._script.has_said(LineRole.PICKUP):
            return self._pick_up(now_s)
        return ()

    def _back_from_hold(self, now_s: float) -> Sequence[Action]:
        if self._held_at is None:
            return ()
        held_s, self._held_at = now_s - self._held_at, None
        self._held_s = max(self._held_s, held_s)
        again, self._broken_off = self._broken_off, []
        notices = [self._script.role(LineRole.HELD)] if held_s > NOTICES_HOLD_S else []
        return self._say([*notices, *again], now_s)

    def _pick_up(self, now_s: float) -> Sequence[Action]:
        pickup = [line for line in self._plan.lines if line.role == LineRole.PICKUP]
        return self._say(pickup[:1], now_s)

    def _rated(self, now_s: float) -> Sequence[Action]:
        if self._rated_at is not None:
            return ()
        self._rated_at, self._held_at = now_s, None
        self._playing.clear()
        self._broken_off.clear()
        return (Press(digits=str(rate(self.treatment, self._plan.temper)), after_s=KEY_DELAY_S),)

    def _go_on(self, now_s: float) -> list[PlannedLine]:
        """Nobody could tell what was asked: on with the script, and goodbye when all is told."""
        more = self._script.next_untold()
        if more:
            return more
        self._idle_turns += 1
        return [self._script.role(LineRole.ACKNOWLEDGE)] if self._idle_turns == 1 else self._bye(now_s)

    def _bye(self, now_s: float) -> list[PlannedLine]:
        self._closed = True
        if self._goodbye_at is not None:
            return []
        self._goodbye_at = now_s
        return [self._script.role(LineRole.GOODBYE)]

    def _say(self, lines: Sequence[PlannedLine], now_s: float) -> Sequence[Action]:
        for line in lines:
            self._script.mark_said(line)
            self._playing.append(line.id)
            self._playing_since = now_s
        return tuple(
            Say(line=line.id, wav=line.wav, facts=line.facts, intents=line.answers or (line.role.value,))
            for line in lines
        )

    def _hang_up(self, reason: str) -> Sequence[Action]:
        self._gone = True
        return (HangUp(reason=reason),)
