"""When the disk's alerts are raised and cleared, by how much is free."""

import asyncio
from pathlib import Path

import pytest

from lab_server.config import ConfigError, load
from lab_server.disk import MIB, DiskWatch, Room, free_bytes, judge

FOLDER = Path("/var/recordings")
E, L, F = Room.ENOUGH, Room.LOW, Room.FULL


class Told:
    """An `Alerts` that keeps which are open, and all that it was told."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.history: list[str] = []

    def raise_alert(self, kind: str, subject: str, args: object) -> None:
        assert subject == str(FOLDER)
        assert kind not in self.open
        self.open.add(kind)
        self.history.append(f"+{kind}")

    def clear(self, kind: str, subject: str, args: object) -> None:
        self.open.discard(kind)
        self.history.append(f"-{kind}")


@pytest.mark.parametrize(
    ("free_mb", "was", "room"),
    [
        (1000, E, E), (999, E, L), (1199, L, L), (1200, L, E), (1000, F, L),
        (100, L, L), (99, L, F), (99, E, F), (0, E, F), (119, F, F), (120, F, L), (1200, F, E),
    ],
)  # fmt: skip
def test_better_is_believed_with_a_margin_and_worse_at_once(free_mb: float, was: Room, room: Room) -> None:
    assert judge(free_mb, was, 1000, 100) is room


def test_one_alert_at_a_time_and_none_twice() -> None:
    told = Told()
    watch = DiskWatch(FOLDER, 1000, 100, told)
    opened = []
    for free_mb in (5000, 900, 800, 50, 10, 500, 500, 2000):
        watch.look(free_mb)
        opened.append(set(told.open))
    assert opened == [set(), {L}, {L}, {F}, {F}, {L}, {L}, set()]
    assert told.history == ["-disk_low", "-disk_full", "+disk_low", "-disk_low", "+disk_full", "+disk_low",
                            "-disk_full", "-disk_low"]  # fmt: skip


def test_what_a_process_before_left_open_is_closed_at_the_first_look() -> None:
    told = Told()
    told.open = {L, F}
    DiskWatch(FOLDER, 1000, 100, told).look(5000)
    assert told.open == set()


async def test_a_disk_that_does_not_answer_for_a_moment_ends_no_watch(caplog: pytest.LogCaptureFixture) -> None:
    told, answers = Told(), [OSError(116, "stale file handle"), 50 * MIB]

    def free(_folder: Path) -> int:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    watching = asyncio.create_task(DiskWatch(FOLDER, 1000, 100, told, free).run(every_s=0.001))
    async with asyncio.timeout(5):
        while told.open != {F}:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.001)
    watching.cancel()
    assert "stale file handle" in caplog.text


def test_the_disk_itself_is_asked(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    with pytest.raises(OSError):
        free_bytes(tmp_path / "none")


def test_full_may_not_come_before_low() -> None:
    with pytest.raises(ConfigError, match="disk_full_mb=300: expected at most disk_low_mb=200"):
        load(disk_low_mb=200, disk_full_mb=300)
