"""An agent dials: whose contact it becomes, which trunk it takes, how it ends when nobody talks."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, WRAP_UP, FloorLab, House
from worker_lab import LISTEN, hangs_up, until

from datasets.numbers import NumberRanges
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.ids import is_id, new_id
from telephony.asterisk.process import Pbx
from telephony.trunks import CarrierTrunk
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

SEAT, NUMBER = "1001", "16300000007"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("outbound")) as lab:
        await lab.staff(callers=4)
        yield lab


async def dialled(house: House, before: int = 0) -> Call:
    """The contact of what was dialled after so many others."""
    await until(lambda: len(house.book.calls) > before, what="a contact on the floor")
    return list(house.book.calls.values())[before]


async def test_a_prepared_contact_is_taken_once(lab: FloorLab) -> None:
    contact = new_id()
    async with lab.open(SEAT) as house:
        customer = await lab.customer(NUMBER, LISTEN, hangs_up("had enough"), contact=contact)
        await house.ari.server.set_global(f"RS_NEXT_{SEAT}_{NUMBER}", contact)
        await lab.dials(SEAT, NUMBER)
        await house.talks(contact)
        call = house.floor.call(contact)
        assert (call.customer_number, call.dialled, call.seat, call.trunk) == (NUMBER, NUMBER, SEAT, "lab")
        assert house.book.of(contact, "began")[0].data == {"trunk": "lab", "number": NUMBER, "adopted": False}
        assert set(house.book.legs[contact]) == {"agent-1", "customer"}
        await lab.hangs_up(customer)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.book.stages(contact) == [Stage.SCREENED, Stage.DIALLING, Stage.TALKING]
        house.distribution.finish_wrap_up(SEAT)

        customer = await lab.customer(NUMBER)
        await lab.dials(SEAT, NUMBER)
        again = (await dialled(house, 1)).contact
        assert again != contact
        assert is_id(again)
        await house.talks(again)
        await lab.hangs_up(customer)
        assert await house.ends(again) == (Outcome.SERVED, "customer")
        assert house.state(SEAT) is WRAP_UP


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("busy", Outcome.BUSY), ("no_answer", Outcome.NO_ANSWER)], ids=["busy", "no answer"]
)
async def test_a_customer_who_does_not_answer(lab: FloorLab, behaviour: str, outcome: Outcome) -> None:
    async with lab.open(SEAT, dial_timeout_s=1.0) as house:
        house.distribution.set_state(SEAT, NOT_READY)
        customer = await lab.customer(NUMBER, behaviour=behaviour)
        phone = await lab.dials(SEAT, NUMBER)
        contact = (await dialled(house)).contact
        assert await house.ends(contact) == (outcome, None)
        assert house.state(SEAT) is NOT_READY, "the agent is what he was before he dialled"
        await lab.one(CallEnded, phone)
        await lab.one(CallEnded, customer)


@pytest.mark.parametrize("number", ["16399999999", "13812345678", "110", "1"], ids=["nobody's", "real", "short", "one"])
async def test_a_number_that_may_not_be_dialled_is_refused_and_the_agent_hears_why(lab: FloorLab, number: str) -> None:
    async with lab.open(SEAT) as house:
        phone = await lab.dials(SEAT, number)
        call = await dialled(house)
        assert await house.ends(call.contact) == (Outcome.REFUSED, None)
        assert call.playbacks == {f"{call.contact}-number-wrong-0": "done"}
        assert call.trunk == ("lab" if number.startswith("163") else "none")
        assert set(house.book.legs[call.contact]) == {"agent-1"}
        assert house.state(SEAT) is READY
        assert (await lab.one(CallEnded, phone)).cause == "they_hung_up"


async def test_what_is_no_number_never_gets_in(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        for number in ("abc", "1001a", "."):
            end = await lab.one(CallEnded, await lab.dials(SEAT, number))
            assert (end.cause, end.sip_code) == ("rejected", 404)
        assert house.book.entries == []


async def test_a_call_over_a_carrier_is_known_as_such(lab: FloorLab) -> None:
    """There is no carrier here to answer: what counts is the way it is sent, and that it is written down."""
    carrier = CarrierTrunk("nowhere", NumberRanges().hold)
    async with lab.open(SEAT, trunk=carrier) as house:
        await lab.dials(SEAT, "13812345678")
        # It may be over before anybody could look: the book has kept it.
        await until(lambda: house.book.entries, what="a contact in the book")
        contact = house.book.entries[0].contact
        assert await house.ends(contact) == (Outcome.NO_ANSWER, None)
        assert house.book.of(contact, "began")[0].data["trunk"] == "carrier"
        assert house.state(SEAT) is READY


async def test_an_agent_busy_with_a_contact_cannot_dial(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        customer = await lab.customer(NUMBER)
        await lab.dials(SEAT, NUMBER)
        first = (await dialled(house)).contact
        await house.talks(first)
        await lab.hangs_up(customer)
        await house.ends(first)
        await lab.customer(NUMBER)
        await lab.dials(SEAT, NUMBER)
        second = (await dialled(house, 1)).contact
        assert await house.ends(second) == (Outcome.REFUSED, None)
        assert house.distribution.agent(SEAT).contact == first
        assert house.state(SEAT) is WRAP_UP
