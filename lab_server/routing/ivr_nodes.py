"""A menu as data: nodes that say something, ask for keys, look something up, or send the caller on.

Names of nodes and blanks (a blank holds what a caller keyed) are short plain words, because a caller's place in the
menu travels in one channel variable. A PIN is never a blank: only a `member` node asks for one, and passes it on.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from datasets.language import Language
from lab_server.routing.target import Target

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
"""Of a menu, a node, a period: small letters, digits and `_`, at most 20."""
Blank = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,11}$")]
PromptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Entry = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,8}|\*)$")]
"""What may be keyed: one key (not `#`, which ends an entry) or a number of up to 8 digits."""
Literal16 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,16}$")]

Seconds = Annotated[float, Field(gt=0, le=60)]
Tries = Annotated[int, Field(ge=1, le=9)]

FIGURES: dict[str, dict[str, bool]] = {
    "balance": {"member": True},
    "points": {"member": True},
    "last_order": {"member": True},
    "order_state": {"order": False},
    "queue_wait": {"queue": False},
    "queue_length": {"queue": False},
    "number": {"digits": False},
    "time": {},
}
"""Figures that can be said → the blanks each takes, and whether that blank must have been checked with a PIN."""


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Play(_Node):
    """Say a prompt. `cut`: a key ends it early and counts for what comes next."""

    kind: Literal["play"]
    prompt: PromptId
    cut: bool = True
    next: Name


class Keys(_Node):
    """Ask for a key or a whole number. `seats`: a seat's number may be keyed, too; it leads there, as blank `seat`.

    `failed`: where a caller goes after `tries` wrong or missing entries. `silent` is said when nothing was keyed.
    """

    kind: Literal["keys"]
    prompt: PromptId
    keys: dict[Entry, Name] = Field(min_length=1)
    seats: Name | None = None
    failed: Name
    wrong: PromptId = "wrong-key"
    silent: PromptId | None = None
    tries: Tries = 3
    first_s: Seconds = 6.0
    inter_s: Seconds = 2.0


class Digits(_Node):
    """Collect `low` to `high` digits into the blank `into`; `#` ends them."""

    kind: Literal["digits"]
    prompt: PromptId
    into: Blank
    low: int = Field(default=1, ge=1, le=20)
    high: int = Field(default=12, ge=1, le=20)
    next: Name
    failed: Name
    wrong: PromptId = "wrong-key"
    silent: PromptId | None = None
    tries: Tries = 3
    first_s: Seconds = 8.0
    inter_s: Seconds = 4.0


class Member(_Node):
    """Check a member number and its PIN. `number`: the blank it is in; without it, the number is asked for here.

    `wrong` is said when number and PIN do not fit, `number_wrong` when the number can't be one.

    After success the number is in the blank `into`, which nothing else may fill.
    """

    kind: Literal["member"]
    number: Blank | None = None
    number_prompt: PromptId | None = None
    number_low: int = Field(default=4, ge=1, le=20)
    number_high: int = Field(default=12, ge=1, le=20)
    pin_prompt: PromptId
    pin_low: int = Field(default=4, ge=3, le=12)
    pin_high: int = Field(default=6, ge=3, le=12)
    into: Blank = "member"
    ok: Name
    failed: Name
    wrong: PromptId = "wrong-pin"
    number_wrong: PromptId = "wrong-key"
    silent: PromptId | None = None
    tries: Tries = 3
    first_s: Seconds = 8.0
    inter_s: Seconds = 4.0


class Say(_Node):
    """Say a figure. `blanks`: for each blank the figure takes, `{name}` of a collected one, or plain text."""

    kind: Literal["say"]
    figure: str
    blanks: dict[Blank, str] = Field(default_factory=dict)
    next: Name
    failed: Name


class Branch(_Node):
    """Choose by what is known: `vip`, `recognised`, `anonymous`, `collected:<blank>` (all `yes` or `no`),
    `language`, `period`, or `value:<blank>` (its text). `default` is for every value that has no case."""

    kind: Literal["branch"]
    on: Annotated[
        str,
        StringConstraints(
            pattern=r"^(vip|recognised|anonymous|language|period|(collected|value):[a-z][a-z0-9_]{0,11})$"
        ),
    ]
    cases: dict[str, Name] = Field(min_length=1)
    default: Name


class SwitchLanguage(_Node):
    """From here on the caller hears `to`."""

    kind: Literal["language"]
    to: Language
    next: Name


class Note(_Node):
    """Put a word into a blank, for a branch further on or for whoever answers to see."""

    kind: Literal["note"]
    into: Blank
    value: Literal16
    next: Name


class Go(_Node):
    """Send the caller on; the menu ends here. `otherwise`: where to if the seat, queue or group can't take it.

    `seat:{seat}` is the seat that was keyed. `priority` is added to what the caller has already.
    """

    kind: Literal["go"]
    to: Target
    otherwise: Target | None = None
    priority: int = Field(default=0, ge=0, le=9)


Node = Annotated[Play | Keys | Digits | Member | Say | Branch | SwitchLanguage | Note | Go, Field(discriminator="kind")]


class Menu(BaseModel):
    """A tree (or any graph) of nodes; a caller begins at `start`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Name = "start"
    title: dict[Language, str] = Field(default_factory=dict)
    nodes: dict[Name, Node] = Field(min_length=1)


KINDS = frozenset({"play", "keys", "digits", "member", "say", "branch", "language", "note", "go"})
PROMPT_FIELDS = ("prompt", "number_prompt", "pin_prompt", "wrong", "number_wrong", "silent")


def exits(node: Node) -> Iterator[tuple[str, str]]:
    """Every way out of a node: (what must happen, next node). The words are field names or `key <entry>`."""
    match node:
        case Play() | SwitchLanguage() | Note():
            yield "next", node.next
        case Keys():
            yield from ((f"key {entry}", following) for entry, following in node.keys.items())
            if node.seats:
                yield "seats", node.seats
            yield "failed", node.failed
        case Digits() | Say():
            yield "next", node.next
            yield "failed", node.failed
        case Member():
            yield "ok", node.ok
            yield "failed", node.failed
        case Branch():
            yield from ((f"case {value}", following) for value, following in node.cases.items())
            yield "default", node.default


def silent_exits(node: Node) -> Iterator[tuple[str, str]]:
    """The ways that can be taken although the caller keys nothing."""
    keyed = isinstance(node, Keys | Digits | Member)
    return ((word, following) for word, following in exits(node) if not keyed or word == "failed")


def prompts(node: Node) -> Iterator[tuple[str, str]]:
    """Every prompt a node may say: (field, prompt)."""
    for field in PROMPT_FIELDS:
        prompt = getattr(node, field, None)
        if prompt:
            yield field, prompt


def fills(node: Node, exit_word: str) -> str | None:
    """The blank that is surely filled when the node is left by this exit."""
    blank: str | None = None
    match node:
        case Note():
            blank = node.into
        case Digits() if exit_word == "next":
            blank = node.into
        case Member() if exit_word == "ok":
            blank = node.into
        case Keys() if exit_word == "seats":
            blank = SEAT
        case Branch(on=on) if on.startswith("collected:") and exit_word == "case yes":
            blank = on.partition(":")[2]
        case Branch(on=on) if on.startswith("value:") and exit_word.startswith("case "):
            blank = on.partition(":")[2]
    return blank


def slots(blanks: Mapping[str, str]) -> dict[str, str]:
    """Of a say node's blanks those that stand for a collected one: the figure's blank → the collected one's name."""
    return {slot: text[1:-1] for slot, text in blanks.items() if text.startswith("{") and text.endswith("}")}


SEAT = "seat"
KEYED_SEAT = "{seat}"
"""As a seat target's name: the seat that was keyed."""
