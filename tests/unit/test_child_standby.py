"""A process that waits in the wings: loaded beforehand, it takes the place of one that dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from lab_server import child as kept
from lab_server.child import Child, Program
from telephony.clock import SystemClock

PROGRAM = """
import pathlib, signal, sys, os
pathlib.Path("loaded").open("a").write(f"{os.getpid()}\\n")
if __name__ == "__main__":
    pathlib.Path("ran").open("a").write(f"{os.getpid()} {sys.argv[1:]}\\n")
    signal.pause()
"""


def pids(file: Path) -> list[int]:
    return [int(line.split()[0]) for line in file.read_text().splitlines()] if file.exists() else []


async def until(condition: Callable[[], object], what: str) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (processes tell nobody)
            await asyncio.sleep(0.01)
    assert condition(), what


@pytest_asyncio.fixture
async def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Child]:
    monkeypatch.setattr(kept, "STANDBY_AFTER_S", 0.0)
    monkeypatch.setattr(kept, "FROZEN_S", 60.0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)
    paths = os.pathsep.join([str(tmp_path), str(Path(kept.__file__).parents[1])])
    made = Child(
        Program(
            name="program",
            command=[sys.executable, "-m", "program"],
            environment={**os.environ, "PYTHONPATH": paths},
            log_file=tmp_path / "log",
            standby=[sys.executable, "-m", "lab_server.standby", "program"],
        ),
        SystemClock(),
    )
    made.start()
    yield made
    await made.stop()


async def test_who_waits_is_the_program_as_soon_as_it_is_needed(child: Child, tmp_path: Path) -> None:
    loaded, ran = tmp_path / "loaded", tmp_path / "ran"
    await until(lambda: len(pids(ran)) == 1, "it runs")
    first = child.pid
    assert first is not None and pids(loaded) == [first], "nobody is loaded before the first sign of life"
    for turn in range(2):
        at_work = child.pid
        assert at_work is not None
        child.beat(at_work)
        await until(lambda turn=turn: len(set(pids(loaded))) == turn + 2, "another one is loaded")
        waiting = pids(loaded)[-1]
        assert waiting not in pids(ran), "who waits does nothing"
        os.kill(at_work, signal.SIGKILL)
        await until(lambda waiting=waiting: child.pid == waiting and waiting in pids(ran), "it is at work")
    assert (child.starts, len(pids(ran))) == (3, 3)
    assert {line.split(" ", 1)[1] for line in ran.read_text().splitlines()} == {"[]"}


async def test_a_standby_that_is_gone_is_no_loss(child: Child, tmp_path: Path) -> None:
    await until(lambda: len(pids(tmp_path / "ran")) == 1, "it runs")
    first = child.pid
    assert first is not None
    child.beat(first)
    await until(lambda: len(pids(tmp_path / "loaded")) == 2, "another one is loaded")
    os.kill(pids(tmp_path / "loaded")[-1], signal.SIGKILL)
    os.kill(first, signal.SIGKILL)
    await until(
        lambda: child.pid not in {None, first} and child.pid in pids(tmp_path / "ran"), "another one is at work"
    )


async def test_nobody_waits_on_after_the_end(child: Child, tmp_path: Path) -> None:
    await until(lambda: len(pids(tmp_path / "ran")) == 1, "it runs")
    assert child.pid is not None
    child.beat(child.pid)
    await until(lambda: len(pids(tmp_path / "loaded")) == 2, "another one is loaded")
    await child.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids(tmp_path / "loaded"))
