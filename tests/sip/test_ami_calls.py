"""What ARI lacks, done over AMI on a real Asterisk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ari_fixtures import DEADLINE_S, both_halves, client_of, gone
from worker_lab import loud_stretches

from telephony.ami import AmiClient, AmiNotFound, AmiRefused
from telephony.ari import AriClient
from telephony.ari import events as ev
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

pytestmark = pytest.mark.sip


@pytest.fixture
async def ari(pbx: Pbx) -> AsyncIterator[AriClient]:
    async with client_of(pbx) as client:
        yield client


@pytest.fixture
async def ami(pbx: Pbx) -> AsyncIterator[AmiClient]:
    settings = pbx.settings
    async with AmiClient(
        "127.0.0.1", settings.ami_port, settings.ami_user, settings.ami_password, SystemClock()
    ) as client:
        yield client


async def test_a_wrong_password_is_said(pbx: Pbx) -> None:
    client = AmiClient("127.0.0.1", pbx.settings.ami_port, pbx.settings.ami_user, "wrong", SystemClock())
    with pytest.raises(AmiRefused, match="Authentication failed"):
        await client.connect(timeout_s=3.0)


async def test_a_channel_can_be_recorded_by_its_id(ari: AriClient, ami: AmiClient, tmp_path: Path) -> None:
    """The wav holds sound: what is played into the other half is what this channel's party says."""
    await both_halves(ari, "taped")
    wav = tmp_path / "leg.wav"
    await ami.record_received("taped", str(wav))
    with ari.expect(ev.PlaybackFinished) as waiter:
        await ari.channels.play("taped-far", "sound:one-moment", playback_id="voice")
        assert not (await waiter.wait(DEADLINE_S)).playback.failed
    await ami.stop_recording("taped")
    await gone(ari, "taped", "taped-far")
    assert wav.stat().st_size > 44 + 0.2 * 16_000


async def test_a_recording_can_be_silenced_and_stays_in_step(ari: AriClient, ami: AmiClient, tmp_path: Path) -> None:
    """The same prompt three times; of the second nothing is kept, and the third stands where it was heard."""
    await both_halves(ari, "hushed")
    wav = tmp_path / "leg.wav"
    await ami.record_received("hushed", str(wav))
    for silent in (False, True, False):
        await ami.silence_recording("hushed", on=silent)
        with ari.expect(ev.PlaybackFinished) as waiter:
            await ari.channels.play("hushed-far", "sound:one-moment", playback_id=f"voice-{silent}")
            assert not (await waiter.wait(DEADLINE_S)).playback.failed
    await ami.stop_recording("hushed")
    await gone(ari, "hushed", "hushed-far")
    first, last = loud_stretches(wav)
    assert first[1] - first[0] == pytest.approx(0.3, abs=0.1)
    assert last[0] - first[1] == pytest.approx(0.3, abs=0.15), "the silenced prompt's time is there, its sound is not"


async def test_a_channel_in_the_dialplan_can_be_fetched(ari: AriClient, ami: AmiClient) -> None:
    """ARI refuses commands to it (conflict); Redirect moves it, here through the door into our application."""
    await both_halves(ari, "moved")
    with ari.expect(ev.StasisStart, lambda event: event.channel.id == "moved") as waiter:
        await ami.redirect("moved", "agent-leg")
        assert (await waiter.wait(DEADLINE_S)).args == ("agent",)
    await gone(ari, "moved", "moved-far")


async def test_a_channel_can_be_muted(ari: AriClient, ami: AmiClient) -> None:
    await both_halves(ari, "muted")
    await ami.mute("muted", "in")
    await ami.mute("muted", "in", on=False)
    await gone(ari, "muted", "muted-far")


async def test_what_is_gone_is_said_to_be_gone(ami: AmiClient) -> None:
    for refused in (ami.redirect("gone", "agent-leg"), ami.mute("gone"), ami.record_received("gone", "/tmp/x.wav")):
        with pytest.raises(AmiNotFound):
            await refused


async def test_a_message_lamp_is_asked_for(ami: AmiClient) -> None:
    await ami.notify_messages("1001", new=3, old=1)
    with pytest.raises(AmiRefused, match="Unable to retrieve endpoint"):
        await ami.notify_messages("no-such-phone", new=1)
