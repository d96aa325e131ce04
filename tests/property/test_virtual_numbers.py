"""No spelling of a virtual customer's number leaves by a carrier; real numbers do, and arrive as they were meant."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.numbers import NumberRanges
from telephony.numbers import NumberError, NumberVirtual, spelled
from telephony.trunks import CarrierTrunk

TRUNK = CarrierTrunk("carrier", NumberRanges().hold)
SEPARATORS = st.text(alphabet=" -.()/\u00a0\u2013\u3000", max_size=3)
ZEROS = [chr(point) for point in range(0x110000) if unicodedata.decimal(chr(point), None) == 0]
LEADS = [
    "",
    "+",
    "00",
    "+86",
    "0086",
    "86",
    "0",
    "+860",
    "00860",
    "8686",
    "9",
    "17951",
    "0179510",
    "12593",
    "00086",
    "179110086",
]

subscribers = st.text(alphabet="0123456789", min_size=8, max_size=8)
virtual = st.builds(lambda prefix, rest: prefix + rest, st.sampled_from(["163", "164"]), subscribers)


@st.composite
def spellings(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    """A number with something before it, in digits of any script, with separators anywhere."""
    plain = draw(st.sampled_from(LEADS)) + draw(numbers)
    written = [draw(SEPARATORS)]
    for character in plain:
        zero = draw(st.sampled_from(ZEROS)) if character.isdigit() else ""
        written += [chr(ord(zero) + int(character)) if zero else character, draw(SEPARATORS)]
    return "".join(written)


@given(spellings(virtual))
def test_no_spelling_of_a_virtual_number_passes(number: str) -> None:
    with pytest.raises(NumberVirtual):
        TRUNK.endpoint_for(number)


@given(spellings(virtual), st.text(alphabet="0123456789", max_size=5))
def test_surplus_digits_do_not_help(number: str, surplus: str) -> None:
    """Networks ignore what follows a complete number."""
    with pytest.raises(NumberVirtual):
        TRUNK.endpoint_for(number + surplus)


@given(st.text(max_size=40), virtual, st.text(max_size=40))
def test_nothing_put_around_it_helps(before: str, number: str, after: str) -> None:
    """Any text at all around it: refused as virtual or as no number; a foreign country's number is somebody else."""
    try:
        endpoint = TRUNK.endpoint_for(before + number + after)
    except NumberError:
        return
    assert endpoint.startswith("PJSIP/+") and not endpoint.startswith("PJSIP/+86")


@given(st.from_regex(r"1[35789][0-9]{9}", fullmatch=True), SEPARATORS)
def test_a_real_mobile_number_passes_and_is_dialled_as_meant(number: str, separator: str) -> None:
    assert TRUNK.endpoint_for(number[:3] + separator + number[3:]) == f"PJSIP/{number}@carrier"


@given(st.text(max_size=40))
def test_what_is_dialled_is_plain(number: str) -> None:
    """Whatever is typed, the dial string has only what a number has: no way to smuggle in another host or header."""
    try:
        dialled = spelled(number)
    except NumberError:
        return
    assert dialled.isascii() and set(dialled) <= set("+0123456789*#") and "+" not in dialled[1:]
    assert spelled(dialled) == dialled
