"""Chosen music and sentences made while calls run, as a real caller's line carries them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from ari_fixtures import DEADLINE_S, both_halves, client_of, gone

from datasets.sayings import expected_wait
from lab_server.floor.announcer import Announcer
from telephony.ari import AriClient
from telephony.ari import events as ev
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock
from telephony.speech.cache import SpeechCache
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.wavfile import read_wav

pytestmark = pytest.mark.sip

RATE_HZ = 8000


@pytest.fixture
async def ari(pbx: Pbx) -> AsyncIterator[AriClient]:
    async with client_of(pbx) as client:
        yield client


def heard_by(pbx: Pbx, contact: str) -> Path:
    """What the far half of a Local channel received: the dialplan records it."""
    [path] = Path(pbx.settings.recordings).glob(f"*/{contact}/customer.wav")
    return path


async def grown(path: Path, length_s: float) -> None:
    """A file tells nobody that it grows."""
    async with asyncio.timeout(10):
        while not holds_s(path, length_s):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.05)


def holds_s(path: Path, length_s: float) -> bool:
    return path.exists() and path.stat().st_size >= length_s * 2 * RATE_HZ


def pitch_hz(path: Path) -> float:
    """The strongest tone of the last second."""
    sound = read_wav(path)[-RATE_HZ:]
    return float(np.abs(np.fft.rfft(sound)).argmax()) * RATE_HZ / len(sound)


@pytest.mark.parametrize(("music", "hz"), [("calm", 500), ("default", 300), ("no-such-class", 300)])
async def test_who_waits_hears_the_music_chosen_for_the_bridge(ari: AriClient, pbx: Pbx, music: str, hz: int) -> None:
    """A class that is not there (added since the start) gives the default music, not silence."""
    near = f"near-{music}"
    _, far = await both_halves(ari, near)
    await ari.bridges.create(f"wait-{music}", "holding")
    await ari.bridges.add(f"wait-{music}", near)
    await ari.bridges.start_moh(f"wait-{music}", music)
    path = heard_by(pbx, far.var("RS_CONTACT"))
    await grown(path, 2.5)
    await gone(ari, near, f"{near}-far")
    await ari.bridges.destroy(f"wait-{music}")
    assert pitch_hz(path) == pytest.approx(hz, abs=5)


async def test_a_sentence_made_now_is_heard_whole(ari: AriClient, pbx: Pbx, tmp_path: Path) -> None:
    announcer = Announcer({"zh-CN": SpeechCache(tmp_path, ESpeak())}, SystemClock(), deadline_s=10)
    said = await announcer.say(expected_wait("minutes", 12, "zh-CN"), "zh-CN")
    announcer.close()
    assert said is not None
    _, far = await both_halves(ari, "told")
    with ari.expect(ev.PlaybackFinished, lambda event: event.playback.id == "saying") as waiter:
        await ari.channels.play("told", f"sound:{said}", playback_id="saying")
        assert not (await waiter.wait(10)).playback.failed
    await gone(ari, "told", "told-far")
    heard = measure(read_wav(heard_by(pbx, far.var("RS_CONTACT"))))
    spoken = measure(read_wav(said.with_suffix(".wav")))
    assert spoken.duration_s - 0.3 <= heard.duration_s <= spoken.duration_s + DEADLINE_S
    assert heard.rms_dbfs > -30
