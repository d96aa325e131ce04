"""Picking up what rings at a colleague's: his phone stops, he stays ready, and the caller notices nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys
from worker_lab import until

from lab_server.floor.availability import set_not_ready
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.pickup import pick_up, to_pick_up
from lab_server.floor.transfer import transfer
from lab_server.routing.target import Target
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT, PICKER = "1001", "1002"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("pickup")) as lab:
        await lab.staff(4)
        yield lab


async def rings_at_seat(lab: FloorLab, house: House) -> str:
    """A caller whose agent's phone rings and is not answered; the picker's would be."""
    contact = await lab.rings(keys("2"))
    await lab.brief(contact, SEAT, behaviour="no_answer")
    call = await house.reaches(contact, Stage.RINGING)
    await until(lambda: any(leg.rung for leg in call.legs() if leg.seat))
    return contact


async def picks(house: House, contact: str, seat: str = PICKER, **how: bool) -> None:
    await house.floor.change(contact, lambda call, kit: pick_up(call, kit, seat, **how))


async def test_a_colleagues_call_is_picked_up(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await rings_at_seat(lab, house)
        house.ready(PICKER)
        set_not_ready(house.kit, PICKER, "lunch")
        assert to_pick_up(house.kit, PICKER).contact == contact
        await lab.brief(contact, PICKER)
        await picks(house, contact, auto_answer=True)
        await house.talks(contact)
        call = house.floor.call(contact)
        assert call is not None
        assert (call.seat, house.state(PICKER), house.state(SEAT)) == (PICKER, TALKING, READY)
        assert (await lab.one(CallEnded, f"{contact}/{SEAT}")).cause == "never_answered"
        assert house.book.pairs[contact][-1] == frozenset({("customer", "agent-2")})
        with pytest.raises(Refused, match="rings nowhere"):
            await picks(house, contact, "1003")
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(PICKER) is WRAP_UP
        house.distribution.finish_wrap_up(PICKER)
        assert (house.state(PICKER), house.distribution.agent(PICKER).reason) == (NOT_READY, "lunch")


async def test_whoever_answers_first_has_it(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT, answer_after_s=1.0)
        call = await house.reaches(contact, Stage.RINGING)
        await until(lambda: any(leg.rung for leg in call.legs() if leg.seat))
        house.ready(PICKER)
        await lab.brief(contact, PICKER, behaviour="no_answer")
        await picks(house, contact)
        await house.talks(contact)
        assert (house.state(SEAT), house.state(PICKER)) == (TALKING, READY)


async def test_nothing_to_pick_up_and_nobody_to_do_it(lab: FloorLab) -> None:
    async with lab.open() as house:
        with pytest.raises(Refused) as refused:
            to_pick_up(house.kit, PICKER)
        assert refused.value.error_id == "nothing_to_pick_up"
        waiting = await lab.rings(keys("2"))
        await house.reaches(waiting, Stage.QUEUED)
        with pytest.raises(Refused) as refused:
            await picks(house, waiting)
        assert refused.value.error_id == "nothing_to_pick_up"
        house.ready(SEAT)
        await lab.brief(waiting, SEAT, behaviour="no_answer")
        call = await house.reaches(waiting, Stage.RINGING)
        await until(lambda: any(leg.rung for leg in call.legs() if leg.seat))
        for seat, error in ((SEAT, "already_rings"), ("1004", "unknown_seat")):
            with pytest.raises(Refused) as refused:
                await picks(house, waiting, seat)
            assert refused.value.error_id == error
        with pytest.raises(Refused, match="seat 1003"):
            to_pick_up(house.kit, PICKER, "1003")
        assert [leg.seat for leg in call.legs() if leg.seat] == [SEAT], "a refused command changes nothing"


async def test_a_call_that_was_sent_on_is_picked_up(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT)
        await house.talks(contact)
        house.ready("1003", PICKER)
        await lab.brief(contact, "1003", behaviour="no_answer")
        await house.floor.change(contact, lambda call, kit: transfer(call, kit, SEAT, Target.parse("seat:1003")))
        assert to_pick_up(house.kit, PICKER, "1003").contact == contact
        await lab.brief(contact, PICKER)
        await picks(house, contact)
        await until(lambda: house.state(PICKER) is TALKING)
        await until(lambda: house.state("1003") is READY)
        assert house.state(SEAT) is WRAP_UP
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_a_pick_up_outlives_the_floor(lab: FloorLab) -> None:
    first = lab.house()
    first.ready(SEAT)
    await first.floor.start()
    contact = await rings_at_seat(lab, first)
    first.ready(PICKER)
    await lab.brief(contact, PICKER, answer_after_s=1.5)
    await picks(first, contact)
    await first.on_the_line(contact, "agent-2")
    await first.floor.close()
    async with lab.open(SEAT, PICKER) as second:
        await second.talks(contact)
        assert (second.state(PICKER), second.state(SEAT)) == (TALKING, READY)


async def test_the_phone_is_asked_to_answer_by_itself(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        wire = lab.folder / "wire.pcap"
        await lab.pbx.console(f"pjsip set logger pcap {wire}")
        await lab.pbx.console("pjsip set logger on")
        contact = await rings_at_seat(lab, house)
        house.ready(PICKER)
        await lab.brief(contact, PICKER)
        await picks(house, contact, auto_answer=True)
        await house.talks(contact)
        await lab.pbx.console("pjsip set logger off")
        assert b"Call-Info: <sip:ringside>;answer-after=0" in wire.read_bytes()
