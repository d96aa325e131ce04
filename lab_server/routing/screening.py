"""Screening: what happens to a call before anything is said, by who rings and which number was dialled.

In this order: the blacklist, withheld numbers, VIPs, customers the desk knows, everybody else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from datasets.numbers import BadNumberError, normalise
from lab_server.routing.target import Target

_PATTERN = re.compile(r"^(\+?[0-9]{1,20}\*?|\*)$")
_WITHHELD = re.compile(r"^(anonymous|unknown|unavailable|restricted|private|withheld|asterisk)?$", re.IGNORECASE)
MOST_PRIORITY = 9


def _pattern(text: str) -> str:
    if not _PATTERN.match(text):
        raise ValueError(
            f"{text!r} is no number: expected digits, with + and the country's code if you like, and * at the end for "
            "all numbers that begin so; in quotes, or leading zeros are lost"
        )
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


def spellings(number: str, e164: str = "") -> frozenset[str]:
    """Every way a pattern may write this number: as dialled, without separators, as E.164, and without +86."""
    found = {number, e164, e164.removeprefix("+86")}
    try:
        bare = normalise(number)
        found |= {bare, f"+86{bare}"} if not bare.startswith(("+", "00")) and len(bare) >= 7 else {bare}
    except BadNumberError:
        pass  # a name, a SIP address: only what was dialled can match
    return frozenset(found - {""})


def matches(pattern: str, known: frozenset[str]) -> bool:
    """Whether the pattern means one of a number's spellings."""
    if pattern.endswith("*"):
        return pattern == "*" or any(one.startswith(pattern[:-1]) for one in known)
    return pattern in known


class Action(StrEnum):
    """What happens to the call."""

    ACCEPT = "accept"
    REFUSE = "refuse"  # busy tone, before the call is answered
    ASK = "ask"  # to where the caller is asked who it is


class NumberRule(BaseModel):
    """Callers by number. `dialled`: only on these lines' numbers. `to`: straight there, past hours and menu."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numbers: tuple[Pattern, ...] = Field(min_length=1)
    dialled: tuple[Pattern, ...] = ("*",)
    reason: str = Field(default="", max_length=200)


class VipRule(NumberRule):
    """Callers that go first. `greeting` is a prompt."""

    priority: int = Field(default=5, ge=0, le=MOST_PRIORITY)
    greeting: str = "greeting-vip"
    to: Target | None = None


class Recognised(BaseModel):
    """Callers the desk knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priority: int = Field(default=0, ge=0, le=MOST_PRIORITY)
    greeting: str = ""


Rule = TypeVar("Rule", bound=NumberRule)


class Withheld(BaseModel):
    """Callers without a number. `dialled`: other rules for these numbers. `ask`: where they go then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action = Action.ACCEPT
    dialled: dict[str, Action] = Field(default_factory=dict)
    ask: Target | None = None

    @field_validator("dialled")
    @classmethod
    def _patterns(cls, dialled: dict[str, Action]) -> dict[str, Action]:
        for pattern in dialled:
            _pattern(pattern)
        return dialled

    @model_validator(mode="after")
    def _somewhere_to_ask(self) -> Self:
        if Action.ASK in {self.action, *self.dialled.values()} and self.ask is None:
            raise ValueError("ask is missing: say where callers without a number are asked, such as menu:who")
        return self


class Screening(BaseModel):
    """The rules. Of several that match, the first counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blacklist: tuple[NumberRule, ...] = ()
    vip: tuple[VipRule, ...] = ()
    vip_default: VipRule = VipRule(numbers=("*",), reason="a VIP in the desk's list")
    recognised: Recognised = Recognised()
    anonymous: Withheld = Withheld()

    def targets(self) -> Iterator[tuple[tuple[str, ...], Target]]:
        """Every target, with its place."""
        yield from (((("vip", str(at), "to")), rule.to) for at, rule in enumerate(self.vip) if rule.to)
        if self.anonymous.ask:
            yield ("anonymous", "ask"), self.anonymous.ask

    def greetings(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every prompt, with its place."""
        yield from (((("vip", str(at), "greeting")), rule.greeting) for at, rule in enumerate(self.vip))
        yield ("vip_default", "greeting"), self.vip_default.greeting
        yield ("recognised", "greeting"), self.recognised.greeting


@dataclass(frozen=True)
class Caller:
    """What is known when a call comes in. The lists and customers of the desk come as the last four facts.

    `number` and `dialled` are as the switch has them; `e164` and `dialled_e164` may be empty.
    """

    number: str
    dialled: str
    e164: str = ""
    dialled_e164: str = ""
    withheld: bool = False
    recognised: bool = False
    vip: bool = False
    blacklisted: bool = False

    @property
    def anonymous(self) -> bool:
        return self.withheld or bool(_WITHHELD.match(self.number.strip()))


@dataclass(frozen=True)
class Verdict:
    """`greeting` is a prompt or empty; `to` is set if the caller goes straight somewhere. `reason` is for the log."""

    action: Action
    priority: int = 0
    greeting: str = ""
    reason: str = ""
    to: Target | None = None
    vip: bool = False


def screen(caller: Caller, rules: Screening) -> Verdict:
    """What happens to this call. Every call gets exactly one verdict."""
    who = frozenset[str]() if caller.anonymous else spellings(caller.number, caller.e164)
    dialled = spellings(caller.dialled, caller.dialled_e164)
    black = _first(rules.blacklist, who, dialled)
    if black or (caller.blacklisted and not caller.anonymous):
        return Verdict(Action.REFUSE, reason=(black.reason if black else "") or "on the blacklist")
    if caller.anonymous:
        return _withheld(rules.anonymous, dialled)
    vip = _first(rules.vip, who, dialled) or (rules.vip_default if caller.vip else None)
    if vip:
        return Verdict(Action.ACCEPT, vip.priority, vip.greeting, vip.reason or "a VIP", vip.to, vip=True)
    if caller.recognised:
        return Verdict(Action.ACCEPT, rules.recognised.priority, rules.recognised.greeting, "a customer we know")
    return Verdict(Action.ACCEPT, reason="a caller like any other")


def _first(rules: tuple[Rule, ...], who: frozenset[str], dialled: frozenset[str]) -> Rule | None:
    return next((rule for rule in rules if _any(rule.numbers, who) and _any(rule.dialled, dialled)), None)


def _any(patterns: tuple[str, ...], known: frozenset[str]) -> bool:
    return any(matches(pattern, known) for pattern in patterns)


def _withheld(rules: Withheld, dialled: frozenset[str]) -> Verdict:
    special = next((action for pattern, action in rules.dialled.items() if matches(pattern, dialled)), rules.action)
    to = rules.ask if special is Action.ASK else None
    return Verdict(special, reason="a caller without a number", to=to)
