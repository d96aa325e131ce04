"""Made addresses whose parts fit together: district, city, postcode and area code are real, the household is not."""

import random
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets import _places as places
from datasets.language import Language, UnknownLanguageError

Element = Literal[
    "province", "city", "district", "road", "number", "compound", "building", "unit", "room", "street", "state", "zip"
]

ZH_ELEMENTS: tuple[Element, ...] = (
    "province", "city", "district", "road", "number", "compound", "building", "unit", "room",
)  # fmt: skip


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


def one_line(language: Language, elements: Mapping[Element, str]) -> str:
    """The elements as one line of text."""
    if language == "zh-CN":
        return "".join(elements[name] for name in ZH_ELEMENTS if name in elements)
    unit = f", {elements['unit']}" if "unit" in elements else ""
    street = f"{elements['number']} {elements['street']}{unit}"
    return f"{street}, {elements['city']}, {elements['state']} {elements['zip']}"


def draw_address(rng: random.Random, language: Language) -> Address:
    """One address; the same state of `rng` gives the same one."""
    if language == "zh-CN":
        return _draw_chinese(rng)
    if language == "en":
        return _draw_american(rng)
    raise UnknownLanguageError(language)


def _draw_chinese(rng: random.Random) -> Address:
    place = rng.choice(places.CHINA)
    elements: dict[Element, str] = {"province": place.province} if place.province else {}
    elements |= {
        "city": place.city,
        "district": rng.choice(place.districts),
        "road": rng.choice(places.ROADS) + rng.choice(places.ROAD_ENDS),
        "number": f"{rng.randint(1, 899)}号",
        "compound": rng.choice(places.COMPOUNDS) + rng.choice(places.COMPOUND_ENDS),
        "building": f"{rng.randint(1, 28)}{rng.choice(('号楼', '栋'))}",
        "unit": f"{rng.randint(1, 5)}单元",
        "room": f"{rng.randint(1, 26)}{rng.randint(1, 6):02d}室",
    }
    where = "".join(elements[name] for name in ("province", "city", "district") if name in elements)
    spoken = (
        f"{where}，{elements['road']}{elements['number']}，{elements['compound']}，"
        f"{elements['building']}{elements['unit']}{elements['room']}"
    )
    return Address(
        language="zh-CN",
        elements=elements,
        text=one_line("zh-CN", elements),
        spoken=spoken,
        postcode=place.postcode,
        area_code=place.area_code,
    )


def _draw_american(rng: random.Random) -> Address:
    place = rng.choice(places.AMERICA)
    zip_code = rng.choice(place.zips)
    street = f"{rng.choice(places.STREETS)} {rng.choice(places.STREET_MIDDLES)} {rng.choice(places.STREET_ENDS)}"
    elements: dict[Element, str] = {"number": str(rng.randint(11, 9899)), "street": street}
    if rng.random() < 0.5:
        elements["unit"] = f"Apt {rng.randint(1, 19)}{rng.choice('ABCDEF')}"
    elements |= {"city": place.city, "state": place.state, "zip": zip_code}
    return Address(
        language="en",
        elements=elements,
        text=one_line("en", elements),
        spoken=_spoken_american(elements),
        postcode=zip_code,
        area_code=place.area_code,
    )


def _spoken_american(elements: Mapping[Element, str]) -> str:
    """`4812 …, Apt 3B, …, OH 45402` → `48 12 …, apartment 3 B, …, Ohio, 4 5 4 0 2`."""
    number = elements["number"]
    if len(number) == 4 and number[2] != "0":
        number = f"{number[:2]} {number[2:]}"
    parts = [f"{number} {elements['street']}"]
    if "unit" in elements:
        unit = elements["unit"].removeprefix("Apt ")
        parts.append(f"apartment {unit[:-1]} {unit[-1]}")
    parts += [elements["city"], places.STATES[elements["state"]], " ".join(elements["zip"])]
    return ", ".join(parts)
