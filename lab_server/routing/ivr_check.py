"""What makes menus safe to let callers in: checked on loading, everything at once, each finding with its place.

A caller who keys nothing must come to an end: the ways that are taken without a key have no circle, across menus too.
That is also why there is no dead end and no loop without a way out. Loops by key ("to hear this again, press 9") are
allowed; the machine ends those that never stop after `MOST_STEPS` nodes.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial

from lab_server.routing import ivr_nodes as nodes
from lab_server.routing.ivr_state import LONGEST, longest_text
from lab_server.routing.target import Kind, Target

Place = tuple[str, ...]
Finding = tuple[Place, str]
"""Where in the file, and what is wrong there and what was expected."""
Step = tuple[str, str]
"""Menu, node."""


@dataclass(frozen=True)
class Known:
    """What targets and prompts may name: `targets` by kind (a kind that is not there may name anything).

    `onward`: where a target (written as text) sends the callers it cannot keep.
    """

    targets: Mapping[Kind, Collection[str]] = field(default_factory=dict)
    prompts: Collection[str] = ()
    periods: Collection[str] = ()
    onward: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)


def check_menus(menus: Mapping[str, nodes.Menu], known: Known) -> list[Finding]:
    """Everything that is wrong with the menus, in the file's order; empty if callers can be let in."""
    checked = {node.into for menu in menus.values() for node in menu.nodes.values() if isinstance(node, nodes.Member)}
    findings = [finding for name, menu in menus.items() for finding in _menu(name, menu, known)]
    findings += [finding for name, menu in menus.items() for finding in _not_collected(name, menu, checked)]
    findings += _circles(menus, known)
    return findings + list(_room(menus, known))


def check_target(target: Target, known: Known, place: Place) -> Iterator[Finding]:
    """Whether what a target names exists."""
    names = known.targets.get(target.kind)
    if names is not None and target.name and target.name not in names:
        yield place, f"there is no {target.kind} {target.name!r}{expected(target.name, names)}"


def check_prompt(prompt: str, known: Known, place: Place) -> Iterator[Finding]:
    if prompt not in known.prompts:
        hint = expected(prompt, known.prompts, few=True)
        yield place, f"there is no prompt {prompt!r}{hint}; or write its text here, as zh-CN: … and en: …"


def expected(name: str, names: Collection[str], few: bool = False) -> str:
    """The end of a sentence about a name that is not there."""
    near = get_close_matches(name, names, n=1)
    if near:
        return f": did you mean {near[0]}?"
    return "" if few else f": expected one of {', '.join(sorted(names))}" if names else ": the plan has none"


def _menu(name: str, menu: nodes.Menu, known: Known) -> Iterator[Finding]:
    place = ("menus", name)
    if menu.start not in menu.nodes:
        yield (*place, "start"), f"there is no node {menu.start!r}{expected(menu.start, menu.nodes)}"
    for node_name, node in menu.nodes.items():
        at = (*place, "nodes", node_name)
        for word, following in nodes.exits(node):
            if following not in menu.nodes:
                yield (*at, *_field(word)), f"there is no node {following!r}{expected(following, menu.nodes)}"
        for where, prompt in nodes.prompts(node):
            yield from check_prompt(prompt, known, (*at, where))
        yield from ((((*at, *where), reason)) for where, reason in _node(node, known))
    yield from _unreachable(menu, place)


def _field(word: str) -> Place:
    """Where an exit stands in the file: `key 1` under keys, `case yes` under cases."""
    kind, _, value = word.partition(" ")
    return {"key": ("keys", value), "case": ("cases", value)}.get(kind, (kind,))


# -- one node ---------------------------------------------------------------------------------------------------------


def _node(node: nodes.Node, known: Known) -> Iterator[Finding]:
    match node:
        case nodes.Keys():
            yield from _keys(node, known)
        case nodes.Digits() if node.low > node.high:
            yield ("low",), f"low ({node.low}) is above high ({node.high})"
        case nodes.Member():
            yield from _member(node)
        case nodes.Say():
            yield from _say(node, known)
        case nodes.Branch():
            yield from _branch(node, known)
        case nodes.Go():
            yield from _go(node, known)


def _keys(node: nodes.Keys, known: Known) -> Iterator[Finding]:
    both = set(node.keys) & set(known.targets.get(Kind.SEAT, ())) if node.seats else set()
    for entry in sorted(both):
        yield ("keys", entry), f"{entry} is a seat's number, too, and `seats` lets callers key it: take another number"


def _member(node: nodes.Member) -> Iterator[Finding]:
    if (node.number is None) == (node.number_prompt is None):
        yield (
            ("number",),
            "expected either number (the blank it was collected in) or number_prompt (to ask for it here)",
        )
    if node.number == node.into:
        yield ("into",), f"the checked number needs a blank of its own, not {node.into!r} again"
    for low, high in (("number_low", "number_high"), ("pin_low", "pin_high")):
        if getattr(node, low) > getattr(node, high):
            yield (low,), f"{low} ({getattr(node, low)}) is above {high} ({getattr(node, high)})"


def _say(node: nodes.Say, known: Known) -> Iterator[Finding]:
    needs = nodes.FIGURES.get(node.figure)
    if needs is None:
        yield ("figure",), f"there is no figure {node.figure!r}{expected(node.figure, nodes.FIGURES)}"
        return
    if set(node.blanks) != set(needs):
        yield ("blanks",), f"the figure {node.figure} takes {', '.join(needs) or 'no blanks'}, and nothing else"
    collected = nodes.slots(node.blanks)
    for slot, text in node.blanks.items():
        if needs.get(slot) and slot not in collected:
            yield ("blanks", slot), f"expected {{{slot}}} as a member node has checked it, not {text!r}"
        elif slot == "queue":
            yield from check_target(Target(Kind.QUEUE, text), known, ("blanks", slot))


def _branch(node: nodes.Branch, known: Known) -> Iterator[Finding]:
    values: Collection[str] | None = ("yes", "no")
    if node.on == "language":
        values = ("zh-CN", "en")
    elif node.on == "period":
        values = known.periods
    elif node.on.startswith("value:"):
        values = None
    for case in node.cases:
        if values is not None and case not in values:
            yield ("cases", case), f"{node.on} is never {case!r}{expected(case, values)}"


def _go(node: nodes.Go, known: Known) -> Iterator[Finding]:
    if node.to != Target(Kind.SEAT, nodes.KEYED_SEAT):
        yield from check_target(node.to, known, ("to",))
    if node.otherwise is not None:
        yield from check_target(node.otherwise, known, ("otherwise",))
        if node.otherwise == node.to or node.otherwise == Target(Kind.SEAT, nodes.KEYED_SEAT):
            yield ("otherwise",), "expected another target: this one has just not taken the caller"
    if node.to.kind is Kind.SEAT and node.otherwise is None:
        yield ("otherwise",), "is missing: say where the caller goes if the seat can't take the call"


# -- the whole of a menu ----------------------------------------------------------------------------------------------


def _unreachable(menu: nodes.Menu, place: Place) -> Iterator[Finding]:
    seen: set[str] = set()
    left = [menu.start]
    while left:
        name = left.pop()
        if name in menu.nodes and name not in seen:
            seen.add(name)
            left += [following for _, following in nodes.exits(menu.nodes[name])]
    for name in menu.nodes:
        if name not in seen:
            yield (*place, "nodes", name), f"no way leads here from {menu.start!r}: expected an exit that names it"


def _not_collected(menu_name: str, menu: nodes.Menu, checked: Collection[str]) -> Iterator[Finding]:
    """Blanks that are used before every way to the node has filled them, and `checked` ones that others fill."""
    filled = filled_before(menu)
    for name, node in menu.nodes.items():
        at = ("menus", menu_name, "nodes", name)
        if isinstance(node, nodes.Digits | nodes.Note) and node.into in {nodes.SEAT, *checked}:
            yield (*at, "into"), f"only the node that checks it may fill {node.into!r}: expected another blank"
        for where, blank, proven in _uses(node):
            if name in filled and blank not in filled[name]:
                yield (*at, *where), f"{{{blank}}} may not have been collected here: fill it on every way to this node"
            elif proven and blank not in checked:
                yield (*at, *where), f"{{{blank}}} has not been checked with a PIN: expected a member node's blank"


def _uses(node: nodes.Node) -> Iterator[tuple[Place, str, bool]]:
    """(field, blank, whether it must have been checked) for every blank a node needs."""
    match node:
        case nodes.Say():
            needs = nodes.FIGURES.get(node.figure, {})
            for slot, blank in nodes.slots(node.blanks).items():
                yield ("blanks", slot), blank, needs.get(slot, False)
        case nodes.Member(number=str(number)):
            yield ("number",), number, False
        case nodes.Go(to=to) if to == Target(Kind.SEAT, nodes.KEYED_SEAT):
            yield ("to",), nodes.SEAT, False


def filled_before(menu: nodes.Menu) -> dict[str, frozenset[str]]:
    """For each node that can be reached: the blanks that are filled there whichever way the caller came."""
    found: dict[str, frozenset[str]] = {menu.start: frozenset()}
    left = [menu.start]
    while left:
        name = left.pop()
        if name not in menu.nodes:
            continue
        for word, following in nodes.exits(menu.nodes[name]):
            blank = nodes.fills(menu.nodes[name], word)
            after = found[name] | ({blank} if blank else set())
            if isinstance(menu.nodes[name], nodes.Member) and word == "failed":
                after -= {menu.nodes[name].into}  # type: ignore[union-attr]
            before = found.get(following)
            if before is None or not before <= after:
                found[following] = after if before is None else before & after
                left.append(following)
    return found


# -- all menus together -----------------------------------------------------------------------------------------------


def _silent(menus: Mapping[str, nodes.Menu], known: Known, step: Step) -> Iterator[Step]:
    """Where a caller may come from here who keys nothing. A target outside the menus is a step without a node."""
    menu, name = step
    if not name:
        yield from (_arrival(menus, target) for target in known.onward.get(menu, ()))
        return
    node = menus[menu].nodes.get(name)
    if isinstance(node, nodes.Go):
        yield from (_arrival(menus, target) for target in (node.to, node.otherwise) if target is not None)
    elif node is not None:
        yield from ((menu, following) for _, following in nodes.silent_exits(node) if following in menus[menu].nodes)


def _arrival(menus: Mapping[str, nodes.Menu], target: Target) -> Step:
    if target.kind is Kind.MENU and target.name in menus:
        return target.name, menus[target.name].start
    return str(target), ""


def _circles(menus: Mapping[str, nodes.Menu], known: Known) -> Iterator[Finding]:
    following: Callable[[Step], Iterator[Step]] = partial(_silent, menus, known)
    done: set[Step] = set()
    starts = [(menu_name, name) for menu_name, menu in menus.items() for name in menu.nodes]
    for start in [*starts, *((target, "") for target in known.onward)]:
        circle = _circle(start, following, done)
        if circle:
            way = " → ".join("/".join(step).strip("/") for step in (*circle, circle[0]))
            menu, name = next((step for step in circle if step[1]), circle[0])
            kind, _, target = menu.partition(":")
            at = ("menus", menu, "nodes", name) if name else (f"{kind}s" if target else kind, target)
            yield at, f"a caller who keys nothing goes round and round: {way}; expected a way that ends"


def _circle(start: Step, following: Callable[[Step], Iterator[Step]], done: set[Step]) -> list[Step]:
    """The first circle on a way from `start`; `done` are steps that lead into none that has not been told."""
    path: list[Step] = []
    ways: list[Iterator[Step]] = [iter((start,))]
    found: list[Step] = []
    while ways:
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            if path:
                done.add(path.pop())
        elif step in path:
            found = found or path[path.index(step) :]
        elif step not in done:
            path.append(step)
            ways.append(following(step))
    return found


def _room(menus: Mapping[str, nodes.Menu], known: Known) -> Iterator[Finding]:
    """Whether the place of every caller fits into one channel variable."""
    blanks: dict[str, int] = {}
    for menu in menus.values():
        for node in menu.nodes.values():
            match node:
                case nodes.Digits():
                    size = (node.into, node.high)
                case nodes.Note():
                    size = (node.into, len(node.value))
                case nodes.Member():
                    size = (node.into, 20 if node.number else node.number_high)
                case nodes.Keys(seats=str()):
                    size = (nodes.SEAT, 8)
                case _:
                    continue
            blanks[size[0]] = max(blanks.get(size[0], 0), size[1])
    names = [name for menu in menus.values() for name in menu.nodes]
    most = longest_text(max(map(len, menus), default=0), max(map(len, names), default=0),
                        max(map(len, known.periods), default=0), blanks)  # fmt: skip
    if most > LONGEST:
        yield (
            ("menus",),
            f"what callers key ({', '.join(blanks)}) and the longest names take {most} characters, and {LONGEST} is "
            "all there is room for: use the same blank again, shorter names, or fewer digits (high)",
        )
