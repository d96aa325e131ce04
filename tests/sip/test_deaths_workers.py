"""A worker dies with its calls: those are closed as broken, once; all others go on, and so does the class."""

import signal
from pathlib import Path

import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.store.tables import Contact

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]

CALLERS = tuple(Caller(1.0 + 0.5 * index, asks=3) for index in range(5)) + tuple(
    Caller(16.0 + 2 * index, asks=0) for index in range(4)
)


async def test_killed_workers_cost_only_their_own_calls(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch(CALLERS, ("perfect",) * 5)
        await lab.start()
        await lab.begin()

        # a callers' worker, with talking calls, while another one's are talking, too
        await until(lambda: len(lab.talking()) >= 4, 30, "calls are talking")
        theirs = set(lab.calls_of("callers-1"))
        others = set(lab.talking()) - theirs
        assert theirs & set(lab.talking()) and others
        took_s = await lab.replaced("callers-1", signal.SIGKILL, 5)
        print(f"another worker after {took_s:.2f} s")
        await until(lambda: lab.are_over(theirs), 5, "its calls are closed")
        assert {lab.contact(one).outcome for one in theirs} == {"broken"}
        assert not any(lab.are_over([one]) for one in others), "a call of another worker was closed"

        # a robots' worker, talking
        def robots() -> set[str]:
            return {call.partition("/")[0] for call in lab.calls_of("robots-1")} & set(lab.talking())

        talked = await until(robots, 60, "its robots are talking")
        await lab.replaced("robots-1", signal.SIGKILL, 5)
        await until(lambda: all(lab.phones("robots-1").values()), 10, "its phones have registered again")
        await until(lambda: lab.are_over(talked), 5, "their calls are closed")
        assert {lab.contact(one).outcome for one in talked} == {"broken"}

        ended = await lab.over(120)
        assert ended.status == "ended"
        lab.check_whole()
        assert {row.id for row in lab.rows(Contact) if row.outcome == "broken"} == theirs | talked
        assert lab.outcomes()["served"] == len(CALLERS) - len(theirs | talked)
        lab.check_recordings(row.id for row in lab.rows(Contact) if row.outcome == "served")
