"""The dialplan's door, with real calls: who is let in, what is recorded, what happens while the floor is away."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import soundfile
from ulid import ULID

from telephony.asterisk.cel import ChannelEvent, read_events
from telephony.asterisk.errors import PbxStartFailedError
from telephony.asterisk.process import Pbx
from telephony.asterisk.testcall import CallResult, place_call

pytestmark = pytest.mark.sip

CONTACT = "01JD0000000000000000000ABC"


class Floor:
    """The least that can stand for the floor: sees channels come, speaks plain ARI."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, base: str) -> None:
        self._session, self._socket, self._base = session, socket, base

    async def next(self, kind: str, deadline_s: float = 10.0) -> dict[str, Any]:
        async with asyncio.timeout(deadline_s):
            while True:
                event = json.loads((await self._socket.receive()).data)
                if event["type"] == kind:
                    return dict(event)

    async def post(self, path: str, **parameters: str) -> None:
        async with self._session.post(f"{self._base}/{path}", params=parameters) as answer:
            assert answer.status < 300, await answer.text()

    async def delete(self, path: str) -> None:
        async with self._session.delete(f"{self._base}/{path}") as answer:
            assert answer.status < 300, await answer.text()


@asynccontextmanager
async def floor(pbx: Pbx) -> AsyncIterator[Floor]:
    settings = pbx.settings
    login = base64.b64encode(f"{settings.ari_user}:{settings.ari_password}".encode()).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {login}"}) as session,
        session.ws_connect(f"{settings.ari_url}/events", params={"app": settings.app}) as socket,
    ):
        yield Floor(session, socket, settings.ari_url)


@pytest.fixture
def door(pbx: Pbx) -> Pbx:
    return pbx


async def call(pbx: Pbx, *, caller: str = "127.0.0.2", **how: Any) -> CallResult:
    target = (pbx.settings.lab_address, pbx.settings.lab_port)
    return await asyncio.to_thread(place_call, caller, target, **how)


async def let_in(pbx: Pbx, *, number: str = "100", headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A call over the lab trunk, answered by a floor: its channel as the floor sees it."""
    async with floor(pbx) as brain:
        caller = asyncio.create_task(call(pbx, number=number, headers=headers or {}, talk_s=0.2))
        channel: dict[str, Any] = (await brain.next("StasisStart"))["channel"]
        assert channel["state"] == "Ring"  # nobody has answered it yet
        await brain.post(f"channels/{channel['id']}/answer")
        await caller
        await brain.next("StasisEnd")
        return channel


async def test_the_lab_trunk_brings_its_contact(door: Pbx) -> None:
    contact = str(ULID())
    channel = await let_in(door, number="7", headers={"X-Ringside-Contact": contact})
    variables = channel["channelvars"]
    today = datetime.now(UTC).date()
    assert variables["RS_CONTACT"] == contact
    assert (variables["RS_ROLE"], variables["RS_LEG"], variables["RS_DIRECTION"]) == ("customer", "customer", "in")
    assert (variables["RS_DIALLED"], variables["RS_TRUNK"]) == ("7", "lab")
    folder = Path(variables["RS_RECORDING"])
    assert folder.parent.name in {str(today), str(today - timedelta(days=1))}
    assert folder == door.settings.recordings / folder.parent.name / contact


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "short",
        CONTACT.lower(),
        "8" + CONTACT[1:],  # beyond 48 bits of time
        CONTACT + "X",
        "../../../../../../tmp/owned",
        '01JD"); ${SHELL(touch /tmp/owned)},x',
        "01JD00000000000000000000I1",  # I is no digit of base 32
    ],
)
async def test_a_malformed_contact_is_replaced_by_a_fresh_one(door: Pbx, hostile: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    channel = await let_in(door, number="+8613812345678", headers={"X-Ringside-Contact": hostile})
    made = ULID.from_str(channel["channelvars"]["RS_CONTACT"])
    assert before <= made.datetime <= datetime.now(UTC) + timedelta(seconds=1)
    assert channel["channelvars"]["RS_DIALLED"] == "+8613812345678"


async def test_an_id_that_was_used_is_not_used_again(door: Pbx) -> None:
    """Its recording is there: a second INVITE with it becomes a contact of its own."""
    contact = str(ULID())
    first = await let_in(door, headers={"X-Ringside-Contact": contact})
    again = await let_in(door, headers={"X-Ringside-Contact": contact})
    assert first["channelvars"]["RS_CONTACT"] == contact
    assert again["channelvars"]["RS_CONTACT"] != contact
    assert Path(again["channelvars"]["RS_RECORDING"]).name == again["channelvars"]["RS_CONTACT"]


async def test_contacts_made_by_the_dialplan_differ(door: Pbx) -> None:
    made = [(await let_in(door))["channelvars"]["RS_CONTACT"] for _ in range(3)]
    assert len(set(made)) == 3
    assert sorted(made) == made  # their time comes first


@pytest.mark.parametrize("number", ["abc", "10abc", "1%2C2", "1$%7BEXTEN%7D"])
async def test_what_is_no_number_is_not_let_in(door: Pbx, number: str) -> None:
    async with floor(door):
        with pytest.raises(PbxStartFailedError, match="404"):
            await call(door, number=number)


async def test_only_the_labs_own_address_is_the_lab_trunk(door: Pbx) -> None:
    async with floor(door):
        with pytest.raises(PbxStartFailedError, match="401"):
            await call(door, caller="127.0.0.1", headers={"X-Ringside-Contact": CONTACT})


async def test_a_recording_begins_at_the_answer(door: Pbx) -> None:
    """The recorder starts before the answer; its time zero is still the answer, however late that comes."""
    contact = str(ULID())
    async with floor(door) as brain:
        caller = asyncio.create_task(call(door, headers={"X-Ringside-Contact": contact}, talk_s=1.5))
        channel = (await brain.next("StasisStart"))["channel"]
        await asyncio.sleep(1.0)  # the caller hears it ring for a second
        await brain.post(f"channels/{channel['id']}/answer")
        await caller
        await brain.next("StasisEnd")
    samples, rate_hz = soundfile.read(await recorded(Path(channel["channelvars"]["RS_RECORDING"]) / "customer.wav"))
    assert rate_hz == 8000
    assert len(samples) / rate_hz == pytest.approx(1.5, abs=0.15)
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    assert loud[0] / rate_hz < 0.1


async def test_while_the_floor_is_away_the_caller_is_kept_and_told(door: Pbx) -> None:
    heard = await call(door, talk_s=0.8)
    assert heard.loud > 5  # one-moment


def pitches(sound: bytes) -> list[int | None]:
    """The strongest tone of each tenth of a second of µ-law sound, in Hz; None for silence."""
    codes = ~np.frombuffer(sound, np.uint8)
    level = (((codes & 0x0F).astype(int) << 3) + 0x84 << ((codes & 0x70) >> 4)) - 0x84
    samples = np.where(codes & 0x80, -level, level)
    tenths = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    return [
        round(int(np.abs(np.fft.rfft(tenth))[1:].argmax()) + 1) * 10 if np.abs(tenth).max() > 300 else None
        for tenth in tenths
    ]


async def test_without_any_floor_the_caller_is_asked_to_call_later_and_never_left_in_silence(
    make_pbx: Callable[[], Pbx],
) -> None:
    pbx = make_pbx()
    pbx.settings = pbx.settings.model_copy(update={"knocks": 4})
    await pbx.start()
    began = datetime.now(UTC)
    heard = pitches((await call(pbx, talk_s=6.5)).sound)
    one_moment, music, call_later = 600, 300, 800
    assert [tone for at, tone in enumerate(heard) if tone != heard[at - 1] and tone in {600, 800}] == [600, 800], heard
    assert heard.index(one_moment) < heard.index(music) < heard.index(call_later)
    assert heard[-2:] != [None, None] and heard.count(None) <= 4, heard  # the seams, of less than half a second in all
    assert heard.count(music) > 30
    ends = [event for event in read_events(pbx.settings.cel_file, began) if event.kind == "HANGUP"]
    assert len(ends) == 1, "the switch itself ends the call"


async def test_a_call_kept_waiting_reaches_the_floor_that_comes_back(door: Pbx) -> None:
    contact = str(ULID())
    began = datetime.now(UTC)
    caller = asyncio.create_task(call(door, headers={"X-Ringside-Contact": contact}, talk_s=6.0))
    await until(lambda: any(event.kind == "ANSWER" for event in read_events(door.settings.cel_file, began)))
    async with floor(door) as brain:
        channel = (await brain.next("StasisStart"))["channel"]
        assert channel["state"] == "Up"
        assert channel["channelvars"]["RS_CONTACT"] == contact
        await brain.delete(f"channels/{channel['id']}")
    await caller


async def test_what_ended_unseen_is_in_the_channel_event_log(door: Pbx) -> None:
    contact = str(ULID())
    began = datetime.now(UTC)
    await call(door, headers={"X-Ringside-Contact": contact})

    def ends() -> list[ChannelEvent]:
        return [event for event in read_events(door.settings.cel_file, began) if event.kind == "HANGUP"]

    await until(lambda: bool(ends()))
    assert [(event.contact, event.leg) for event in ends()] == [(contact, "customer")]
    assert '"hangupcause"' in ends()[0].extra


async def recorded(path: Path) -> Path:
    """The file, once it is complete: its size no longer grows after the call."""
    sizes: list[int] = []

    def settled() -> bool:
        sizes.append(path.stat().st_size if path.exists() else 0)
        return len(sizes) > 3 and sizes[-1] > 1000 and len(set(sizes[-3:])) == 1

    await until(settled)
    return path


async def until(condition: Callable[[], bool], deadline_s: float = 10.0) -> None:
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110 - files and processes tell nobody
            await asyncio.sleep(0.05)
