import pytest

from lab_server.routing.menu import ChoseQueue, ChoseSeat, Menu, NothingKeyed, Wrong

MENU = Menu(queues={"1": "complaint", "2": "order"}, fallback="order", seats=frozenset({"1001", "1003"}))


@pytest.mark.parametrize(
    ("digits", "quiet_s", "expected"),
    [
        ("", 0.0, None),
        ("", 6.0, NothingKeyed()),
        ("#", 0.0, NothingKeyed()),
        ("2", 0.0, ChoseQueue("order")),
        ("1", 0.5, None),  # may become 1003
        ("1", 2.0, ChoseQueue("complaint")),
        ("1#", 0.0, ChoseQueue("complaint")),
        ("100", 0.5, None),
        ("100", 2.0, Wrong("100")),
        ("1003", 0.0, ChoseSeat("1003")),
        ("1002", 0.0, Wrong("1002")),
        ("9", 0.0, Wrong("9")),
        ("*", 0.0, Wrong("*")),
    ],
)
def test_keys_and_pauses_decide(digits, quiet_s, expected):
    assert MENU.choose(digits, quiet_s) == expected


def test_a_key_no_phone_has_is_refused():
    with pytest.raises(ValueError, match="menu key 'A'"):
        Menu(queues={"A": "order"}, fallback="order")
