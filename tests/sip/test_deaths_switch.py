"""The switch dies: it is there again, its calls are closed honestly, what was said is kept, the class goes on."""

import asyncio
import signal
import wave
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from class_lab import Caller, ClassLab, until, voices

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
        seats = set(lab.settings.seat_numbers[:3])
        assert seats <= await lab.reachable()
        died_at = lab.clock.utc()
        took_s = await lab.replaced("asterisk", signal.SIGKILL, 5)
        await until(lambda: lab.are_over(on_the_line), 5, "its calls are closed")
        closed_s = (lab.clock.utc() - died_at).total_seconds()
        async with asyncio.timeout(10):
            while not seats <= await lab.reachable():  # noqa: ASYNC110 (the switch is asked)
                await asyncio.sleep(0.05)
        back_s = (lab.clock.utc() - died_at).total_seconds()
        print(f"switch after {took_s:.2f} s, calls closed after {closed_s:.2f} s, phones back after {back_s:.2f} s")
        assert Counter(lab.contact(one).outcome for one in talking) == {"broken": len(talking)}

        ended = await lab.over(120)
        assert ended.status == "ended"
        lab.check_whole()
        served = {row.id for row in lab.rows(Contact) if row.outcome == "served"}
        assert len(served) >= 3, "callers after the death were not served"
        lab.check_recordings(served)
        for contact in on_the_line:
            assert len([one for one in lab.journal("contact.ended") if one.contact_id == contact]) == 1
        check_kept(lab, talking, died_at)


def check_kept(lab: ClassLab, talking: set[str], died_at: datetime) -> None:
    """Of each leg that talked at most 2 s are missing, and any player plays what is there."""
    mended = {(one.contact_id, one.data["leg"]): one.data["length_s"] for one in lab.journal("recording.repaired")}
    legs = [leg for leg in lab.rows(Leg) if leg.contact_id in talking]
    assert len(legs) == 2 * len(talking)
    for leg in legs:
        assert leg.answered_at is not None and leg.ended_at is not None
        with wave.open(str(lab.settings.recordings / leg.recording), "rb") as file:  # it believes the header
            length_s = file.getnframes() / file.getframerate()
            assert len(file.readframes(file.getnframes())) == 2 * file.getnframes()
        up_s = (died_at - leg.answered_at).total_seconds()
        print(f"{leg.name}: {length_s:.2f} s of {up_s:.2f} s are kept")
        assert up_s - 2.0 < length_s < up_s + 1.0
        assert mended[leg.contact_id, leg.name] == pytest.approx(length_s, abs=0.06)
