"""One fact's value, drawn: what is true, how it is said, and what the caller says before it changes its mind."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.language import Language
from datasets.orders import PastOrder
from datasets.people import Person
from datasets.products import Product
from scenarios.errors import DrawError
from scenarios.facts import Fact, FactKind, address_value, points_value
from scenarios.schema import FactSpec, Option
from scenarios.spoken import say_count, say_day, say_digits


@dataclass(frozen=True)
class World:
    """What a case is drawn from: the person, the article it wants, the order it has, and the day it rings."""

    person: Person
    product: Product
    variant: str | None
    purchase: PastOrder
    today: date
    language: Language


def draw_fact(spec: FactSpec, world: World, known: Mapping[str, Fact], rng: random.Random) -> Fact | None:
    """One fact; None where the case has none (an article without variants). `known`: the facts drawn before it."""
    match spec.draw.source:
        case "options":
            return _from_options(spec, world.language, rng)
        case "range":
            return _from_range(spec, world.language, rng)
        case "days_ago":
            return _from_days(spec, world, rng)
        case "product_of":
            return _computed(spec, known)
        case source:
            found = _from_world(source, world)
            return found and Fact(key=spec.key, kind=spec.kind, value=found[0], spoken=found[1])


def _from_world(source: str, world: World) -> tuple[str, str] | None:
    person, product, purchase, language = world.person, world.product, world.purchase, world.language
    address = {str(key): text for key, text in person.address.elements.items()}
    found: dict[str, tuple[str, str] | None] = {
        "person.name": (person.name, person.name),
        "person.phone": (person.phone, say_digits(person.phone, language)),
        "person.address": (address_value(address), person.address.spoken),
        "order.number": (purchase.order_no, say_digits(purchase.order_no, language)),
        "order.tail": (purchase.order_no[-4:], say_digits(purchase.order_no[-4:], language)),
        "order.product": (purchase.product.name, purchase.product.name),
        "product.name": (product.name, product.name),
        "product.price": (str(product.price_minor), product.price_text),
        "product.variant": (world.variant, world.variant) if world.variant else None,
    }
    if source not in found:
        raise DrawError(f"nothing is known to be drawn from {source!r}")
    return found[source]


def _from_options(spec: FactSpec, language: Language, rng: random.Random) -> Fact:
    options = list(spec.draw.options)
    final = rng.choices(options, [option.weight for option in options])[0]
    fact = Fact(key=spec.key, kind=spec.kind, value=_option_value(spec, final, language), spoken=final.spoken[language])
    if rng.random() >= spec.draw.changes:
        return fact
    others = [option for option in options if option is not final]
    first = rng.choices(others, [option.weight for option in others])[0]
    return _changed(fact, _option_value(spec, first, language), first.spoken[language])


def _option_value(spec: FactSpec, option: Option, language: Language) -> str:
    return points_value(option.points[language]) if spec.kind == FactKind.POINTS else option.value


def _from_range(spec: FactSpec, language: Language, rng: random.Random) -> Fact:
    numbers = range(spec.draw.low, spec.draw.high + 1)
    final = rng.choice(numbers)
    fact = Fact(key=spec.key, kind=spec.kind, value=str(final), spoken=say_count(final, language))
    if rng.random() >= spec.draw.changes:
        return fact
    first = rng.choice([number for number in numbers if number != final])
    return _changed(fact, str(first), say_count(first, language))


def _changed(fact: Fact, first: str, first_spoken: str) -> Fact:
    return fact.model_copy(update={"first": first, "first_spoken": first_spoken})


def _from_days(spec: FactSpec, world: World, rng: random.Random) -> Fact:
    """Never before the earlier order was delivered: nothing can be wrong with it by then."""
    owned = (world.today - world.purchase.delivered_on).days
    ago = rng.randint(spec.draw.low, max(spec.draw.low, min(spec.draw.high, owned)))
    day = world.today - timedelta(days=ago)
    return Fact(key=spec.key, kind=spec.kind, value=day.isoformat(), spoken=say_day(day, world.today, world.language))


def _computed(spec: FactSpec, known: Mapping[str, Fact]) -> Fact | None:
    result = 1
    for key in spec.draw.of:
        if key not in known:
            return None
        result *= int(known[key].value)
    return Fact(key=spec.key, kind=spec.kind, value=str(result), spoken="", derived_from=spec.draw.of)
