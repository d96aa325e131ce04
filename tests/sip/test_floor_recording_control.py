"""Stopping and starting a recording on real calls: what is kept, where it stands, and that it survives the floor."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from ears import EarsLab, hears
from floor_lab import House, says
from test_floor_talk import recordings
from worker_lab import burst, until

from lab_server.floor.call import Outcome
from lab_server.floor.errors import Refused
from lab_server.floor.mute import mute, mute_leg
from lab_server.floor.recording import is_paused, pause_recording, resume_recording
from lab_server.floor.supervision import barge
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

AGENT, CHIEF, CALLER = "1001", "1004", "16312345678"
PITCHES = {"customer": 500, "agent": 900, "chief": 1300}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EarsLab]:
    async with EarsLab(pbx, tmp_path_factory.mktemp("recording")) as lab:
        for name, pitch_hz in PITCHES.items():
            burst(lab.folder / f"{name}.wav", 30.0, pitch_hz)
        await lab.staff(4)
        yield lab


async def talk(lab: EarsLab, house: House) -> tuple[str, Path]:
    """Customer and agent sing; contact and folder."""
    contact = await lab.rings(says("song", str(lab.folder / "customer.wav")), begin="talking")
    await lab.brief(contact, AGENT, says("song", str(lab.folder / "agent.wav")))
    await lab.brief(contact, CHIEF, says("song", str(lab.folder / "chief.wav")), begin="answered")
    await house.talks(contact)
    await until(lambda: house.ami.connected)
    call = house.floor.call(contact)
    assert call is not None
    return contact, Path(call.folder)


def silences(file: Path) -> list[float]:
    """Lengths in seconds of the silences between the first and the last sound; short breaks are none."""
    sound, rate_hz = soundfile.read(file)
    step = rate_hz // 50
    loud = np.flatnonzero(np.abs(sound[: len(sound) // step * step]).reshape(-1, step).max(axis=1) > 0.02)
    return [round(float(gap) / 50, 2) for gap in np.diff(loud) if gap > 10]


async def test_nothing_is_kept_while_the_recording_is_stopped(lab: EarsLab) -> None:
    """Both voices are silent for so long, in their place, and everybody goes on hearing the other."""
    async with lab.open(AGENT) as house:
        contact, folder = await talk(lab, house)
        await lab.moment()
        await house.floor.change(contact, lambda call, kit: pause_recording(call, kit, "boss"))
        call = house.floor.call(contact)
        assert call is not None and is_paused(call)
        began = lab.clock.monotonic()
        at = await lab.moment()
        await house.floor.change(contact, lambda call, kit: resume_recording(call, kit, "boss"))
        lasted_s = lab.clock.monotonic() - began
        assert not call.unrecorded
        await lab.moment()
        legs = dict(house.book.legs[contact])
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED
        files = await recordings(folder)
        for kind in ("recording.paused", "recording.resumed"):
            assert [entry.data["by"] for entry in house.book.of(contact, kind)] == ["boss"]
    for name in ("customer", "agent-1"):
        print(name, silences(files[name]), "paused for", round(lasted_s, 2))
        assert silences(files[name]) == [pytest.approx(lasted_s, abs=0.15)]
        up_at, gone_at = legs[name].up_at, legs[name].gone_at
        assert up_at is not None
        if gone_at is not None:
            assert soundfile.info(files[name]).duration == pytest.approx((gone_at - up_at).total_seconds(), abs=0.3)
    hears(await lab.heard(AGENT, at, PITCHES), "customer")
    hears(await lab.heard(CALLER, at, PITCHES), "agent")


async def test_a_stopped_recording_outlives_the_floor_and_holds_for_who_joins(lab: EarsLab) -> None:
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact, folder = await talk(lab, first)
    await lab.moment()
    await first.floor.change(contact, lambda call, kit: pause_recording(call, kit, "boss"))
    await first.floor.close()
    async with lab.open(AGENT) as second:
        await until(lambda: second.ami.connected)
        call = second.floor.call(contact)
        assert call is not None and call.unrecorded == "boss"
        await second.floor.change(contact, lambda call, kit: barge(call, kit, CHIEF))
        await until(lambda: (leg := call.leg_at(CHIEF)) is not None and leg.silent, what="the supervisor's silence")
        await lab.moment()
        with pytest.raises(Refused) as refused:
            await second.floor.change(contact, lambda call, kit: pause_recording(call, kit, "other"))
        assert refused.value.error_id == "not_recorded"
        await second.floor.change(contact, lambda call, kit: resume_recording(call, kit, "boss"))
        await lab.moment()
        await lab.hangs_up(contact)
        await second.ends(contact)
        files = await recordings(folder)
    for name in ("customer", "agent-1"):
        assert max(silences(files[name])) > 0.6, "the pause lasted through the change of floors"
        sound, _ = soundfile.read(files[name])
        assert np.abs(sound[-4000:]).max() > 0.1, "resumed by another floor than stopped it"
    sound, _ = soundfile.read(files["supervisor-1"])
    assert np.abs(sound[-4000:]).max() > 0.1
    assert np.abs(sound[2000:4000]).max() < 0.02


async def test_who_is_muted_is_neither_heard_nor_kept(lab: EarsLab) -> None:
    """An agent mutes himself, across a restart of the floor, and unmutes; a customer can be muted by name."""
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact, folder = await talk(lab, first)
    await lab.moment()
    await first.floor.change(contact, lambda call, kit: mute(call, kit, AGENT))
    muted = await lab.moment()
    await first.floor.close()
    async with lab.open(AGENT) as second:
        await until(lambda: second.ami.connected)
        still = await lab.moment()
        await second.floor.change(contact, lambda call, kit: mute(call, kit, AGENT, on=False))
        again = await lab.moment()
        await second.floor.change(contact, lambda call, kit: mute_leg(call, kit, "customer"))
        customer = await lab.moment()
        for name, error in (("customer", "already_so"), ("agent-7", "unknown_leg")):
            with pytest.raises(Refused) as refused:
                await second.floor.change(contact, lambda call, kit, name=name: mute_leg(call, kit, name))
            assert refused.value.error_id == error
        await lab.hangs_up(contact)
        await second.ends(contact)
        files = await recordings(folder)
    for at, agent_heard, customer_heard in (
        (muted, False, True), (still, False, True), (again, True, True), (customer, True, False),
    ):  # fmt: skip
        hears(await lab.heard(CALLER, at, PITCHES), *(["agent"] if agent_heard else []))
        hears(await lab.heard(AGENT, at, PITCHES), *(["customer"] if customer_heard else []))
    assert max(silences(files["agent-1"])) == pytest.approx(again - muted, abs=0.4)


async def test_without_the_recorder_it_is_refused(lab: EarsLab) -> None:
    """Who wants nothing kept must know that it is being kept."""
    async with lab.open(AGENT) as house:
        contact, _ = await talk(lab, house)
        await house.ami.close()
        await until(lambda: not house.ami.connected)
        for command, error in ((pause_recording, "recorder_away"), (resume_recording, "recorded")):
            with pytest.raises(Refused) as refused:
                await house.floor.change(contact, lambda call, kit, command=command: command(call, kit, "boss"))
            assert refused.value.error_id == error
        call = house.floor.call(contact)
        assert call is not None and not call.unrecorded
