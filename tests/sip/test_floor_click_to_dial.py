"""Click to dial: the agent's phone first, then the customer's, then his next number; the agent hears how it ended."""

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import are

from lab_server.floor.availability import set_not_ready
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.click_to_dial import dial
from lab_server.floor.errors import Refused
from lab_server.ids import new_id
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT = "1001"
NUMBERS = (f"1630000{last:04d}" for last in itertools.count(100))
"""Each test has its own: somebody who was not phoned in one waits on."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("click")) as lab:
        await lab.staff(4)
        yield lab


async def clicks(lab: FloorLab, house: House, *numbers: str, **how: object) -> Call:
    """The agent clicks; his phone does as told."""
    contact = new_id()
    await lab.brief(contact, SEAT, **how)  # type: ignore[arg-type]
    assert dial(house.floor, SEAT, numbers, contact=contact) == contact
    call = house.floor.call(contact)
    assert call is not None
    return call


def heard(call: Call) -> list[str]:
    return [playback.removeprefix(f"{call.contact}-").rpartition("-")[0] for playback in call.playbacks]


async def test_the_agents_phone_rings_first_then_the_customers(lab: FloorLab) -> None:
    home = next(NUMBERS)
    async with lab.open(SEAT) as house:
        customer = await lab.customer(home, answer_after_s=0.5)
        call = await clicks(lab, house, home)
        contact = call.contact
        await house.reaches(contact, Stage.DIALLING)
        await are(house, contact, agent_1="talk", customer="")
        assert f"{contact}-ringing-tone" not in call.playbacks, "the agent hears it ring"
        await house.talks(contact)
        await are(house, contact, agent_1="talk", customer="talk")
        assert house.state(SEAT) is TALKING
        assert (call.trunk, call.customer_number, call.seat) == ("lab", home, SEAT)
        assert house.book.stages(contact) == [Stage.RINGING, Stage.DIALLING, Stage.TALKING]
        assert call.folder.endswith(contact), "everybody is recorded in one folder"
        await lab.hangs_up(customer)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(SEAT) is WRAP_UP
        assert f"{contact}-ringing-tone" in call.playbacks, "and no longer when he answers"


@pytest.mark.parametrize("behaviour", ["busy", "no_answer"])
async def test_the_next_number_is_tried(lab: FloorLab, behaviour: str) -> None:
    home, mobile = next(NUMBERS), next(NUMBERS)
    async with lab.open(SEAT, dial_timeout_s=1.0) as house:
        await lab.customer(home, behaviour=behaviour)
        customer = await lab.customer(mobile)
        call = await clicks(lab, house, home, mobile)
        await house.talks(call.contact)
        assert (call.dialled, call.customer_number) == (mobile, mobile)
        assert "dialling-next-number" in heard(call)
        (tried,) = house.book.of(call.contact, "dial.tried")
        assert (tried.data["number"], tried.data["outcome"]) == (home, behaviour)
        await lab.hangs_up(customer)
        assert await house.ends(call.contact) == (Outcome.SERVED, "customer")


async def test_nobody_is_reached_and_the_agent_hears_why(lab: FloorLab) -> None:
    home, mobile = next(NUMBERS), next(NUMBERS)
    async with lab.open(SEAT, dial_timeout_s=1.0) as house:
        set_not_ready(house.kit, SEAT, "calls of my own")
        await lab.customer(home, behaviour="no_answer")
        await lab.customer(mobile, behaviour="busy")
        call = await clicks(lab, house, home, mobile)
        assert await house.ends(call.contact) == (Outcome.BUSY, None)
        assert [one for one in heard(call) if one.startswith("number")] == ["number-busy"]
        assert (house.state(SEAT), house.distribution.agent(SEAT).reason) == (NOT_READY, "calls of my own")


async def test_an_agent_who_does_not_answer_himself_is_not_set_aside(lab: FloorLab) -> None:
    home = next(NUMBERS)
    async with lab.open(SEAT, ring_timeout_s=1.0) as house:
        await lab.customer(home)
        call = await clicks(lab, house, home, behaviour="no_answer")
        assert (await house.ends(call.contact))[0] is Outcome.NO_ANSWER
        assert house.state(SEAT) is READY
        assert set(house.book.legs[call.contact]) == {"agent-1"}, "the customer's phone never rang"


async def test_what_cannot_be_dialled_is_refused_before_anything_rings(lab: FloorLab) -> None:
    home = next(NUMBERS)
    async with lab.open(SEAT) as house:
        await lab.customer(home)
        for seat, numbers, error in (
            (SEAT, [], "no_number"),
            (SEAT, [home] * 6, "too_many_numbers"),
            (SEAT, ["16399999999"], "number_not_served"),
            (SEAT, ["nobody"], "number_malformed"),
            (SEAT, ["1002"], "own_number"),
            ("1009", [home], "unknown_seat"),
        ):
            with pytest.raises(Refused) as refused:
                dial(house.floor, seat, numbers)
            assert refused.value.error_id == error
        assert (house.floor.calls(), house.state(SEAT)) == ([], READY)
        call = await clicks(lab, house, "16399999999", home)
        with pytest.raises(Refused, match="on the phone"):
            dial(house.floor, SEAT, [home])
        assert call.dialled == home, "a number that nobody has is left out"


async def test_the_agent_hangs_up_while_it_rings(lab: FloorLab) -> None:
    home = next(NUMBERS)
    async with lab.open(SEAT) as house:
        await lab.customer(home, behaviour="no_answer")
        call = await clicks(lab, house, home)
        await house.reaches(call.contact, Stage.DIALLING)
        await lab.hangs_up(f"{call.contact}/{SEAT}")
        assert await house.ends(call.contact) == (Outcome.ABANDONED, "agent")
        assert house.state(SEAT) is READY


@pytest.mark.parametrize("stage", [Stage.RINGING, Stage.DIALLING])
async def test_a_clicked_call_outlives_the_floor(lab: FloorLab, stage: Stage) -> None:
    """The next brain rings on, and knows the customer's other number."""
    home, mobile = next(NUMBERS), next(NUMBERS)
    first = lab.house(dial_timeout_s=2.0)
    first.ready(SEAT)
    await first.floor.start()
    await lab.customer(home, behaviour="no_answer")
    customer = await lab.customer(mobile)
    call = await clicks(lab, first, home, mobile, answer_after_s=1.5 if stage is Stage.RINGING else 0.05)
    contact = call.contact
    await first.reaches(contact, stage)
    await first.on_the_line(contact, "agent-1" if stage is Stage.RINGING else "customer")
    await first.floor.close()
    async with lab.open(SEAT, dial_timeout_s=2.0) as second:
        await second.talks(contact)
        call = second.floor.call(contact)
        assert call is not None
        assert (call.customer_number, call.seat, call.trunk) == (mobile, SEAT, "lab")
        await are(second, contact, agent_1="talk", customer="talk")
        await lab.hangs_up(customer)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")
        assert second.state(SEAT) is WRAP_UP
