"""The switch dies: it is there again within 5 s, its calls are closed honestly, and the class goes on."""

import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.report.audio import RATE, read_wav
from lab_server.store.tables import Contact, Leg

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]

CALLERS = (
    *(Caller(1.0 + 0.5 * index, asks=3) for index in range(4)),
    *(Caller(16.0 + 3 * index, asks=0) for index in range(3)),
)


async def test_a_killed_switch_comes_back_and_the_class_goes_on(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch(CALLERS, ("perfect",) * 3)
        await lab.start()
        await lab.begin()

        await until(lambda: len(lab.talking()) >= 2, 30, "calls are talking")
        talking = set(lab.talking())
        heard_from = lab.clock.utc() + timedelta(seconds=2.5)
        await until(lambda: lab.clock.utc() > heard_from, 5, "something was said")
        on_the_line = {row.id for row in lab.rows(Contact) if row.ended_at is None}
        assert talking <= on_the_line
        took_s = await lab.replaced("asterisk", signal.SIGKILL, 5)
        print(f"another switch after {took_s:.2f} s")
        await until(lambda: lab.are_over(on_the_line), 10, "its calls are closed")
        assert Counter(lab.contact(one).outcome for one in talking) == {"broken": len(talking)}

        ended = await lab.over(120)
        assert ended.status == "ended"
        lab.check_whole()
        served = {row.id for row in lab.rows(Contact) if row.outcome == "served"}
        assert len(served) >= 3, "callers after the death were not served"
        lab.check_recordings(served)
        for leg in lab.rows(Leg):
            if leg.contact_id in talking:
                assert leg.answered_at is not None and leg.ended_at is not None
                said_s = len(read_wav(lab.settings.recordings / leg.recording)) / RATE
                up_s = (leg.ended_at - leg.answered_at).total_seconds()
                assert said_s > up_s - 3.0, f"{leg.name}: {said_s} s of {up_s} s"  # blocks of 1 s, and the gap itself
