"""Nobody's greeting waits for the database: somebody else holds its lock for twenty seconds, and callers are served."""

import asyncio
import time
from pathlib import Path

import pytest
from class_lab import PROMPT_S, ClassLab, until, voices
from sqlalchemy import create_engine

from lab_server.ids import new_id
from lab_server.pbx import pbx_settings
from lab_server.store.tables import Contact
from telephony.asterisk.testcall import CallResult, place_call

pytestmark = [pytest.mark.sip, pytest.mark.timeout(120)]
__all__ = ["voices"]

LOCKED_S = 20.0
TALK_S = 2.0


async def ring(lab: ClassLab) -> tuple[str, CallResult]:
    """A caller who listens for two seconds from the answer on. To be answered later than in 3 s is an error."""
    pbx, contact = pbx_settings(lab.settings), new_id()
    target = (pbx.lab_address, pbx.lab_port)
    headers = {"X-Ringside-Contact": contact}
    heard = await asyncio.to_thread(place_call, pbx.lab_peer, target, headers=headers, talk_s=TALK_S, deadline_s=3.0)
    return contact, heard


async def at_work(lab: ClassLab) -> None:
    async with asyncio.timeout(30):
        while not await lab.has_floor():  # noqa: ASYNC110 (the switch is asked)
            await asyncio.sleep(0.05)


async def test_a_locked_database_delays_no_speech(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        await lab.start()
        await at_work(lab)
        _, usual = await ring(lab)
        assert usual.loud > PROMPT_S * 50, "the greeting and the menu"
        engine = create_engine(lab.settings.database)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.isolation_level = None
            driver.execute("BEGIN EXCLUSIVE")
            until_s, rung = time.monotonic() + LOCKED_S, list[str]()
            while time.monotonic() < until_s:
                contact, heard = await ring(lab)
                rung.append(contact)
                assert heard.loud > usual.loud - 15, f"call {len(rung)}: the greeting came more than 0.3 s late"
            driver.execute("ROLLBACK")
        engine.dispose()
        assert len(rung) >= 5
        await until(
            lambda: {row.id for row in lab.rows(Contact) if row.ended_at} >= set(rung), 20, "all is written down"
        )
        for contact in rung:
            told = [entry.kind for entry in lab.journal("contact.began") if entry.contact_id == contact]
            ends = [entry.kind for entry in lab.journal("contact.ended") if entry.contact_id == contact]
            assert (len(told), len(ends)) == (1, 1)
