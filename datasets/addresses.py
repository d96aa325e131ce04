"""Made addresses whose parts fit together: district, city, postcode and area code are real, the household is not."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.language import Language

ZH_ELEMENTS = ("province", "city", "district", "road", "number", "compound", "building", "unit", "room")
EN_ELEMENTS = ("number", "street", "unit", "city", "state", "zip")

Element = Literal[
    "province", "city", "district", "road", "number", "compound", "building", "unit", "room", "street", "state", "zip"
]


class Address(BaseModel):
    """One address. `elements` are in the order they are said; an element the address does not have is not in it.

    zh-CN: province (not in 北京, 上海, 天津, 重庆), city, district, road, number (`128号`), compound (`翠竹苑`),
    building (`3号楼`), unit (`2单元`), room (`501室`).
    en: number, street, unit (`Apt 3B`, optional), city, state (`OH`), zip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    elements: dict[Element, str]
    text: str
    """On one line, as it is written on a parcel."""
    spoken: str
    """As the caller says it."""
    postcode: str
    area_code: str


def one_line(language: Language, elements: dict[Element, str]) -> str:
    """The elements as one line of text."""
    if language == "zh-CN":
        return "".join(elements[name] for name in ZH_ELEMENTS if name in elements)
    street = f"{elements['number']} {elements['street']}"
    unit = f", {elements['unit']}" if "unit" in elements else ""
    return f"{street}{unit}, {elements['city']}, {elements['state']} {elements['zip']}"


def draw_address(rng: random.Random, language: Language) -> Address:
    """One address; the same state of `rng` gives the same one."""
    raise NotImplementedError
