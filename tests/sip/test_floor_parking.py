"""Park and fetch: who is parked hears music, any phone takes it from there, and nobody is forgotten in the park."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import are, talk
from worker_lab import until

from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.hold import hold
from lab_server.floor.parking import fetch, lot, park, parked_at, parked_by
from lab_server.routing.agents import AgentState
from telephony.asterisk.process import Pbx

OFFLINE = AgentState.OFFLINE
pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT, OTHER = "1001", "1002"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("parking")) as lab:
        await lab.staff(4)
        yield lab


async def parks(house: House, contact: str, seat: str = SEAT) -> str:
    slots: list[str] = []
    await house.floor.change(contact, lambda call, kit: slots.append(park(call, kit, seat)))
    await are(house, contact, customer="hold")
    return slots[0]


async def test_a_parked_call_is_fetched_at_another_phone(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        slot = await parks(house, contact)
        assert slot == "701"
        assert house.state(SEAT) is WRAP_UP, "who parked it writes it down and goes on"
        assert {at: call.contact for at, call in lot(house.kit).items()} == {"701": contact}
        assert house.book.pairs[contact][-1] == frozenset(), "nobody talks with a parked customer"
        house.ready(OTHER)
        await lab.brief(contact, OTHER)
        call = parked_at(house.kit, slot)
        await house.floor.change(contact, lambda call, kit: fetch(call, kit, OTHER, auto_answer=True))
        await until(lambda: house.state(OTHER) is TALKING)
        await are(house, contact, customer="talk", agent_2="talk")
        assert (call.seat, call.stage, lot(house.kit)) == (OTHER, Stage.TALKING, {})
        assert house.book.pairs[contact][-1] == frozenset({("customer", "agent-2")})
        assert house.teller.told[-1] == (contact, Stage.TALKING)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(OTHER) is WRAP_UP


async def test_places_are_unique_and_may_be_full(lab: FloorLab) -> None:
    async with lab.open(park_slots=1) as house:
        house.ready(SEAT)
        first = await talk(lab, house)
        second_seat = "1003"
        assert await parks(house, first) == "701"
        house.ready(second_seat)
        second = await talk(lab, house, second_seat)
        with pytest.raises(Refused) as refused:
            await parks(house, second, second_seat)
        assert refused.value.error_id == "park_full"
        await are(house, second, customer="talk", agent_1="talk")
        await lab.hangs_up(first)
        await house.ends(first)
        assert await parks(house, second, second_seat) == "701"


async def test_what_cannot_be_parked_or_fetched(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        for change, error in (
            (lambda call, kit: park(call, kit, OTHER), "not_serving"),
            (lambda call, kit: fetch(call, kit, OTHER), "not_parked"),
        ):
            with pytest.raises(Refused) as refused:
                await house.floor.change(contact, change)
            assert refused.value.error_id == error
        for ask in (lambda: parked_at(house.kit, "701"), lambda: parked_by(house.kit, SEAT)):
            with pytest.raises(Refused) as refused:
                ask()
            assert refused.value.error_id == "park_empty"
        await parks(house, contact)
        with pytest.raises(Refused) as refused:
            await house.floor.change(contact, lambda call, kit: fetch(call, kit, "1009"))
        assert refused.value.error_id == "unknown_seat"
        assert lot(house.kit).keys() == {"701"}


async def test_who_parked_it_may_fetch_it_himself_while_he_writes_it_down(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await parks(house, contact)
        assert house.state(SEAT) is WRAP_UP
        await lab.brief(contact, SEAT)
        await house.floor.change(contact, lambda call, kit: fetch(call, kit, SEAT))
        await until(lambda: house.state(SEAT) is TALKING)
        await are(house, contact, customer="talk", agent_2="talk")


async def test_a_fetch_that_is_not_answered_leaves_it_parked(lab: FloorLab) -> None:
    async with lab.open(SEAT, ring_timeout_s=1.0) as house:
        contact = await talk(lab, house)
        await parks(house, contact)
        house.ready(OTHER)
        await lab.brief(contact, OTHER, behaviour="no_answer")
        await house.floor.change(contact, lambda call, kit: fetch(call, kit, OTHER))
        await until(lambda: house.state(OTHER) is READY, what="not set aside")
        assert house.stage(contact) is Stage.PARKED
        await are(house, contact, customer="hold")
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert lot(house.kit) == {}


async def test_not_fetched_in_time_it_goes_back_to_who_parked_it(lab: FloorLab) -> None:
    async with lab.open(SEAT, park_limit_s=1.0) as house:
        contact = await talk(lab, house)
        await house.floor.change(contact, lambda call, kit: hold(call, kit, SEAT))
        await parks(house, contact)
        house.distribution.finish_wrap_up(SEAT)
        await lab.brief(contact, SEAT)
        await house.reaches(contact, Stage.TALKING)
        await until(lambda: house.state(SEAT) is TALKING)
        await are(house, contact, customer="talk", agent_2="talk")
        assert len(house.book.of(contact, "resumed")) == 1


@pytest.mark.parametrize("away", ["signed off", "not answering"])
async def test_if_he_cannot_take_it_the_queue_does(lab: FloorLab, away: str) -> None:
    async with lab.open(SEAT, park_limit_s=1.5, ring_timeout_s=1.0) as house:
        contact = await talk(lab, house)
        if away == "signed off":
            house.distribution.set_state(SEAT, OFFLINE)
            await parks(house, contact)
            house.distribution.finish_wrap_up(SEAT)
        else:
            await parks(house, contact)
            await lab.brief(contact, SEAT, behaviour="no_answer")
        await house.reaches(contact, Stage.QUEUED)
        assert lot(house.kit) == {}
        await lab.brief(contact, OTHER)
        house.ready(OTHER)
        await until(lambda: house.state(OTHER) is TALKING)
        assert house.state(SEAT) is (OFFLINE if away == "signed off" else WRAP_UP)
        await are(house, contact, customer="talk", **{"agent_2" if away == "signed off" else "agent_3": "talk"})


@pytest.mark.parametrize("fetching", [False, True], ids=["parked", "being fetched"])
async def test_a_parked_call_outlives_the_floor(lab: FloorLab, fetching: bool) -> None:
    first = lab.house()
    first.ready(SEAT)
    await first.floor.start()
    contact = await talk(lab, first)
    await parks(first, contact)
    first.ready(OTHER)
    await lab.brief(contact, OTHER, answer_after_s=1.5)
    if fetching:
        await first.floor.change(contact, lambda call, kit: fetch(call, kit, OTHER))
        await first.on_the_line(contact, "agent-2")
    await first.floor.close()
    async with lab.open(SEAT, OTHER) as second:
        call = second.floor.call(contact)
        assert call is not None
        if not fetching:
            assert call.stage is Stage.PARKED
            await are(second, contact, customer="hold")
            assert parked_by(second.kit, SEAT) is parked_at(second.kit, "701") is call
            await second.floor.change(contact, lambda call, kit: fetch(call, kit, OTHER))
        await second.reaches(contact, Stage.TALKING)
        await until(lambda: second.state(OTHER) is TALKING)
        await are(second, contact, customer="talk", agent_2="talk")
        assert second.state(SEAT) is READY
        await lab.hangs_up(contact)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")
