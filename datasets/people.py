"""Made people: name, sex, age, number and address fit together, and nobody exists."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.addresses import Address
from datasets.language import Language
from datasets.numbers import DEFAULT, NumberRanges

Gender = Literal["f", "m"]


class Person(BaseModel):
    """One customer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """16 hex digits, drawn too: the same seed gives the same id."""
    language: Language
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
    gender: Gender
    age: int
    phone: str
    """11 digits, from ranges out of service."""
    address: Address


def draw_person(rng: random.Random, language: Language, ranges: NumberRanges = DEFAULT) -> Person:
    """One person; the same state of `rng` gives the same one."""
    raise NotImplementedError
