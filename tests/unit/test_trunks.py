"""Which endpoint a number is dialled at, and which numbers are never dialled."""

import pytest

from datasets.numbers import NumberRanges
from telephony.numbers import NumberError, NumberMalformed, NumberVirtual, spelled
from telephony.trunks import CarrierTrunk, LabTrunk, NullTrunk, NumberNotServed


def at_worker(number: str) -> tuple[str, int] | None:
    return ("127.0.0.2", 5070) if number == "16312345678" else None


@pytest.mark.parametrize(
    ("given", "dialled"),
    [
        ("13912345678", "13912345678"),
        ("139 1234-5678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("+86 (139) 1234.5678", "+8613912345678"),
        ("0086 139 1234 5678", "+8613912345678"),
        ("٠١٠", "010"),
        ("*72#", "*72#"),
    ],
)
def test_a_number_has_one_spelling(given: str, dialled: str) -> None:
    assert spelled(given) == dialled


@pytest.mark.parametrize(
    "given",
    [
        "",
        "  ",
        "+",
        "1O0",
        "13912345678@evil",
        "139;transport=tcp",
        "139\r\nX: y",
        "一三九",
        "1\u200b39",
        "1+39",
        "9" * 33,
    ],
)
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(NumberMalformed):
        spelled(given)


def test_the_lab_trunk_dials_the_worker_that_has_the_number() -> None:
    assert LabTrunk(at_worker).endpoint_for("163 1234 5678") == "PJSIP/lab/sip:16312345678@127.0.0.2:5070"


def test_the_lab_trunk_says_when_nobody_has_the_number() -> None:
    with pytest.raises(NumberNotServed, match="no virtual customer") as caught:
        LabTrunk(at_worker).endpoint_for("13912345678")
    assert caught.value.error_id == "number_not_served"


@pytest.mark.parametrize("place", [("127.0.0.2;x", 5070), ("127.0.0.2", 0), ("a b", 5070)])
def test_a_worker_at_an_odd_place_is_refused(place: tuple[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot be at"):
        LabTrunk(lambda _number: place).endpoint_for("1")


def test_a_carrier_gets_real_numbers() -> None:
    trunk = CarrierTrunk("carrier", NumberRanges().hold)
    assert trunk.endpoint_for("+86 139 1234 5678") == "PJSIP/+8613912345678@carrier"
    assert trunk.endpoint_for("010-8888 1634") == "PJSIP/01088881634@carrier"
    assert trunk.endpoint_for("+49 163 1234567") == "PJSIP/+491631234567@carrier"
    assert trunk.endpoint_for("12345") == "PJSIP/12345@carrier"


@pytest.mark.parametrize(
    "given", ["16312345678", "+8616412345678", "0086-163-1234-5678", "0 163 1234 5678", "9 163 1234 5678"]
)
def test_a_carrier_never_gets_a_virtual_customers_number(given: str) -> None:
    with pytest.raises(NumberVirtual) as caught:
        CarrierTrunk("carrier", NumberRanges().hold).endpoint_for(given)
    assert caught.value.error_id == "number_is_virtual"


@pytest.mark.parametrize("given", ["*72", "12#", "+0139"])
def test_a_carrier_takes_digits_only(given: str) -> None:
    with pytest.raises(NumberMalformed):
        CarrierTrunk("carrier", NumberRanges().hold).endpoint_for(given)


def test_the_ranges_are_a_setting() -> None:
    trunk = CarrierTrunk("carrier", NumberRanges(prefixes=("199",)).hold)
    assert trunk.endpoint_for("16312345678") == "PJSIP/16312345678@carrier"
    with pytest.raises(NumberVirtual):
        trunk.endpoint_for("19912345678")


def test_without_a_trunk_nothing_is_dialled() -> None:
    with pytest.raises(NumberError, match="no trunk is configured"):
        NullTrunk().endpoint_for("13912345678")


@pytest.mark.parametrize("endpoint", ["", "a b", "x@y", "a,b"])
def test_an_endpoint_is_a_plain_name(endpoint: str) -> None:
    with pytest.raises(ValueError, match="not the name of an endpoint"):
        CarrierTrunk(endpoint, NumberRanges().hold)
