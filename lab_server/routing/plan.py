"""The floor plan: everything about a hotline that its owner decides, as one frozen object. `plan_file` reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from datasets.language import Language
from lab_server.routing.agents import BEST_LEVEL
from lab_server.routing.hours import Hours, Period, period_at
from lab_server.routing.ivr import Ivr
from lab_server.routing.ivr_nodes import KEYED_SEAT, Go, Keys, Menu, Name, PromptId
from lab_server.routing.ivr_state import Facts
from lab_server.routing.queues import Name as ShortName
from lab_server.routing.queues import QueueRules
from lab_server.routing.screening import Action, Caller, Pattern, Screening, Verdict, matches, screen, spellings
from lab_server.routing.target import Kind, Target

Text = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=2000)]]
Title = dict[Language, Annotated[str, StringConstraints(max_length=60)]]
SeatNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("expected a time zone's name such as Asia/Shanghai or Europe/Berlin")
    return name


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Frozen):
    """What happens to calls to these numbers: by opening `hours`, or always `to` a target. `greeting` is said first."""

    numbers: tuple[Pattern, ...] = Field(min_length=1)
    title: Title = Field(default_factory=dict)
    hours: Name | None = None
    to: Target | None = None
    language: Language | None = None
    greeting: str = "greeting"
    music: str = "default"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.hours is None) == (self.to is None):
            raise ValueError("expected either hours (which say where calls go, and when) or to (always there)")
        return self


class Seat(_Frozen):
    """`skills`: name → level, 1 to 9. `queues`: the only ones served; none named: all."""

    skills: dict[ShortName, Annotated[int, Field(ge=1, le=BEST_LEVEL)]] = Field(default_factory=dict)
    queues: tuple[str, ...] = ()
    mailbox: str | None = None


class Ring(_Frozen):
    """One of the phones that are rung in turn: a seat, or a number outside."""

    to: Target
    seconds: float = Field(default=20, ge=5, le=120)

    @model_validator(mode="after")
    def _is_a_phone(self) -> Self:
        if self.to.kind not in {Kind.SEAT, Kind.NUMBER}:
            raise ValueError(f"to: {self.to} is no phone; expected seat:<seat> or number:<number>")
        return self


class Group(_Frozen):
    """Follow-me: phones rung one after the other, then `otherwise`."""

    title: Title = Field(default_factory=dict)
    rings: tuple[Ring, ...] = Field(min_length=1, max_length=8)
    otherwise: Target


class Mailbox(_Frozen):
    """`seats` may listen to it, and their lamps show it. `prompt` asks for the message."""

    title: Title = Field(default_factory=dict)
    prompt: PromptId = "mailbox-leave"
    seats: tuple[str, ...] = ()
    shortest_s: float = Field(default=2, ge=0, le=30)
    longest_s: float = Field(default=120, ge=10, le=900)
    most: int = Field(default=200, ge=1, le=10_000)


class Music(_Frozen):
    """Music on hold. `files` are sounds in the music folder; none: the built-in music."""

    title: Title = Field(default_factory=dict)
    files: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}\.(wav|ulaw|alaw)$")], ...] = ()


@dataclass(frozen=True)
class Arrival:
    """Where a call begins. `prompts` are said first, in order; `to` is None if it is refused (busy tone)."""

    verdict: Verdict
    line: str
    period: Period | None
    prompts: tuple[str, ...]
    to: Target | None
    facts: Facts


class FloorPlan(_Frozen):
    """Lines, hours, menus, queues, seats and all they name. `plan_check.check_plan` says whether it holds together.

    `at_last` takes callers who have walked through the menus without end, and those whose place can't be read.
    """

    title: Title = Field(default_factory=dict)
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    language: Language = "zh-CN"
    lines: dict[Name, Line] = Field(min_length=1)
    hours: dict[Name, Hours] = Field(default_factory=dict)
    menus: dict[Name, Menu] = Field(default_factory=dict)
    queues: dict[ShortName, QueueRules] = Field(min_length=1)
    seats: dict[SeatNumber, Seat] = Field(default_factory=dict)
    groups: dict[ShortName, Group] = Field(default_factory=dict)
    mailboxes: dict[ShortName, Mailbox] = Field(default_factory=dict)
    music: dict[str, Music] = Field(default_factory=dict)
    screening: Screening = Screening()
    operator: Target
    at_last: Target
    prompts: dict[PromptId, Text] = Field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def ivr(self) -> Ivr:
        """The machine of this plan's menus."""
        return Ivr(self.menus, self.seats.keys(), self.at_last)

    def line_for(self, dialled: str, e164: str = "") -> tuple[str, Line]:
        """The line of a dialled number: an exact number before a longer beginning before a shorter one.

        A number no line has goes to the first line: whoever reaches us is never lost.
        """
        known = spellings(dialled, e164)
        found = [
            (not pattern.endswith("*"), len(pattern), -place, name)
            for place, (name, line) in enumerate(self.lines.items())
            for pattern in line.numbers
            if matches(pattern, known)
        ]
        name = max(found)[-1] if found else next(iter(self.lines))
        return name, self.lines[name]

    def arrival(self, caller: Caller, now: datetime) -> Arrival:
        """Screening, line and hours together: where this call begins."""
        name, line = self.line_for(caller.dialled, caller.dialled_e164)
        verdict = screen(caller, self.screening)
        period = period_at(self.hours[line.hours], self.zone, now) if line.hours else None
        facts = Facts(
            line.language or self.language, period.name if period else "", verdict.vip, caller.recognised,
            caller.anonymous,
        )  # fmt: skip
        if verdict.action is Action.REFUSE:
            return Arrival(verdict, name, period, (), None, facts)
        said = [verdict.greeting or line.greeting]
        if verdict.to is not None:
            return Arrival(verdict, name, period, _said(said), verdict.to, facts)
        to = period.then if period else line.to
        return Arrival(verdict, name, period, _said([*said, period.prompt if period else ""]), to, facts)

    def prompt_texts(self, language: Language) -> dict[str, str]:
        """The plan's own prompts in a language: what has to be spoken besides the built-in ones."""
        return {prompt: texts[language] for prompt, texts in self.prompts.items() if language in texts}


def _said(prompts: list[str]) -> tuple[str, ...]:
    return tuple(prompt for prompt in prompts if prompt)


def built_in(queues: Iterable[str], menu_keys: Mapping[str, str], seats: tuple[str, ...],
             time_zone: str = "Asia/Shanghai", language: Language = "zh-CN") -> FloorPlan:  # fmt: skip
    """The plan of a floor whose owner has written none: a greeting, one question, a queue for each key.

    A seat's whole number may be keyed, too. Who keys nothing useful three times waits in the first queue.
    """
    names = tuple(queues)
    fallback = Target(Kind.QUEUE, names[0])
    nodes: dict[str, Keys | Go] = {
        "start": Keys(
            kind="keys", prompt="menu", keys={key: _node_name(key) for key in menu_keys},
            seats="seat" if seats else None, failed="fallback",
        ),
        "fallback": Go(kind="go", to=fallback),
    }  # fmt: skip
    nodes |= {_node_name(key): Go(kind="go", to=Target(Kind.QUEUE, queue)) for key, queue in menu_keys.items()}
    if seats:
        nodes["seat"] = Go(kind="go", to=Target(Kind.SEAT, KEYED_SEAT), otherwise=fallback)
    return FloorPlan(
        time_zone=time_zone,
        language=language,
        lines={"main": Line(numbers=("*",), to=Target(Kind.MENU, "main"))},
        menus={"main": Menu(nodes=nodes)},
        queues={name: QueueRules(name=name) for name in names},
        seats={seat: Seat() for seat in seats},
        mailboxes={"main": Mailbox(seats=seats[:1])},
        operator=fallback,
        at_last=fallback,
    )


def _node_name(key: str) -> str:
    return f"key_{'star' if key == '*' else key}"
