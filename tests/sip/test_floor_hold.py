"""Hold over real calls: who is where, how long it lasted, and that a caller may leave in the middle of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from floor_lab import WRAP_UP, FloorLab, House, keys, says
from worker_lab import burst, until

from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.hold import hold, resume
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import LineSaid

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT = "1001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    folder: Path = tmp_path_factory.mktemp("hold")
    async with FloorLab(pbx, folder) as lab:
        await lab.staff(2)
        yield lab


async def talk(lab: FloorLab, house: House) -> str:
    contact = await lab.rings(keys("2"))
    await lab.brief(contact, SEAT)
    await house.talks(contact)
    return contact


async def bridge_of(house: House, contact: str, role: str) -> str:
    """The kind of room in which the contact's leg of this role is: talk, hold … (empty: in none)."""
    (channel,) = [one for one in await house.channels(contact) if one.channelvars["RS_ROLE"] == role]
    rooms = [bridge.id for bridge in await house.ari.bridges.list() if channel.id in bridge.channels]
    return rooms[0].partition("-")[2] if rooms else ""


async def test_a_caller_hears_music_until_taken_back(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await house.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
        assert await bridge_of(house, contact, "customer") == "hold"
        assert await bridge_of(house, contact, "agent") == "talk"
        assert house.teller.told[-1] == (contact, Stage.HELD)
        with pytest.raises(Refused, match="already"):
            await house.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
        await house.floor.change(contact, lambda call, kit: resume(call, kit, SEAT))
        assert await bridge_of(house, contact, "customer") == "talk"
        assert house.teller.told[-1] == (contact, Stage.TALKING)
        (resumed,) = house.book.of(contact, "resumed")
        assert 0.0 < resumed.data["seconds"] < 30.0
        assert house.book.pairs[contact] == [frozenset({("customer", "agent-1")})]
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(SEAT) is WRAP_UP


@pytest.mark.parametrize("who", ["customer", "agent"])
async def test_somebody_hangs_up_during_the_hold(lab: FloorLab, who: str) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await house.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
        await lab.hangs_up(contact if who == "customer" else f"{contact}/{SEAT}")
        if who == "agent":
            await house.reaches(contact, Stage.RATED)
            await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED
        assert len(house.book.of(contact, "resumed")) == 1
        assert house.state(SEAT) is WRAP_UP


async def test_a_hold_outlives_the_floor(lab: FloorLab) -> None:
    """The next brain finds the caller on hold, and who serves it can take it back."""
    first = lab.house()
    first.ready(SEAT)
    await first.floor.start()
    contact = await talk(lab, first)
    await first.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
    await first.floor.close()
    async with lab.open(SEAT) as second:
        call = await second.reaches(contact, Stage.TALKING)
        await until(lambda: call.held)
        assert await bridge_of(second, contact, "customer") == "hold"
        await second.floor.change(contact, lambda call, kit: resume(call, kit, SEAT))
        assert await bridge_of(second, contact, "customer") == "talk"
        await lab.hangs_up(contact)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")


async def test_only_who_serves_may_hold(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        for seat, error in (("1002", "not_serving"), (SEAT, "not_held")):
            with pytest.raises(Refused) as refused:
                await house.floor.change(contact, lambda call, kit, seat=seat: resume(call, kit, seat))
            assert refused.value.error_id == error
        with pytest.raises(Refused) as refused:
            await house.floor.change("0" * 26, lambda call, kit: hold(call, kit, SEAT))
        assert refused.value.error_id == "unknown_contact"
        assert await bridge_of(house, contact, "customer") == "talk"


async def test_a_caller_put_on_hold_in_mid_sentence_says_it_again(lab: FloorLab, tmp_path: Path) -> None:
    """What nobody heard to its end was not told: the line is reported as cut, and once more as said."""
    hello, line = burst(tmp_path / "hello.wav", 0.3), burst(tmp_path / "address.wav", 2.0)
    async with lab.open(SEAT) as house:
        contact = await lab.rings(says("hello", hello), says("address", line, facts={"street": "7"}), begin="talking")
        await lab.brief(contact, SEAT)
        await house.talks(contact)
        await until(lambda: lab.all(LineSaid, contact), what="the caller goes on to its second sentence")
        await house.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
        await until(lambda: len(lab.all(LineSaid, contact)) == 2, what="the line was broken off")
        await house.floor.change(contact, lambda call, kit: resume(call, kit, SEAT))
        await until(lambda: len(lab.all(LineSaid, contact)) == 3, what="the line was said again")
        _hello, first, second = lab.all(LineSaid, contact)
        assert (first.cut, second.cut) == (True, False)
        assert first.ended_s - first.began_s < 1.9 < second.ended_s - second.began_s
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED
