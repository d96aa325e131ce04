"""The brain dies, or freezes: speech goes on, its successor takes everything up, the class ends whole."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.store.tables import Contact

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]

ALL_STAGES = (
    Caller(1.0, asks=0),  # is rating when the others are where they are to be
    Caller(1.5, asks=2),
    Caller(2.0, asks=2),
    Caller(3.0),  # rings nine seconds at the slow robot's phone
    Caller(4.0),
    Caller(4.4),
    Caller(5.0, "complaint"),  # has no key to press: stays in the menu
    Caller(11.0),  # one of these is hearing the greeting
    Caller(14.0),
)
__all__ = ["voices"]
WANTED = Counter({"greeted": 1, "menu": 1, "queued": 2, "ringing": 1, "talking": 2, "rated": 1})


async def at_once(lab: ClassLab, wanted: Counter[str]) -> dict[str, str]:
    """Wait for the moment at which the calls are in all these stages."""
    seen: Counter[str] = Counter()
    deadline = time.monotonic() + 45
    while time.monotonic() < deadline:
        stages = await lab.stages()
        now = Counter(stages.values())
        if now >= wanted:
            return stages
        if now != seen:
            seen = now
            print(f"{time.monotonic():.1f}", dict(now))
        await asyncio.sleep(0.05)
    raise AssertionError(f"never all at once; last: {seen}")


async def test_a_killed_brain_loses_nothing(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices, {"greeting": 4.0, "menu": 1.0, "thanks": 12.0}) as lab:
        lab.launch(ALL_STAGES, ("perfect", "perfect", "perfect", "slow"))
        await lab.start()
        await lab.begin()

        stages = await at_once(lab, WANTED)
        talking = [contact for contact, stage in stages.items() if stage == "talking"]
        queued = [contact for contact, stage in stages.items() if stage == "queued"]
        before = await lab.legs(talking)
        seen, brains = len(lab.pictures), lab.brains()
        took_s = await lab.replaced("brain", signal.SIGKILL, 5)
        began = time.monotonic()
        await until(lambda: lab.brains() > brains, 6, "the new brain is at work")  # bench: under 1 s
        print(f"another brain after {took_s:.2f} s, at work {time.monotonic() - began:.2f} s later")
        await until(lambda: any(p.status == "running" for p in lab.pictures[seen + 3 :]), 20, "the class goes on")
        after = await lab.legs(talking)
        still = {contact for contact, stage in (await lab.stages()).items() if stage == "talking"}
        for contact in still & set(talking):
            assert before[contact] == after[contact], "a talking call was cut"
        assert still & set(talking), "no call was talking across the gap: the test proves nothing"

        ended = await lab.over(120)
        assert (ended.status, ended.why) == ("ended", "")
        lab.check_whole()
        rows = {row.id: row for row in lab.rows(Contact)}
        assert {row.outcome for row in rows.values()} == {"served"}
        lab.check_recordings(rows)
        answered = sorted(queued, key=lambda contact: str(rows[contact].answered_at))
        assert answered == sorted(queued, key=lambda contact: str(rows[contact].queued_at)), (
            "the queue's order was lost"
        )
