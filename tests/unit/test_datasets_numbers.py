"""Numbers that reach nobody, however they are spelled."""

import random

import pytest
from pydantic import ValidationError

from datasets.numbers import DEFAULT, BadNumberError, NumberRanges, normalise


@pytest.mark.parametrize(
    "spelling",
    [
        "16300221234",
        "+8616300221234",
        "008616300221234",
        "8616300221234",
        "+86 163-0022-1234",
        "１６３００２２１２３４",
        "(163) 0022 1234",
        "\u202a163\u200b0022\u20111234\u202c",
    ],
)
def test_one_number_in_all_its_spellings(spelling: str) -> None:
    assert normalise(spelling) == "16300221234"
    assert DEFAULT.is_virtual(spelling)


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "+8613800138000",
        "1630022123",
        "163002212345",
        "+16300221234",
        "10086",
        "0163002212",
        "",
        "abc",
        "163",
    ],
)
def test_a_real_or_wrong_number_is_not_virtual(number: str) -> None:
    assert not DEFAULT.is_virtual(number)


@pytest.mark.parametrize("text", ["", "abc", "163a0022123", "+", "1" * 21, "一六三"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadNumberError, match="not a phone number"):
        normalise(text)


def test_a_number_from_abroad_keeps_its_plus() -> None:
    assert normalise("+1 937 555 0100") == "+19375550100"


def test_ranges_are_a_setting() -> None:
    ranges = NumberRanges(prefixes=("1640",))
    rng = random.Random(3)
    drawn = [ranges.draw(rng) for _ in range(200)]
    assert all(number.startswith("1640") and len(number) == 11 for number in drawn)
    assert all(ranges.is_virtual(number) for number in drawn)
    assert not ranges.is_virtual("16300221234")


@pytest.mark.parametrize("prefixes", [(), ("16",), ("26",), ("263",), ("16300221234",), ("１６３",), ("16x",), ("",)])
def test_wrong_ranges_are_refused(prefixes: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        NumberRanges(prefixes=prefixes)
