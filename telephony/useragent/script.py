"""A plain conversation: lines in order, each group after the other side has spoken. For tests and simple callers."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from telephony.useragent.conversation import LONGEST_TURN_S, Action, HangUp, Press, Say
from telephony.useragent.errors import PlanError


class Step(BaseModel):
    """One of: say a line, press keys, hang up, or listen until the other side has spoken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: Say | None = None
    press: Press | None = None
    hang_up: HangUp | None = None
    listen: bool = False

    @property
    def action(self) -> Action | None:
        return self.say or self.press or self.hang_up


class Script(BaseModel):
    """`begin`: when the first steps are taken. `patience_s`: hang up when nobody has spoken for so long (0: never)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: Literal["script"] = "script"
    begin: Literal["answered", "talking", "turn"] = "answered"
    patience_s: float = 0.0
    steps: tuple[Step, ...]


class ScriptedConversation:
    """Reads its script from top to bottom."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._next = 0
        self._begun = False
        self._quiet_since_s = 0.0
        self._heard_until_s = 0.0
        self._again: list[Action] = []

    @classmethod
    def from_plan(cls, plan: dict[str, object]) -> "ScriptedConversation":
        """`PlanError` names the field at fault."""
        try:
            return cls(Script.model_validate(plan))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise PlanError(f"script: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    def on_answered(self) -> Sequence[Action]:
        return self._begin("answered")

    def on_stage(self, stage: str, now_s: float) -> Sequence[Action]:
        self._quiet_since_s, self._heard_until_s = now_s, 0.0
        if stage != "talking":
            return ()
        again, self._again = self._again, []
        return [*again, *self._begin("talking")]

    def on_heard(self, now_s: float) -> Sequence[Action]:
        self._heard_until_s = now_s + LONGEST_TURN_S
        return ()

    def on_turn(self, heard: Sequence[str], now_s: float) -> Sequence[Action]:
        self._quiet_since_s, self._heard_until_s = now_s, 0.0
        return self._on() if self._begun else self._begin("turn")

    def on_said(self, line: str, now_s: float) -> Sequence[Action]:
        self._quiet_since_s = now_s
        return ()

    def on_unsaid(self, line: str, now_s: float) -> Sequence[Action]:
        says = [step.say for step in self._script.steps if step.say is not None and step.say.line == line]
        self._again += says[:1]
        return ()

    def on_tick(self, now_s: float) -> Sequence[Action]:
        patience_s = self._script.patience_s
        if patience_s and now_s - max(self._quiet_since_s, self._heard_until_s) > patience_s:
            self._quiet_since_s = float("inf")
            return (HangUp(reason="patience"),)
        return ()

    def _begin(self, when: str) -> Sequence[Action]:
        if self._begun or when != self._script.begin:
            return ()
        self._begun = True
        return self._on()

    def _on(self) -> list[Action]:
        actions: list[Action] = []
        while self._next < len(self._script.steps):
            step = self._script.steps[self._next]
            self._next += 1
            if step.action is None:
                break
            actions.append(step.action)
        return actions
