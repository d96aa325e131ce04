"""An earlier recording is played during a real call: who hears it, how it ends, and that the talk goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from ears import EarsLab, hears
from floor_lab import House, says, until_async
from private_pbx import write_tone
from worker_lab import burst, until

from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.playback import play_recording, progress, stop_playing
from lab_server.floor.playing import To
from lab_server.floor.voices import Mixed, Voice, mixed
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

AGENT, CALLER = "1001", "16312345678"
PITCHES = {"customer": 500, "agent": 900, "then": 1700, "answer then": 2100}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EarsLab]:
    async with EarsLab(pbx, tmp_path_factory.mktemp("playback")) as lab:
        for name in ("customer", "agent"):
            burst(lab.folder / f"{name}.wav", 30.0, PITCHES[name])
        await lab.staff(4)
        yield lab


def earlier(lab: EarsLab, name: str, length_s: float) -> Mixed:
    """Two voices of an earlier contact, in one file."""
    folder = lab.pbx.settings.recordings / "2026-01-01" / name
    write_tone(folder / "customer.wav", PITCHES["then"], length_s)
    write_tone(folder / "agent-1.wav", PITCHES["answer then"], length_s)
    return mixed(
        lab.pbx.settings.recordings,
        [Voice(f"2026-01-01/{name}/customer.wav"), Voice(f"2026-01-01/{name}/agent-1.wav")],
    )


async def talk(lab: EarsLab, house: House) -> str:
    contact = await lab.rings(says("song", str(lab.folder / "customer.wav")), begin="talking")
    await lab.brief(contact, AGENT, says("song", str(lab.folder / "agent.wav")))
    await house.talks(contact)
    return contact


async def plays(house: House, contact: str, sound: Mixed, to: To = "both") -> None:
    await house.floor.change(
        contact, lambda call, kit: play_recording(call, kit, AGENT, sound.path, to, sound.length_s)
    )


async def taps(house: House) -> list[str]:
    return [one.id for one in await house.channels() if "-play-" in one.id]


@pytest.mark.parametrize("to", ["both", "customer"])
async def test_who_hears_it(lab: EarsLab, to: To) -> None:
    """Both voices of then are heard, by both parties or the customer alone; the talk goes on, and it ends by itself."""
    sound = earlier(lab, f"heard-{to}", 1.5)
    assert sound.length_s == pytest.approx(1.5)
    async with lab.open(AGENT) as house:
        contact = await talk(lab, house)
        await plays(house, contact, sound, to)
        call = house.floor.call(contact)
        assert call is not None
        now = progress(call, house.kit)
        assert now["playing"] and now["to"] == to and 0 <= now["at_s"] <= now["length_s"] == 1.5
        during = await lab.moment()
        await until(lambda: call.playing is None, what="the recording's end")
        await until_async(lambda: taps(house), "taps")
        (end,) = house.book.of(contact, "playback.ended")
        assert (end.data["state"], end.data["stopped"]) == ("done", False)
        after = await lab.moment()
        assert house.stage(contact) is Stage.TALKING
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED
    ears = {phone: await lab.heard(phone, during, PITCHES) for phone in (CALLER, AGENT)}
    print(to, ears)
    hears(ears[CALLER], "agent", "then", "answer then")
    hears(ears[AGENT], "customer", *(["then", "answer then"] if to == "both" else []))
    hears(await lab.heard(CALLER, after, PITCHES), "agent")
    hears(await lab.heard(AGENT, after, PITCHES), "customer")


@pytest.mark.parametrize("to", ["both", "customer"])
async def test_it_is_stopped_at_once_by_another_floor(lab: EarsLab, to: To) -> None:
    sound = earlier(lab, f"long-{to}", 20.0)
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact = await talk(lab, first)
    await plays(first, contact, sound, to)
    await first.floor.close()
    async with lab.open(AGENT) as second:
        call = second.floor.call(contact)
        assert call is not None
        await until(lambda: call.playing is not None and call.playing.begun, what="the recording known again")
        during = await lab.moment()
        await second.floor.change(contact, lambda call, kit: stop_playing(call, kit, AGENT))
        assert call.playing is None
        await until_async(lambda: taps(second), "taps")
        after = await lab.moment()
        await plays(second, contact, sound, to)
        assert call.playing is not None
        await lab.hangs_up(contact)
        assert (await second.ends(contact))[0] is Outcome.SERVED
        await until_async(second.channels, "channels")
    hears(await lab.heard(CALLER, during, PITCHES), "agent", "then", "answer then")
    hears(await lab.heard(CALLER, after, PITCHES), "agent")


async def test_it_ends_while_no_floor_is_there(lab: EarsLab) -> None:
    sound = earlier(lab, "short", 0.3)
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact = await talk(lab, first)
    await plays(first, contact, sound, "customer")
    await first.floor.close()
    await lab.moment()
    async with lab.open(AGENT) as second:
        call = second.floor.call(contact)
        assert call is not None
        await until(lambda: call.playing is None, what="the end noticed")
        await until_async(lambda: taps(second), "taps")
        assert second.book.of(contact, "playback.ended")
        await lab.hangs_up(contact)
        await second.ends(contact)


@pytest.mark.parametrize("to", ["both", "customer"])
async def test_the_rating_is_asked_in_silence(lab: EarsLab, to: To) -> None:
    """The agent hangs up while it plays: it is over, and the customer is asked once."""
    sound = earlier(lab, f"rated-{to}", 20.0)
    async with lab.open(AGENT, rating_s=5.0) as house:
        contact = await talk(lab, house)
        await plays(house, contact, sound, to)
        await lab.hangs_up(f"{contact}/{AGENT}")
        call = await house.reaches(contact, Stage.RATED)
        await until(lambda: call.playing is None)
        await until_async(lambda: taps(house), "taps")
        at = await lab.moment()
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")
        assert call.begun["rate-us"] == 1
    hears({who: level for who, level in (await lab.heard(CALLER, at, PITCHES)).items() if who != "customer"})


async def test_what_may_not_be_played(lab: EarsLab, tmp_path: Path) -> None:
    """Nothing outside the recordings; a missing file is noticed and the talk goes on."""
    root = lab.pbx.settings.recordings
    sound = earlier(lab, "refused", 5.0)
    async with lab.open(AGENT) as house:
        contact = await talk(lab, house)
        for path in (tmp_path / "x.wav", root / ".." / "prompts" / "x.wav", root / "x.txt", root / "a,b.wav"):
            with pytest.raises(Refused) as refused:
                await plays(house, contact, Mixed(path, 1.0))
            assert refused.value.error_id == "not_a_recording"
        with pytest.raises(Refused) as refused:
            await house.floor.change(contact, lambda call, kit: play_recording(call, kit, "1002", sound.path))
        assert refused.value.error_id == "not_serving"
        with pytest.raises(Refused) as refused:
            await house.floor.change(contact, lambda call, kit: stop_playing(call, kit, AGENT))
        assert refused.value.error_id == "not_playing"
        await plays(house, contact, Mixed(root / "2026-01-01" / "gone.wav", 1.0))
        await until(lambda: house.book.of(contact, "playback.ended"))
        assert house.book.of(contact, "playback.ended")[0].data["state"] == "failed"
        await plays(house, contact, sound)
        with pytest.raises(Refused) as refused:
            await plays(house, contact, sound)
        assert refused.value.error_id == "already_playing"
        assert house.stage(contact) is Stage.TALKING
