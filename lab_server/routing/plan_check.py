"""Whether everything a floor plan names is there, and whether every caller comes to an end."""

from collections.abc import Iterator, Mapping

from datasets.language import LANGUAGES
from datasets.prompts import AGENT_PROMPT, PROMPTS
from lab_server.routing.hours import Hours, Period
from lab_server.routing.ivr_check import Finding, Known, Place, check_menus, check_prompt, check_target, expected
from lab_server.routing.ivr_nodes import Go
from lab_server.routing.plan import FloorPlan
from lab_server.routing.screening import spellings
from lab_server.routing.target import Kind, Target


def check_plan(plan: FloorPlan) -> list[Finding]:
    """Everything that is wrong with a plan; empty if it can be put to work."""
    known = known_of(plan)
    checks = (_prompts(plan, known), _targets(plan, known), _lines(plan), _seats(plan, known), _numbers(plan))
    findings = [finding for check in checks for finding in check] + list(_unused_menus(plan))
    return findings + check_menus(plan.menus, known)


def known_of(plan: FloorPlan) -> Known:
    """What the plan's targets and prompts may name."""
    return Known(
        targets={
            Kind.QUEUE: plan.queues.keys(),
            Kind.CALLBACK: plan.queues.keys(),
            Kind.SEAT: plan.seats.keys(),
            Kind.GROUP: plan.groups.keys(),
            Kind.MAILBOX: plan.mailboxes.keys(),
            Kind.MENU: plan.menus.keys(),
        },
        prompts={prompt for prompt, _, _ in PROMPTS if prompt != AGENT_PROMPT} | plan.prompts.keys(),
        periods={period.name for hours in plan.hours.values() for period in hours.every()},
        onward=_onward(plan),
    )


def _onward(plan: FloorPlan) -> Mapping[str, tuple[Target, ...]]:
    """Where each target sends callers it cannot keep."""
    return {
        "operator": (plan.operator,),
        **{f"queue:{name}": (rules.when_full, rules.when_late) for name, rules in plan.queues.items()},
        **{f"group:{name}": (group.otherwise,) for name, group in plan.groups.items()},
    }


def _targets(plan: FloorPlan, known: Known) -> Iterator[Finding]:
    for place, target in _all_targets(plan):
        yield from check_target(target, known, place)
    if plan.operator.kind in {Kind.OPERATOR, Kind.MENU}:
        yield ("operator",), f"{plan.operator} is nobody who answers: expected a queue, a seat, a group or a number"
    if plan.at_last.kind is Kind.MENU:
        yield ("at_last",), "callers who have walked through the menus without end must not begin again"


def _all_targets(plan: FloorPlan) -> Iterator[tuple[Place, Target]]:
    """Every target outside the menus."""
    yield ("operator",), plan.operator
    yield ("at_last",), plan.at_last
    yield from (((("lines", name, "to")), line.to) for name, line in plan.lines.items() if line.to)
    for name, hours in plan.hours.items():
        yield from (((("hours", name, *place)), period.then) for place, period in _periods(hours))
    for name, rules in plan.queues.items():
        yield ("queues", name, "when_full"), rules.when_full
        yield ("queues", name, "when_late"), rules.when_late
    for name, group in plan.groups.items():
        yield ("groups", name, "otherwise"), group.otherwise
        yield from (((("groups", name, "rings", str(at), "to")), ring.to) for at, ring in enumerate(group.rings))
    yield from (((("screening", *place)), target) for place, target in plan.screening.targets())


def _periods(hours: Hours) -> Iterator[tuple[Place, Period]]:
    yield from ((("periods", str(at), "then"), period) for at, period in enumerate(hours.periods))
    for day, special in enumerate(hours.special):
        yield from ((("special", str(day), "periods", str(at), "then"), one) for at, one in enumerate(special.periods))
    yield ("otherwise", "then"), hours.otherwise


def _unused_menus(plan: FloorPlan) -> Iterator[Finding]:
    """Menus no caller ever comes to."""
    entered = [target.name for _, target in _all_targets(plan) if target.kind is Kind.MENU]
    seen: set[str] = set()
    while entered:
        name = entered.pop()
        if name in plan.menus and name not in seen:
            seen.add(name)
            gone = (node for node in plan.menus[name].nodes.values() if isinstance(node, Go))
            ways = (way for node in gone for way in (node.to, node.otherwise) if way is not None)
            entered += [way.name for way in ways if way.kind is Kind.MENU]
    for name in plan.menus:
        if name not in seen:
            yield ("menus", name), "no line, period or other menu leads here: expected a target that names it"


def _prompts(plan: FloorPlan, known: Known) -> Iterator[Finding]:
    for prompt, texts in plan.prompts.items():
        missing = [language for language in LANGUAGES if language not in texts]
        if missing:
            yield (
                ("prompts", prompt),
                f"has no text in {' and '.join(missing)}: expected both {' and '.join(LANGUAGES)}",
            )
        if (prompt, "zh-CN", 1) in PROMPTS:
            yield ("prompts", prompt), "is a built-in prompt's name: expected another one"
    for place, prompt in _all_prompts(plan):
        if prompt:
            yield from check_prompt(prompt, known, place)


def _all_prompts(plan: FloorPlan) -> Iterator[tuple[Place, str]]:
    yield from (((("lines", name, "greeting")), line.greeting) for name, line in plan.lines.items())
    for name, hours in plan.hours.items():
        yield from (((("hours", name, *place[:-1], "prompt")), period.prompt) for place, period in _periods(hours))
    yield from (((("mailboxes", name, "prompt")), box.prompt) for name, box in plan.mailboxes.items())
    yield from (((("screening", *place)), prompt) for place, prompt in plan.screening.greetings())


def _lines(plan: FloorPlan) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for name, line in plan.lines.items():
        if line.hours is not None and line.hours not in plan.hours:
            yield ("lines", name, "hours"), f"there are no hours {line.hours!r}{expected(line.hours, plan.hours)}"
        yield from _music(plan, line.music, ("lines", name, "music"))
        for at, number in enumerate(line.numbers):
            other = taken.setdefault(number, name)
            if other != name:
                yield ("lines", name, "numbers", str(at)), f"{number} is the line {other!r}'s already"
    used = {line.hours for line in plan.lines.values()}
    yield from ((("hours", name), "no line uses these hours") for name in plan.hours if name not in used)


def _music(plan: FloorPlan, music: str, place: Place) -> Iterator[Finding]:
    if music != "default" and music not in plan.music:
        yield place, f"there is no music {music!r}{expected(music, ['default', *plan.music])}"


def _seats(plan: FloorPlan, known: Known) -> Iterator[Finding]:
    for number, seat in plan.seats.items():
        for at, queue in enumerate(seat.queues):
            yield from check_target(Target(Kind.QUEUE, queue), known, ("seats", number, "queues", str(at)))
        if seat.mailbox is not None and seat.mailbox not in plan.mailboxes:
            yield (
                ("seats", number, "mailbox"),
                f"there is no mailbox {seat.mailbox!r}{expected(seat.mailbox, plan.mailboxes)}",
            )
    for name, box in plan.mailboxes.items():
        for at, listener in enumerate(box.seats):
            if listener not in plan.seats:
                yield (
                    ("mailboxes", name, "seats", str(at)),
                    f"there is no seat {listener!r}{expected(listener, plan.seats, few=True)}",
                )
    for name, rules in plan.queues.items():
        yield from _music(plan, rules.music, ("queues", name, "music"))
        able = [seat for seat in plan.seats.values() if not seat.queues or name in seat.queues]
        if rules.skill is not None and not any(rules.skill in seat.skills for seat in able):
            yield ("queues", name, "skill"), f"no seat that serves this queue has the skill {rules.skill!r}"


def _numbers(plan: FloorPlan) -> Iterator[Finding]:
    """A number on the blacklist and among the VIPs: one of them is a mistake."""
    black = {one for rule in plan.screening.blacklist for number in rule.numbers for one in spellings(number)}
    for at, rule in enumerate(plan.screening.vip):
        for place, number in enumerate(rule.numbers):
            if number != "*" and black & spellings(number):
                yield ("screening", "vip", str(at), "numbers", str(place)), f"{number} is on the blacklist, too"
