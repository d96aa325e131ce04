"""When keys are a whole entry."""

import pytest

from lab_server.routing.ivr_entry import Rules, Taken

SEATS = Rules(6.0, 2.0, frozenset({"1", "2", "*", "1001", "1003"}))
NUMBER = Rules(8.0, 4.0, None, low=4, high=6)


@pytest.mark.parametrize(
    ("keyed", "quiet_s", "taken"),
    [
        ("", 0.0, None),
        ("", 6.0, Taken("")),
        ("2", 0.0, Taken("2")),  # no seat begins with 2
        ("1", 1.9, None),  # a seat may follow
        ("1", 2.0, Taken("1")),
        ("1#", 0.0, Taken("1")),
        ("1003", 0.0, Taken("1003")),
        ("1003#", 0.0, Taken("1003")),
        ("10", 2.0, Taken("10")),  # no entry: the machine says so
        ("19", 0.0, Taken("19")),
        ("7", 0.0, Taken("7")),
        ("A", 0.0, Taken("A")),
        ("2100", 0.0, Taken("2", "100")),  # keyed ahead, for the next question
        ("#", 1.0, None),  # left over from the entry before
        ("#2", 0.0, Taken("2")),
        ("10#2", 0.0, Taken("10", "2")),
    ],
)
def test_keys_or_a_whole_number(keyed: str, quiet_s: float, taken: Taken | None) -> None:
    assert SEATS.take(keyed, quiet_s) == taken


@pytest.mark.parametrize(
    ("keyed", "quiet_s", "taken"),
    [
        ("123", 3.9, None),
        ("123", 4.0, Taken("123")),
        ("123#", 0.0, Taken("123")),
        ("123456", 0.0, Taken("123456")),
        ("1234561", 0.0, Taken("123456", "1")),
        ("123456#1", 0.0, Taken("123456", "1")),
        ("12*", 0.0, Taken("12*")),
        ("", 8.0, Taken("")),
    ],
)
def test_a_number_of_some_digits(keyed: str, quiet_s: float, taken: Taken | None) -> None:
    assert NUMBER.take(keyed, quiet_s) == taken


def test_what_fits() -> None:
    assert [NUMBER.fits(entry) for entry in ("1234", "123", "1234567", "12*4", "１２３４", "")] == [True, *[False] * 5]
    assert SEATS.fits("*") and not SEATS.fits("3")


def test_a_prompt_ends_with_the_first_key_that_is_an_answer() -> None:
    assert not Rules.began("")
    assert not Rules.began("#")
    assert Rules.began("#1")
    assert (SEATS.wait_s(""), SEATS.wait_s("1")) == (6.0, 2.0)


def test_a_secret_entry_is_not_noted() -> None:
    assert Rules(8, 4, secret=True).noted("123456") == {"keyed": "", "count": 6}
    assert NUMBER.noted("1234") == {"keyed": "1234", "count": 4}
