"""Ids are different and in order, also across many fetches of randomness."""

from lab_server.ids import is_id, new_id
from telephony.ulids import AT_ONCE, RandomBytes


def test_ids_are_in_order_and_none_comes_twice() -> None:
    made = [new_id() for _ in range(3 * AT_ONCE)]
    assert made == sorted(set(made))
    assert all(map(is_id, made))


def test_the_same_randomness_is_given_only_once() -> None:
    fetch = RandomBytes()
    assert len({fetch(0) for _ in range(3 * AT_ONCE)}) == 3 * AT_ONCE
