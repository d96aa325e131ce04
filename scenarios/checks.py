"""What must hold between the parts of a scenario. Each check yields (place in the file, reason) and goes on."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from scenarios.facts import Condition, FactKind
from scenarios.placeholders import FIRST, placeholders
from scenarios.schema import FactSpec, Line, LineRole, Option, Scenario
from scenarios.text_checks import Finding, Place, agent_lines, check_texts, numbered

GREET, CLOSE, CURT = "greet", "close", "curt"
_TELLING = (LineRole.OPENING, LineRole.ANSWER, LineRole.ADDITION)
_NEEDED = (
    LineRole.OPENING,
    LineRole.WAITING,
    LineRole.HELD,
    LineRole.PUZZLED,
    LineRole.ACKNOWLEDGE,
    LineRole.GOODBYE,
    LineRole.LEAVING,
)
_KINDS: Mapping[str, tuple[FactKind, ...]] = {
    "person.name": (FactKind.NAME,),
    "person.phone": (FactKind.PHONE,),
    "person.address": (FactKind.ADDRESS,),
    "order.number": (FactKind.TEXT,),
    "order.tail": (FactKind.TEXT,),
    "order.product": (FactKind.TEXT,),
    "product.name": (FactKind.TEXT,),
    "product.variant": (FactKind.TEXT,),
    "product.price": (FactKind.AMOUNT,),
    "options": (FactKind.CHOICE, FactKind.POINTS, FactKind.TEXT),
    "range": (FactKind.COUNT,),
    "days_ago": (FactKind.DATE,),
    "product_of": (FactKind.AMOUNT, FactKind.COUNT),
}


def check_scenario(scenario: Scenario) -> list[Finding]:
    """Everything that is wrong between the parts; empty if the scenario can be played."""
    checks: tuple[Callable[[Scenario], Iterator[Finding]], ...] = (
        _unique,
        check_texts,
        _facts,
        _lines,
        _additions,
        _asks,
        _told,
        _rubric,
    )
    return [finding for check in checks for finding in check(scenario)]


def _unique(scenario: Scenario) -> Iterator[Finding]:
    yield from _twice(("facts",), [fact.key for fact in scenario.facts])
    yield from _twice(("lines",), [line.id for line in scenario.lines])
    yield from _twice(("agent",), [line.intent for line in scenario.agent.lines])
    for index, fact in enumerate(scenario.facts):
        yield from _twice(("facts", str(index), "choices"), [choice.code for choice in fact.choices])


def _twice(place: Place, names: Sequence[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield place, f"{name!r} is here {count} times; each name may be used once"


def _facts(scenario: Scenario) -> Iterator[Finding]:
    keys = {fact.key for fact in scenario.facts}
    for at, fact in numbered(("facts",), scenario.facts):
        if fact.kind not in _KINDS[fact.draw.source]:
            yield (*at, "kind"), f"'from: {fact.draw.source}' gives {_KINDS[fact.draw.source][0]}, not {fact.kind}"
        if (fact.kind == FactKind.CHOICE) != bool(fact.choices):
            yield at, "choices belong to kind choice, and only there"
        for name in (*fact.draw.of, *fact.depends_on):
            if name not in keys or name == fact.key:
                yield at, f"builds on {name!r}, which is no other fact"
        if fact.draw.of and not fact.depends_on:
            yield at, "is computed, so 'depends_on' must name the fields it follows from"
        for inner, option in numbered((*at, "draw", "options"), fact.draw.options):
            yield from _option(inner, fact, option)
        if fact.shown_if is not None:
            yield from _condition((*at, "shown_if"), scenario, fact.shown_if)


def _option(place: Place, fact: FactSpec, option: Option) -> Iterator[Finding]:
    if (fact.kind == FactKind.POINTS) != bool(option.points):
        yield place, "points belong to kind points, and only there"
    if (fact.kind == FactKind.POINTS) == bool(option.value):
        yield place, "needs a value (or, for kind points, points)"
    if fact.choices and option.value not in {choice.code for choice in fact.choices}:
        yield (*place, "value"), f"{option.value!r} is none of the choices"
    for language, points in option.points.items():
        if not points or not all(point and all(point) for point in points):
            yield (*place, "points", language), "needs at least one point, each with at least one wording"


def _condition(place: Place, scenario: Scenario, condition: Condition) -> Iterator[Finding]:
    fact = next((fact for fact in scenario.facts if fact.key == condition.fact), None)
    if fact is None:
        yield place, f"asks for {condition.fact!r}, which is no fact"
    elif condition.changed == bool(condition.among):
        yield place, "needs either 'among' or 'changed: true'"
    elif condition.changed and not fact.draw.changes:
        yield place, f"the caller never changes its mind about {condition.fact!r}"
    else:
        known = {choice.code for choice in fact.choices} or {option.value for option in fact.draw.options}
        for value in condition.among:
            if known and value not in known:
                yield (*place, "among"), f"{value!r} is no value of {condition.fact!r}"


def _lines(scenario: Scenario) -> Iterator[Finding]:
    roles = Counter(line.role for line in scenario.lines)
    needed = (*_NEEDED, LineRole.PICKUP) if scenario.direction == "out" else _NEEDED
    for role in needed:
        if not roles[role]:
            yield ("lines",), f"there is no line with role {role}"
    if roles[LineRole.OPENING] > 1:
        yield ("lines",), "there is more than one opening"
    intents = {ask.intent for ask in scenario.agent.asks}
    for at, line in numbered(("lines",), scenario.lines):
        if (line.role == LineRole.ANSWER) != bool(line.answers):
            yield at, "'answers' belongs to role answer, and only there"
        for intent in line.answers:
            if intent not in intents:
                yield (*at, "answers"), f"{intent!r} is not asked by the agent's script"
        if line.when is not None:
            yield from _condition((*at, "when"), scenario, line.when)
        yield from _telling(at, scenario, line)


def _telling(place: Place, scenario: Scenario, line: Line) -> Iterator[Finding]:
    """What a line says and what it is counted as telling must be the same."""
    facts = {fact.key: fact for fact in scenario.facts}
    if (line.tells or line.tells_first) and line.role not in _TELLING:
        yield place, f"a line with role {line.role} tells no facts"
    for key in (*line.tells, *line.tells_first):
        if key not in facts or facts[key].given or facts[key].draw.of:
            yield place, f"tells {key!r}, which is no fact a caller tells"
    for key in line.tells_first:
        if key in facts and not facts[key].draw.changes:
            yield (*place, "tells_first"), f"the caller never changes its mind about {key!r}"
    told = {*line.tells, *(key + FIRST for key in line.tells_first)}
    implied = {line.when.fact} if line.when is not None else set()
    for at, text in _variants(place, line):
        used = set(placeholders(text))
        for name in sorted(used - told):
            if name not in facts or not facts[name].given:
                yield at, f"{{{name}}} is said here but is not in 'tells' or 'tells_first'"
        if at[-1] != "again" and at[-2] != "again":
            for name in sorted(told - used - implied):
                yield at, f"is to tell {name}, but {{{name}}} is not in the text"


def _variants(place: Place, line: Line) -> Iterator[tuple[Place, str]]:
    for language, says in line.says.items():
        for text in (says,) if isinstance(says, str) else says.values():
            yield (*place, "says", language), text
    for language, again in line.again.items():
        yield (*place, "again", language), again


def _additions(scenario: Scenario) -> Iterator[Finding]:
    ids = {line.id: line for line in scenario.lines}
    for at, line in numbered(("lines",), scenario.lines):
        if (line.role == LineRole.ADDITION) != bool(line.follows):
            yield at, "'follows' belongs to role addition, and only there"
        elif line.follows and (line.follows not in ids or ids[line.follows].role not in _TELLING[:2]):
            yield (*at, "follows"), f"{line.follows!r} is no opening and no answer"


def _asks(scenario: Scenario) -> Iterator[Finding]:
    for name, spoken in ((GREET, scenario.agent.greet), (CLOSE, scenario.agent.close)):
        if spoken.intent != name:
            yield ("agent", name, "intent"), f"must be {name!r}"
    answered = {intent for line in scenario.lines for intent in line.answers}
    for at, ask in numbered(("agent", "asks"), scenario.agent.asks):
        if ask.intent in (GREET, CLOSE, CURT):
            yield (*at, "intent"), f"{ask.intent!r} is a word the floor keeps for itself"
        elif ask.intent not in answered:
            yield at, f"no line of the caller's answers {ask.intent!r}"
        if ask.when is not None:
            yield from _condition((*at, "when"), scenario, ask.when)
    for at, spoken in agent_lines(scenario):
        for language, text in (*spoken.says.items(), *spoken.curt.items()):
            if placeholders(text):
                yield (*at, "says", language), "an agent's line has no places to fill: it is spoken once for all cases"


def _told(scenario: Scenario) -> Iterator[Finding]:
    final = {key for line in scenario.lines for key in line.tells}
    first = {key for line in scenario.lines for key in line.tells_first}
    for at, fact in numbered(("facts",), scenario.facts):
        if fact.given or fact.draw.of:
            continue
        if fact.key not in final:
            yield at, "no line of the caller's tells it"
        if fact.draw.changes and fact.key not in first:
            yield at, "the caller changes its mind about it, but no line tells what it says at first"


def _rubric(scenario: Scenario) -> Iterator[Finding]:
    recorded = {fact.key for fact in scenario.facts if not fact.given}
    for at, item in numbered(("rubric", "items"), scenario.rubric.items):
        if item.kind == "field" and item.field not in recorded:
            yield (*at, "field"), f"{item.field!r} is no field that is recorded"
        for name in item.depends_on:
            if name not in recorded:
                yield (*at, "depends_on"), f"{name!r} is no field that is recorded"
    graded = {item.field for item in scenario.rubric.items}
    for fact in scenario.facts:
        if fact.required and not fact.given and fact.key not in graded:
            yield ("rubric", "items"), f"the required field {fact.key!r} is not graded"
