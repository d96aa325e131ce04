"""Drawing a case: the same scenario, language, seed and index give the same person, truth and words."""

import random
from datetime import date

from datasets.language import Language
from datasets.numbers import DEFAULT, NumberRanges
from datasets.orders import PastOrder, draw_order
from datasets.people import Person, draw_person
from datasets.products import Product, catalogue
from scenarios.case import Case, CaseLine, PurchaseRecord, RobotAsk, Temper
from scenarios.draws import World, draw_fact
from scenarios.errors import DrawError
from scenarios.facts import Condition, Fact, RecordField, Truth
from scenarios.placeholders import FIRST, fill, placeholders
from scenarios.schema import Line, Manner, Scenario, Spread

_TRIES = 1000
AGAIN = "_again"


def draw_case(
    scenario: Scenario, language: Language, seed: int, index: int, today: date, *, ranges: NumberRanges = DEFAULT
) -> Case:
    """Case number `index` (from 0) of a class with that seed, for calls on the day `today`.

    `DrawError` says why a case cannot be drawn.
    """
    if language not in scenario.languages:
        raise DrawError(f"scenario {scenario.id!r} has no {language}; it has {', '.join(scenario.languages)}")
    if index < 0:
        raise DrawError(f"cases are counted from 0, not {index}")
    rng = random.Random(f"{scenario.id}/{language}/{seed}/{index}")  # noqa: S311 (a class, not a secret)
    world = _draw_world(scenario, language, today, ranges, rng)
    facts = _draw_facts(scenario, world, rng)
    temper: Temper = rng.choices(list(scenario.persona.tempers), list(scenario.persona.tempers.values()))[0]
    manner: Manner = "polite" if temper == "calm" else "impatient"
    truth = _truth(scenario, facts)
    lines = _lines(scenario, language, manner, facts)
    persona = scenario.persona
    return Case(
        id=f"{scenario.id}-{language}-{seed}-{index}",
        scenario=scenario.id,
        version=scenario.version,
        title=scenario.title[language],
        language=language,
        seed=seed,
        index=index,
        today=today,
        direction=scenario.direction,
        queue=scenario.queue,
        form=scenario.form,
        person=world.person,
        product=world.product if _uses(scenario, "product.") else None,
        purchase=_purchase(world.purchase) if _uses(scenario, "order.") else None,
        temper=temper,
        manner=manner,
        voice_pick=rng.randrange(1000),
        speech_rate=_between(persona.speech_rate, rng, 2),
        patience_s=_between(persona.patience_s, rng, 1),
        hold_patience_s=_between(persona.hold_patience_s, rng, 1),
        rings_again=rng.random() < persona.rings_again,
        again_after_s=_between(persona.again_after_s, rng, 1),
        truth=truth,
        lines=lines,
        asks=_asks(scenario, lines),
    )


def holds(condition: Condition | None, facts: dict[str, Fact]) -> bool:
    """Whether a condition holds for these facts; no condition always does."""
    if condition is None:
        return True
    fact = facts.get(condition.fact)
    if fact is None:
        return False
    return bool(fact.first) if condition.changed else fact.value in condition.among


def _between(spread: Spread, rng: random.Random, digits: int) -> float:
    return round(rng.uniform(spread.low, spread.high), digits)


def _uses(scenario: Scenario, source: str) -> bool:
    return any(fact.draw.source.startswith(source) for fact in scenario.facts)


def _draw_world(scenario: Scenario, language: Language, today: date, ranges: NumberRanges, rng: random.Random) -> World:
    product = rng.choice(_goods(scenario, language))
    return World(
        person=_draw_person(scenario, language, ranges, rng),
        product=product,
        variant=rng.choice(product.variants) if product.variants else None,
        purchase=_draw_purchase(scenario, language, today, rng),
        today=today,
        language=language,
    )


def _draw_person(scenario: Scenario, language: Language, ranges: NumberRanges, rng: random.Random) -> Person:
    ages = scenario.persona.age
    for _ in range(_TRIES):
        person = draw_person(rng, language, ranges)
        if ages.low <= person.age <= ages.high:
            return person
    raise DrawError(f"scenario {scenario.id!r}: nobody is {ages.low:g} to {ages.high:g} years old; people are 19 to 78")


def _goods(scenario: Scenario, language: Language) -> list[Product]:
    """What can be ordered: in stock, of a fitting category, and with variants where the scenario asks for one."""
    wants_variant = _uses(scenario, "product.variant")
    goods = [
        product
        for product in catalogue(language)
        if product.stock and product.category not in scenario.not_categories and (product.variants or not wants_variant)
    ]
    if not goods:
        raise DrawError(f"scenario {scenario.id!r}: no article is left; name fewer categories in 'not_categories'")
    return goods


def _draw_purchase(scenario: Scenario, language: Language, today: date, rng: random.Random) -> PastOrder:
    for _ in range(_TRIES):
        purchase = draw_order(rng, language, today)
        if purchase.product.category not in scenario.not_categories:
            return purchase
    raise DrawError(f"scenario {scenario.id!r}: no article is left; name fewer categories in 'not_categories'")


def _purchase(order: PastOrder) -> PurchaseRecord:
    return PurchaseRecord(
        order_no=order.order_no,
        product=order.product.name,
        sku=order.product.sku,
        variant=order.variant,
        quantity=order.quantity,
        amount_minor=order.amount_minor,
        ordered_on=order.ordered_on,
        delivered_on=order.delivered_on,
    )


def _draw_facts(scenario: Scenario, world: World, rng: random.Random) -> dict[str, Fact]:
    """All facts are drawn, also those a condition then removes, so that one answer does not shift all later ones."""
    facts: dict[str, Fact] = {}
    for spec in scenario.facts:
        fact = draw_fact(spec, world, facts, rng)
        if fact is not None and holds(spec.shown_if, facts):
            facts[spec.key] = fact
    return facts


def _truth(scenario: Scenario, facts: dict[str, Fact]) -> Truth:
    recorded = [spec for spec in scenario.facts if not spec.given]
    return Truth(
        form=scenario.form,
        fields=tuple(
            RecordField(
                form=scenario.form,
                field=spec.key,
                kind=spec.kind,
                title=spec.title,
                required=spec.required,
                depends_on=spec.depends_on,
                shown_if=spec.shown_if,
                choices=spec.choices,
                computed_from=spec.draw.of,
            )
            for spec in recorded
        ),
        facts=tuple(facts[spec.key] for spec in recorded if spec.key in facts),
        given={spec.key: facts[spec.key].value for spec in scenario.facts if spec.given and spec.key in facts},
    )


def _lines(scenario: Scenario, language: Language, manner: Manner, facts: dict[str, Fact]) -> tuple[CaseLine, ...]:
    spoken: dict[str, str] = {}
    values: dict[str, str] = {}
    for key, fact in facts.items():
        spoken[key], values[key] = fact.spoken, fact.value
        spoken[key + FIRST], values[key + FIRST] = fact.first_spoken or fact.spoken, fact.first or fact.value
    lines: list[CaseLine] = []
    for line in scenario.lines:
        if holds(line.when, facts) and all(key in facts for key in (*line.tells, *line.tells_first)):
            lines.extend(_case_lines(line, line.text(language, manner), line.again.get(language, ""), spoken, values))
    return tuple(lines)


def _case_lines(
    line: Line, text: str, again: str, spoken: dict[str, str], values: dict[str, str]
) -> tuple[CaseLine, ...]:
    told = (*line.tells, *(key + FIRST for key in line.tells_first))
    main = CaseLine(
        id=line.id,
        role=line.role,
        text=fill(text, spoken),
        facts={_key(name): values[name] for name in told},
        answers=line.answers,
        follows=line.follows,
        again=line.id + AGAIN if again else "",
    )
    if not again:
        return (main,)
    repeated = {_key(name): values[name] for name in placeholders(again) if name in told}
    return main, CaseLine(id=line.id + AGAIN, role=line.role, text=fill(again, spoken), facts=repeated)


def _key(name: str) -> str:
    return name.removesuffix(FIRST)


def _asks(scenario: Scenario, lines: tuple[CaseLine, ...]) -> tuple[RobotAsk, ...]:
    asks = []
    for ask in scenario.agent.asks:
        answers = [line for line in lines if ask.intent in line.answers]
        answers += [line for line in lines if line.follows in {answer.id for answer in answers}]
        keys = dict.fromkeys(key for line in answers for key in line.facts)
        asks.append(RobotAsk(intent=ask.intent, keys=tuple(keys), when=ask.when))
    return tuple(asks)
