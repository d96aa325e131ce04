"""Made people and addresses: the same for the same seed, fitting together, reaching nobody."""

import random

import pytest

from datasets import _names as names
from datasets import _places as places
from datasets.addresses import draw_address, one_line
from datasets.language import LANGUAGES, Language, UnknownLanguageError
from datasets.numbers import DEFAULT
from datasets.people import Person, draw_person


def draw(language: Language, count: int, seed: int = 7) -> list[Person]:
    rng = random.Random(seed)
    return [draw_person(rng, language) for _ in range(count)]


def test_a_seed_gives_these_people_for_ever() -> None:
    """Golden: a change here changes the truth of every stored class."""
    chinese, english = draw("zh-CN", 1)[0], draw("en", 1)[0]
    assert (chinese.name, chinese.age, chinese.phone, chinese.address.text) == GOLDEN_ZH
    assert (english.name, english.age, english.phone, english.address.text) == GOLDEN_EN


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_thousand_people_are_distinct_enough(language: Language) -> None:
    people = draw(language, 10_000)
    assert len({person.id for person in people}) == 10_000
    assert len({person.phone for person in people}) > 9_990
    assert len({person.address.text for person in people}) > 9_990
    assert len({person.name for person in people}) > 6_000
    assert all(DEFAULT.is_virtual(person.phone) for person in people)
    assert not {person.name for person in people} & names.FAMOUS
    assert len({person.gender for person in people}) == 2
    assert min(person.age for person in people) >= 18


def test_a_chinese_address_fits_together() -> None:
    known = {place.city: place for place in places.CHINA}
    for person in draw("zh-CN", 500):
        address, elements = person.address, person.address.elements
        place = known[elements["city"]]
        assert elements["district"] in place.districts
        assert elements.get("province", "") == place.province
        assert (address.postcode, address.area_code) == (place.postcode, place.area_code)
        assert address.text == "".join(elements.values()) == one_line("zh-CN", elements)
        assert address.spoken.replace("，", "") == address.text


def test_an_american_address_fits_together() -> None:
    known = {(place.city, place.state): place for place in places.AMERICA}
    for person in draw("en", 500):
        address, elements = person.address, person.address.elements
        place = known[elements["city"], elements["state"]]
        assert elements["zip"] == address.postcode
        assert address.postcode in place.zips
        assert address.area_code == place.area_code
        assert address.text == one_line("en", elements)
        assert all(value in address.text for value in elements.values())
        assert address.spoken.endswith(" ".join(elements["zip"]))


def test_places_are_written_right() -> None:
    assert all(len(place.postcode) == 6 and place.area_code.startswith("0") for place in places.CHINA)
    assert len({place.city for place in places.CHINA}) == len(places.CHINA)
    assert {place.state for place in places.AMERICA} == set(places.STATES)
    assert all(len(zip_code) == 5 for place in places.AMERICA for zip_code in place.zips)


def test_a_chinese_name_is_spelled_out() -> None:
    for person in draw("zh-CN", 500):
        assert person.name == person.family_name + person.given_name
        assert len(person.spelled.split("，")) == 1 + len(person.given_name)
        assert person.title in (f"{person.family_name}女士", f"{person.family_name}先生")
        assert person.title.endswith("女士") == (person.gender == "f")
        assert person.reading.isascii() or "ü" in person.reading


def test_every_character_of_a_name_has_its_reading() -> None:
    used = {char for pools in names.CHINESE_GIVEN.values() for pool in pools for char in pool}
    assert used <= set(names.CHARACTERS)
    assert all(char in clear for char, (_, clear) in names.CHARACTERS.items())


def test_an_english_name_is_spelled_out() -> None:
    for person in draw("en", 200):
        assert person.spelled.replace(", ", "") == person.family_name.upper()
        assert person.name == person.reading == f"{person.given_name} {person.family_name}"
        assert person.title == f"{'Ms.' if person.gender == 'f' else 'Mr.'} {person.family_name}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownLanguageError, match="zh-CN"):
        draw_person(random.Random(1), "fr")  # type: ignore[arg-type]
    with pytest.raises(UnknownLanguageError):
        draw_address(random.Random(1), "")  # type: ignore[arg-type]


GOLDEN_ZH = ("徐浩轩", 28, "16349081935", "海南省海口市龙华区红旗西路39号碧水华庭14号楼2单元305室")
GOLDEN_EN = ("Gavin Maddox", 28, "16349081935", "1419 Velvet Crossing Lane, Apt 3B, Albany, NY 12203")
