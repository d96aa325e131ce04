"""The web, the grading, a frozen brain, a locked database, in one class after another: calls do not notice."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from class_lab import Caller, ClassLab, until, voices
from sqlalchemy import create_engine

from lab_server.store.tables import Contact, Scorecard

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]

CALLERS = tuple(Caller(1.0 + 2.5 * index, asks=1) for index in range(8))


async def page(lab: ClassLab) -> int | None:
    """What the start page answers, None if nobody answers."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{lab.settings.web_port}/") as answer:
            return answer.status
    except aiohttp.ClientError:
        return None


async def page_answers(lab: ClassLab, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while await page(lab) != 200:  # noqa: ASYNC110 (a server has no event for it)
            await asyncio.sleep(0.1)


async def test_the_class_goes_on_whatever_else_dies(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch(CALLERS, ("perfect", "perfect", "careless"))
        await lab.start(web=True)
        await page_answers(lab, 30)
        await lab.begin()

        await until(lambda: len(lab.talking()) >= 2, 30, "calls are talking")
        before = await lab.legs(lab.talking())
        await lab.replaced("web", signal.SIGKILL, 5)
        await page_answers(lab, 20)
        after = await lab.legs(before)
        assert all(after[one] == before[one] for one in set(lab.talking()) & set(before))

        await until(lambda: lab.rows(Scorecard), 40, "the grading is at work")
        await lab.replaced("grading", signal.SIGKILL, 5)

        before = await lab.legs(lab.talking())
        took_s = await lab.replaced("brain", signal.SIGSTOP, 5)
        print(f"a frozen brain was replaced after {took_s:.2f} s")
        seen = len(lab.pictures)
        await until(lambda: any(p.status == "running" for p in lab.pictures[seen:]), 20, "the new brain works")
        after = await lab.legs(before)
        assert all(after[one] == before[one] for one in set(lab.talking()) & set(before))

        await lock_database(lab, 5.0)

        ended = await lab.over(120)
        assert ended.status == "ended"
        lab.check_whole()
        assert lab.outcomes() == {"served": len(CALLERS)}
        lab.check_recordings(row.id for row in lab.rows(Contact))


async def lock_database(lab: ClassLab, held_s: float) -> None:
    """Somebody else writes for a while; calls go on meanwhile."""
    engine = create_engine(lab.settings.database)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.isolation_level = None
        driver.execute("BEGIN IMMEDIATE")
        before = await lab.stages()
        await asyncio.sleep(held_s)  # the lock's length is the test
        after = await lab.stages()
        driver.execute("ROLLBACK")
    engine.dispose()
    assert before != after, "no call moved while the database was locked"
