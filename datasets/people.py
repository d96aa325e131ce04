"""Made people: name, sex, age, number and address fit together, and nobody exists."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets import _names as names
from datasets.addresses import Address, draw_address
from datasets.language import Language, UnknownLanguageError
from datasets.numbers import DEFAULT, NumberRanges

Gender = Literal["f", "m"]


class Name(BaseModel):
    """A name and how it is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """`张秀英`, `Martha Whitcombe`."""
    family_name: str
    given_name: str
    reading: str
    """In Latin letters: `Zhang Xiuying`; in English the name itself."""
    spelled: str
    """How the caller makes it clear: `弓长张，优秀的秀，英雄的英`; `W, H, I, T, C, O, M, B, E`."""
    title: str
    """How an agent addresses the customer: `张女士`, `Ms. Whitcombe`."""


class Person(Name):
    """One customer."""

    id: str
    """16 hex digits, drawn too: the same seed gives the same id."""
    language: Language
    gender: Gender
    age: int
    phone: str
    """11 digits, from ranges out of service."""
    address: Address


def draw_person(rng: random.Random, language: Language, ranges: NumberRanges = DEFAULT) -> Person:
    """One person; the same state of `rng` gives the same one."""
    gender: Gender = rng.choice(("f", "m"))
    age = rng.randint(19, 78)
    name = draw_name(rng, language, gender, age)
    return Person(
        **name.model_dump(),
        id=f"{rng.getrandbits(64):016x}",
        language=language,
        gender=gender,
        age=age,
        phone=ranges.draw(rng),
        address=draw_address(rng, language),
    )


def draw_name(rng: random.Random, language: Language, gender: Gender, age: int) -> Name:
    """A name as people of that sex and age (in years) have it."""
    generation = "old" if age >= 55 else "middle" if age >= 30 else "young"
    if language == "zh-CN":
        return _chinese_name(rng, gender, generation)
    if language == "en":
        return _english_name(rng, gender, generation)
    raise UnknownLanguageError(language)


def _chinese_name(rng: random.Random, gender: Gender, generation: str) -> Name:
    surnames = list(names.SURNAMES)
    weights = [1 / (rank + 6) for rank in range(len(surnames))]  # the table begins with the most frequent
    first, second = names.CHINESE_GIVEN[gender, generation]
    while True:
        family = rng.choices(surnames, weights)[0]
        given = rng.choice(first) + rng.choice(second)
        if given[0] != given[1] and given[0] not in family and family + given not in names.FAMOUS:
            break
    surname, spelled = names.SURNAMES[family]
    characters = [names.CHARACTERS[char] for char in given]
    return Name(
        name=family + given,
        family_name=family,
        given_name=given,
        reading=f"{surname} {''.join(pinyin for pinyin, _ in characters).capitalize()}",
        spelled="，".join([spelled, *(clear for _, clear in characters)]),
        title=family + ("女士" if gender == "f" else "先生"),
    )


def _english_name(rng: random.Random, gender: Gender, generation: str) -> Name:
    given = rng.choice(names.ENGLISH_GIVEN[gender, generation].split())
    family = rng.choice(names.ENGLISH_FAMILIES)
    return Name(
        name=f"{given} {family}",
        family_name=family,
        given_name=given,
        reading=f"{given} {family}",
        spelled=", ".join(family.upper()),
        title=f"{'Ms.' if gender == 'f' else 'Mr.'} {family}",
    )
