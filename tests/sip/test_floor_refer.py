"""A desk phone's own transfer: a real REFER from a real phone does what the page's button does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import FIRST, NUMBER, SECOND, THIRD, are, noted, talk, told
from worker_lab import until

from lab_server.floor.call import Outcome, Stage
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded, TransferCall, TransferTold

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("refer")) as lab:
        lab.brain.on(TransferTold, lambda message, _: lab.reports.append(message))
        await lab.staff(4)
        yield lab


async def refers(lab: FloorLab, contact: str, number: str, seat: str = FIRST) -> None:
    await lab.tell(TransferCall(call_id=f"{contact}/{seat}", number=number))


async def final(lab: FloorLab, contact: str) -> int:
    """What the phone was told in the end."""
    call_id = f"{contact}/{FIRST}"
    await until(lambda: any(told.final for told in lab.all(TransferTold, call_id)), what="the last word on the REFER")
    return next(told.code for told in lab.all(TransferTold, call_id) if told.final)


async def over(lab: FloorLab, house: House, contact: str) -> None:
    await lab.hangs_up(contact)
    assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_to_a_seat(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        house.distribution.sign_on(SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, answer_after_s=0.4)
        await refers(lab, contact, SECOND)
        await are(house, contact, customer="hold", agent_2="")
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
        entry = await noted(house, contact, "call.transferred")
        assert entry == {"from": "seat:1001", "to": "seat:1002", "how": "blind"}
        assert await final(lab, contact) == 200
        assert (await lab.one(CallEnded, f"{contact}/{FIRST}")).cause == "they_hung_up"
        assert len(house.book.of(contact, "call.transferred")) == 1
        assert len(await house.channels(contact)) == len(await house.channels()) == 2, "nothing behind our back"
        await over(lab, house, contact)


@pytest.mark.parametrize("number", ["complaint", "queue-complaint"])
async def test_to_a_queue(lab: FloorLab, number: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, number)
        await house.reaches(contact, Stage.QUEUED)
        await are(house, contact, customer="queue")
        call = house.floor.call(contact)
        assert call is not None
        assert call.queue == "complaint"
        house.ready(THIRD)
        await lab.brief(contact, THIRD)
        await are(house, contact, customer="talk", agent_2="talk")
        await over(lab, house, contact)


async def test_to_the_park_code(lab: FloorLab) -> None:
    """A phone without a page parks by sending its call to *76; any phone fetches it from there."""
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, "*76")
        call = await house.reaches(contact, Stage.PARKED)
        await are(house, contact, customer="hold")
        assert await final(lab, contact) == 200
        await until(lambda: house.state(FIRST) is WRAP_UP)
        assert call.customer is not None
        slot = call.customer.notes["slot"]
        assert (await noted(house, contact, "call.parked")) == {"slot": slot, "by": FIRST}
        await over(lab, house, contact)


async def test_to_a_number_outside(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await lab.customer(NUMBER, contact=contact)
        await refers(lab, contact, NUMBER)
        await are(house, contact, customer="talk", party_1="talk")
        assert await final(lab, contact) == 200
        await over(lab, house, contact)


@pytest.mark.parametrize("number", ["16399999999", "9999", FIRST])
async def test_the_phone_keeps_a_call_that_cannot_be_sent_there(lab: FloorLab, number: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, number)
        assert await final(lab, contact) >= 400
        await are(house, contact, customer="talk", agent_1="talk")
        assert (await noted(house, contact, "call.refer_refused"))["to"]
        assert Stage.HELD not in told(house, contact)
        await until(lambda: house.state(FIRST) is TALKING)
        await over(lab, house, contact)


async def test_to_a_colleague_who_does_not_answer(lab: FloorLab) -> None:
    """The customer comes back to the phone that sent it away."""
    async with lab.open(FIRST, ring_timeout_s=1.0) as house:
        house.ready(SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, behaviour="no_answer")
        await refers(lab, contact, SECOND)
        await are(house, contact, customer="hold", agent_2="")
        await lab.brief(contact, FIRST)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: house.state(SECOND) is READY)
        await over(lab, house, contact)
