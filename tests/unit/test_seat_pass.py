"""A seat's link opens it once, for a while, and nobody can make one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab_server.seat_pass import LINK_S, SITTING_S, SeatPasses


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def utc(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def passes(tmp_path: Path, clock: Hand) -> SeatPasses:
    return SeatPasses(tmp_path / "secrets", clock)


def test_a_link_opens_its_seat_once(passes: SeatPasses, tmp_path: Path, clock: Hand) -> None:
    word = passes.link("1001")
    cookie = SeatPasses(tmp_path / "secrets", clock).redeem(word)  # another process does it as well
    assert cookie is not None and passes.seat(cookie) == "1001"
    assert passes.redeem(word) is None


def test_links_and_sittings_end(passes: SeatPasses, clock: Hand) -> None:
    late, word = passes.link("1001"), passes.link("1001")
    cookie = passes.redeem(word)
    clock.now += timedelta(seconds=LINK_S + 1)
    assert passes.redeem(late) is None
    assert cookie is not None and passes.seat(cookie) == "1001"
    clock.now += timedelta(seconds=SITTING_S)
    assert passes.seat(cookie) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda word: word.replace(".1001.", ".1002."),
        lambda word: word.replace("link.", "seat.", 1),
        lambda word: word[:-1] + ("A" if word[-1] != "A" else "B"),
        lambda word: word + "x",
        lambda _word: "",
        lambda _word: "link.1001.99999999999.abcdefgh." + "A" * 43,
    ],
)
def test_nobody_makes_or_changes_one(passes: SeatPasses, change: Callable[[str], str]) -> None:
    changed = change(passes.link("1001"))
    assert passes.redeem(changed) is None
    assert passes.seat(changed) is None


def test_its_key_is_readable_by_us_alone(passes: SeatPasses, tmp_path: Path) -> None:
    passes.link("1001")
    assert (tmp_path / "secrets/seat-pass.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["seat-pass.key"]
