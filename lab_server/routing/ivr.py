"""Menus as a machine: from a caller's place and what has just happened to the next place and what is to be done.

It does nothing itself: no clock, no sound, no look-up. A thin interpreter carries out each action and answers with the
event that belongs to it:

==================  =====================================================================
`Play`              `Played`
`Collect`           `Keyed`, with what `rules.take` made of the caller's keys
`CheckMember`       `Checked`
`Say`               `Said`
`SetLanguage`       `Played`
`Go`                none: the menu is over
==================  =====================================================================

`Started` in any place begins that node again: what a process does that has just adopted the call.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from datasets.language import Language
from lab_server.routing import ivr_nodes as nodes
from lab_server.routing.ivr_entry import Rules
from lab_server.routing.ivr_state import MOST_STEPS, Facts, IvrError, State
from lab_server.routing.target import Kind, Target

PIN = "pin"


@dataclass(frozen=True)
class Play:
    """`cut`: a key ends the prompt."""

    prompt: str
    cut: bool


@dataclass(frozen=True)
class Collect:
    """Play the prompts, which the first key cuts short (or spares), and read keys by the rules.

    `fresh`: what is still in the buffer belongs to a wrong entry; forget it first.
    """

    prompts: tuple[str, ...]
    rules: Rules
    fresh: bool = False


@dataclass(frozen=True)
class CheckMember:
    """Whether the PIN belongs to the number. The PIN is in no repr, and nobody may write it down."""

    number: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class Say:
    """Look the figure up and say it; `blanks` are what it needs to know."""

    figure: str
    blanks: Mapping[str, str]


@dataclass(frozen=True)
class SetLanguage:
    language: Language


@dataclass(frozen=True)
class Go:
    """Never to a menu: the machine goes there itself. `otherwise`: where to if the target can't take the caller."""

    target: Target
    otherwise: Target | None = None
    priority: int = 0


@dataclass(frozen=True)
class Started:
    pass


@dataclass(frozen=True)
class Played:
    pass


@dataclass(frozen=True)
class Keyed:
    """What the caller keyed, without `#`; empty: nothing in time. In no repr: it may be a PIN."""

    entry: str = field(repr=False)


@dataclass(frozen=True)
class Checked:
    """`final`: asking again is of no use (the number is locked, or nobody can check it now)."""

    ok: bool
    final: bool = False


@dataclass(frozen=True)
class Said:
    """`ok` False: there is no such figure, or nobody can look it up now."""

    ok: bool = True


Action = Play | Collect | CheckMember | Say | SetLanguage | Go
Event = Started | Played | Keyed | Checked | Said


class Ivr:
    """All menus of a plan. `seats` are numbers that may be keyed; `at_last` takes who has walked too long."""

    def __init__(self, menus: Mapping[str, nodes.Menu], seats: Collection[str], at_last: Target) -> None:
        self._menus, self._seats, self._at_last = menus, frozenset(seats), at_last

    def begin(self, menu: str, facts: Facts) -> tuple[State, Action]:
        """The first node of a menu. Raises IvrError `unknown_menu`."""
        if menu not in self._menus:
            raise IvrError("unknown_menu", f"there is no menu {menu!r}: expected one of {', '.join(self._menus)}")
        return self._enter(State(menu, "", facts), self._menus[menu].start)

    def resume(self, text: str) -> tuple[State, Action]:
        """At the node a state's text names, from that node's beginning. Raises IvrError `bad_state`, `unknown_node`."""
        return self.step(State.read(text), Started())

    def step(self, state: State, event: Event) -> tuple[State, Action]:
        """What follows the event. Raises IvrError `unknown_node`, or `unexpected_event`: it answers another action."""
        node = self._node(state)
        following = self._act(state) if isinstance(event, Started) else self._answered(state, node, event)
        if following is None:
            what = type(event).__name__
            raise IvrError("unexpected_event", f"{what} is no answer to {node.kind} node {state.menu}/{state.node}")
        return following

    def _answered(self, state: State, node: nodes.Node, event: Event) -> tuple[State, Action] | None:
        following: tuple[State, Action] | None = None
        match node, event:
            case ((nodes.Play() | nodes.SwitchLanguage()), Played()):
                following = self._enter(state, node.next)
            case nodes.Keys(), Keyed(entry):
                following = self._keyed(state, node, entry)
            case nodes.Digits(), Keyed(entry) if self._rules(node).fits(entry):
                following = self._enter(_with(state, node.into, entry), node.next)
            case nodes.Digits(), Keyed(entry):
                following = self._again(state, node, entry)
            case nodes.Member(), Keyed(entry):
                following = self._member_keyed(state, node, entry)
            case nodes.Member(), Checked(ok, final) if state.part == PIN:
                following = self._checked(state, node, ok, final)
            case nodes.Say(), Said(ok):
                following = self._enter(state, node.next if ok else node.failed)
        return following

    # -- nodes ----------------------------------------------------------------------------------------------------

    def _node(self, state: State) -> nodes.Node:
        try:
            return self._menus[state.menu].nodes[state.node]
        except (KeyError, TypeError):
            raise IvrError("unknown_node", f"the menus have no node {state.menu}/{state.node}: begin again") from None

    def _enter(self, state: State, node: str) -> tuple[State, Action]:
        """Go to a node of the same menu, and on through those that need nobody to do anything."""
        return self._act(replace(state, node=node, tries=0, part="", steps=state.steps + 1))

    def _act(self, state: State) -> tuple[State, Action]:
        if state.steps > MOST_STEPS:
            return state, Go(self._at_last)
        node = self._node(state)
        match node:
            case nodes.Play():
                following: tuple[State, Action] = state, Play(node.prompt, node.cut)
            case nodes.SwitchLanguage():
                following = replace(state, facts=replace(state.facts, language=node.to)), SetLanguage(node.to)
            case nodes.Keys() | nodes.Digits():
                following = state, Collect((node.prompt,), self._rules(node))
            case nodes.Member():
                following = self._ask_member(state, node, ())
            case nodes.Say():
                following = state, Say(node.figure, _filled(node.blanks, state.blanks))
            case nodes.Note():
                following = self._enter(_with(state, node.into, node.value), node.next)
            case nodes.Branch():
                following = self._enter(state, node.cases.get(_known(state, node.on), node.default))
            case nodes.Go():
                following = self._go(state, node)
        return following

    def _go(self, state: State, node: nodes.Go) -> tuple[State, Action]:
        if node.to.kind is Kind.MENU:
            menu = self._menus.get(node.to.name)
            if menu is None:
                raise IvrError("unknown_menu", f"node {state.menu}/{state.node} leads to {node.to}, which is not there")
            return self._enter(replace(state, menu=node.to.name), menu.start)
        target = node.to
        if target == Target(Kind.SEAT, nodes.KEYED_SEAT):
            seat = state.blanks.get(nodes.SEAT)
            target = Target(Kind.SEAT, seat) if seat else self._at_last
        return state, Go(target, node.otherwise, node.priority)

    # -- keys -----------------------------------------------------------------------------------------------------

    def _rules(self, node: nodes.Keys | nodes.Digits) -> Rules:
        if isinstance(node, nodes.Digits):
            return Rules(node.first_s, node.inter_s, None, node.low, node.high)
        entries = frozenset(node.keys) | (self._seats if node.seats else frozenset())
        return Rules(node.first_s, node.inter_s, entries)

    def _keyed(self, state: State, node: nodes.Keys, entry: str) -> tuple[State, Action]:
        if entry in node.keys:
            return self._enter(state, node.keys[entry])
        if node.seats and entry in self._seats:
            return self._enter(_with(state, nodes.SEAT, entry), node.seats)
        return self._again(state, node, entry)

    def _again(self, state: State, node: nodes.Keys | nodes.Digits, entry: str) -> tuple[State, Action]:
        """A wrong or missing entry: ask once more, or let it be."""
        state = replace(state, tries=state.tries + 1)
        if state.tries >= node.tries:
            return self._enter(state, node.failed)
        return state, Collect((*_reproach(node, entry), node.prompt), self._rules(node), fresh=True)

    # -- members --------------------------------------------------------------------------------------------------

    def _ask_member(self, state: State, node: nodes.Member, before: tuple[str, ...]) -> tuple[State, Collect]:
        """Ask for the number, or, when it is known, for the PIN."""
        if node.number is None and state.part != PIN:
            rules = Rules(node.first_s, node.inter_s, None, node.number_low, node.number_high)
            return state, Collect((*before, node.number_prompt or node.pin_prompt), rules)
        rules = Rules(node.first_s, node.inter_s, None, node.pin_low, node.pin_high, secret=True)
        return replace(state, part=PIN), Collect((*before, node.pin_prompt), rules)

    def _member_keyed(self, state: State, node: nodes.Member, entry: str) -> tuple[State, Action]:
        asked_pin = state.part == PIN
        low, high = (node.pin_low, node.pin_high) if asked_pin else (node.number_low, node.number_high)
        if not Rules(0, 0, None, low, high).fits(entry):
            return self._member_again(state, node, _reproach(node, entry, "" if asked_pin else node.number_wrong))
        if asked_pin:
            return state, CheckMember(state.blanks.get(node.number or node.into, ""), entry)
        return self._ask_member(replace(_with(state, node.into, entry), part=PIN), node, ())

    def _checked(self, state: State, node: nodes.Member, ok: bool, final: bool) -> tuple[State, Action]:
        number = state.blanks.get(node.number or node.into, "")
        if ok and number:
            return self._enter(_with(state, node.into, number), node.ok)
        if final:
            return self._enter(_without(state, node.into), node.failed)
        return self._member_again(replace(state, part=""), node, (node.wrong,))

    def _member_again(self, state: State, node: nodes.Member, before: tuple[str, ...]) -> tuple[State, Action]:
        state = replace(state, tries=state.tries + 1)
        if state.tries >= node.tries:
            return self._enter(_without(state, node.into), node.failed)
        following, action = self._ask_member(state, node, before)
        return following, replace(action, fresh=True)


def _reproach(node: nodes.Keys | nodes.Digits | nodes.Member, entry: str, wrong: str = "") -> tuple[str, ...]:
    """What is said before asking again; a caller who keyed nothing did nothing wrong."""
    if entry:
        return (wrong or node.wrong,)
    return (node.silent,) if node.silent else ()


def _known(state: State, on: str) -> str:
    """The value a branch looks at; of yes-or-no facts `yes` or `no`."""
    what, _, blank = on.partition(":")
    match what:
        case "collected":
            return "yes" if state.blanks.get(blank) else "no"
        case "value":
            return state.blanks.get(blank, "")
        case "language" | "period":
            return str(getattr(state.facts, what))
    return "yes" if getattr(state.facts, what) else "no"


def _with(state: State, blank: str, value: str) -> State:
    return replace(state, blanks={**state.blanks, blank: value})


def _without(state: State, blank: str) -> State:
    return replace(state, blanks={name: value for name, value in state.blanks.items() if name != blank})


def _filled(blanks: Mapping[str, str], collected: Mapping[str, str]) -> dict[str, str]:
    from_caller = nodes.slots(blanks)
    return {
        slot: collected.get(from_caller[slot], "") if slot in from_caller else text for slot, text in blanks.items()
    }
