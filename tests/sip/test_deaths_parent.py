"""The supervisor itself dies, and a class is called off: both end with everything in its place."""

import signal
from pathlib import Path

import psutil
import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.store.tables import Contact

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]

CALLERS = tuple(Caller(1.0 + 2.0 * index, asks=1) for index in range(4))


async def test_a_killed_supervisor_takes_its_children_along_and_its_successor_finishes_the_class(
    asterisk_tree: Path, voices: Path
) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch(CALLERS, ("perfect", "perfect"))
        parent = lab.start_apart()
        await lab.listen()
        await lab.begin()
        await until(lambda: len(lab.talking()) >= 2, 30, "calls are talking")
        talking = lab.talking()
        before = await lab.legs(talking)
        own = [child for child in psutil.Process(parent.pid).children() if "lab_server" in " ".join(child.cmdline())]
        workers = [child for child in own if "lab_server.classroom.worker" in child.cmdline()]
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        await until(
            lambda: not any(child.is_running() for child in own if child not in workers), 10, "its children are gone"
        )
        assert await lab.legs(talking) == before, "a talking call was cut"

        await lab.start()
        ended = await lab.over(120)
        assert ended.status == "ended"
        lab.check_whole()
        assert {lab.contact(one).outcome for one in talking} == {"served"}
        assert set(lab.outcomes()) <= {"served", "abandoned"}
        lab.check_recordings(row.id for row in lab.rows(Contact) if row.outcome == "served")
        await until(lambda: not any(worker.is_running() for worker in workers), 20, "the old workers have finished")


async def test_a_class_that_is_called_off_ends_its_calls(asterisk_tree: Path, voices: Path) -> None:
    callers = (*CALLERS, Caller(4.0, "survey"), Caller(4.5, "survey"), Caller(300.0))
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch(callers, ("perfect", "perfect"))
        await lab.start()
        await lab.begin()
        await until(lambda: len(lab.talking()) >= 2 and len(lab.rows(Contact)) >= 4, 30, "calls are talking")
        await lab.stop_class()
        await until(lambda: lab.pictures[-1].status == "grading" or lab.ended, 10, "nobody is on the line any more")
        ended = await lab.over(30)
        assert (ended.status, ended.why) == ("ended", "stopped")
        assert await lab.channels() == []
        assert "stopped" in lab.outcomes() and set(lab.outcomes()) <= {"served", "stopped"}
        assert lab.supervisor is not None
        await until(
            lambda: not any(worker.calls for worker in lab.supervisor.fleet.state().workers),  # type: ignore[union-attr]
            10,
            "no worker waits for a call that will not come",
        )
        assert set(lab.agents().values()) == {"offline"}
