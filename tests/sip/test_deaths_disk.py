"""The recordings' disk is full in the middle of a call: people go on talking, and the lab says what is missing."""

import asyncio
import base64
import json
import os
import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import Session, select

from lab_server.alerts import AlertChanged, StoreAlerts
from lab_server.config import load
from lab_server.desk.sites import ensure_site
from lab_server.disk import DiskWatch, Room
from lab_server.ids import new_id
from lab_server.recordings import EndedLeg, check_leg
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.journal import Journal, read
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Alert
from lab_server.store.writer import Writer
from telephony.asterisk.process import Pbx
from telephony.asterisk.testcall import CallResult, place_call
from telephony.bus import Message
from telephony.clock import SystemClock

pytestmark = [pytest.mark.sip, pytest.mark.timeout(120)]

CLOCK = SystemClock()
DISK_KB = 96  # six seconds of one voice
TALK_S = 8.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few seconds."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k,mode=777", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root; the limit on a file's size is tested anyway")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@asynccontextmanager
async def floor(pbx: Pbx) -> AsyncIterator[Callable[..., Any]]:
    """The least that can stand for the floor: answers whoever comes and puts all of them into one bridge."""
    settings = pbx.settings
    login = base64.b64encode(f"{settings.ari_user}:{settings.ari_password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{settings.ari_url}/events", params={"app": settings.app}) as socket,
    ):

        async def post(path: str, **parameters: str) -> None:
            async with session.post(f"{settings.ari_url}/{path}", params=parameters) as answer:
                assert answer.status < 300, await answer.text()

        async def connect(parties: int) -> None:
            await post("bridges/both", type="mixing")
            while parties:
                event = json.loads((await socket.receive()).data)
                if event["type"] == "StasisStart":
                    await post(f"channels/{event['channel']['id']}/answer")
                    await post("bridges/both/addChannel", channel=event["channel"]["id"])
                    parties -= 1

        yield connect


async def talk(pbx: Pbx, connect: Callable[..., Any], contacts: list[str]) -> list[CallResult]:
    """All talk with each other; what each heard."""
    target = (pbx.settings.lab_address, pbx.settings.lab_port)
    calls = [
        asyncio.to_thread(
            place_call, "127.0.0.2", target, headers={"X-Ringside-Contact": contact}, talk_s=TALK_S
        )
        for contact in contacts
    ]  # fmt: skip
    *heard, _ = await asyncio.gather(*calls, connect(len(contacts)))
    return heard


def limit_files(pbx: Pbx, size: int) -> None:
    """No file of the switch may grow beyond `size` bytes: to a recorder that is a full disk."""
    pid = pbx.status().pid
    assert pid is not None
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))


def at_most_a_second_of_silence(heard: list[CallResult]) -> None:
    for each in heard:
        assert each.loud > (TALK_S - 1.0) * 50, each


def day(recordings: Path) -> str:
    (folder,) = recordings.glob("20*")  # beside the mailboxes' messages
    return folder.name


def make_room(recordings: Path) -> None:
    for recording in recordings.rglob("*.wav"):
        recording.unlink()


async def test_a_full_disk_stops_no_talk_and_is_told(
    make_pbx: Callable[[], Pbx], small_disk: Path, tmp_path: Path
) -> None:
    pbx = make_pbx()
    pbx.settings = pbx.settings.model_copy(update={"recordings": small_disk})
    settings = load(var=tmp_path / "v")
    engine = open_engine(settings.database)
    upgrade(engine)
    with writing(engine) as session:
        site = ensure_site(session, CLOCK, settings).id
    writer, told = Writer(engine), list[Message]()
    journal = Journal(writer, source="test", clock=CLOCK, site_id=site)
    alerts = StoreAlerts(writer, CLOCK, settings, "supervisor", told.append)
    watch = DiskWatch(small_disk, 0.07, 0.05, alerts)
    watching = asyncio.create_task(watch.run(every_s=0.1))
    try:
        await pbx.start()
        contacts = [new_id(), new_id()]
        began = datetime.now(UTC)
        async with floor(pbx) as connect:
            at_most_a_second_of_silence(await talk(pbx, connect, contacts))
        ended = datetime.now(UTC)
        assert [(one.alert, one.cleared_at) for one in told if isinstance(one, AlertChanged)][-1] == ("disk_full", None)
        folder = day(small_disk)
        missing = [
            await check_leg(EndedLeg(one, "customer", f"{folder}/{one}/customer.wav", began, ended), small_disk,
                            journal, writer, CLOCK)
            for one in contacts
        ]  # fmt: skip
        assert sum(missing) > 2 * TALK_S - DISK_KB / 15.625 - 1.0, "more is said to be there than the disk holds"
        await journal.flush()
        for contact, missing_s in zip(contacts, missing, strict=True):
            with reading(engine) as session:
                short = [entry.data for entry in read(session, contact) if entry.kind == "recording.short"]
            assert [data["missing_s"] for data in short] == [missing_s] and missing_s > 2.0

        make_room(small_disk)
        async with asyncio.timeout(10):
            while watch.room is not Room.ENOUGH:  # noqa: ASYNC110 (a disk tells nobody)
                await asyncio.sleep(0.05)
        await writer.flush()
        with Session(engine) as session:
            rows = {row.kind: row for row in session.exec(select(Alert))}
            assert "disk_full" in rows and all(row.cleared_at is not None for row in rows.values())
    finally:
        watching.cancel()
        await pbx.stop(grace_s=1)
        writer.close()
        engine.dispose()


async def test_a_recording_that_cannot_grow_stops_no_talk(make_pbx: Callable[[], Pbx]) -> None:
    """The same without root: the switch may write 32 KiB a file."""
    pbx = make_pbx()
    await pbx.start()
    limit_files(pbx, 32 * 1024)
    contacts = [new_id(), new_id()]
    async with floor(pbx) as connect:
        at_most_a_second_of_silence(await talk(pbx, connect, contacts))
    sizes = await asyncio.to_thread(lambda: [path.stat().st_size for path in pbx.settings.recordings.rglob("*.wav")])
    assert len(sizes) == 2 and all(0 < size <= 32 * 1024 for size in sizes)
    assert pbx.status().running
