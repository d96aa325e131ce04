"""Calls from seat to seat: who may be rung, what is heard if not, and that nothing of a customer's contact sticks."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys
from worker_lab import until

from lab_server.floor.availability import finish_wrap_up, set_not_ready, set_ready
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.dnd import has_dnd, set_dnd
from lab_server.floor.errors import Refused
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT, COLLEAGUE = "1001", "1002"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("house")) as lab:
        await lab.staff(4)
        yield lab


async def begun(house: House, seat: str = SEAT) -> Call:
    """The contact that this seat's phone has just begun."""

    def found() -> list[Call]:
        return [call for call in house.floor.calls() if call.direction == "out" and call.seat == seat]

    await until(found, what=f"a contact of {seat}")
    return found()[-1]


async def rings_seat(lab: FloorLab, house: House, seat: str = COLLEAGUE, **how: object) -> Call:
    """`SEAT` dials a colleague, whose phone does as told."""
    await lab.dials(SEAT, seat)
    call = await begun(house)
    await lab.brief(call.contact, seat, **how)  # type: ignore[arg-type]
    return call


@pytest.mark.parametrize("state", [READY, NOT_READY])
async def test_a_colleague_is_rung_whether_ready_or_not(lab: FloorLab, state: object) -> None:
    async with lab.open(SEAT, COLLEAGUE) as house:
        if state is NOT_READY:
            set_not_ready(house.kit, COLLEAGUE, "lunch")
        call = await rings_seat(lab, house)
        contact = call.contact
        await house.reaches(contact, Stage.TALKING)
        await until(lambda: house.state(COLLEAGUE) is TALKING and house.state(SEAT) is TALKING)
        assert house.book.of(contact, "began")[0].data["trunk"] == "house"
        await lab.hangs_up(f"{contact}/{COLLEAGUE}")
        assert await house.ends(contact) == (Outcome.SERVED, "agent")
        assert (house.state(SEAT), house.state(COLLEAGUE)) == (READY, state), "nobody has anything to write down"
        assert house.distribution.agent(COLLEAGUE).reason == ("lunch" if state is NOT_READY else "")
        assert house.book.pairs[contact][0] == frozenset({("agent-1", "party-1")})
        assert house.book.stages(contact) == [Stage.SCREENED, Stage.DIALLING, Stage.TALKING]


async def test_a_busy_colleague_is_not_knocked_at(lab: FloorLab) -> None:
    async with lab.open(COLLEAGUE) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, COLLEAGUE)
        await house.talks(contact)
        house.ready(SEAT)
        await lab.dials(SEAT, COLLEAGUE)
        call = await begun(house)
        assert await house.ends(call.contact) == (Outcome.BUSY, None)
        assert list(call.playbacks) == [f"{call.contact}-call-waiting-refused-0"]
        assert house.book.of(call.contact, "dial.refused")[0].data["error"] == "seat_busy"
        assert set(house.book.legs[call.contact]) == {"agent-1"}, "the colleague's phone was left alone"
        assert house.stage(contact) is Stage.TALKING


@pytest.mark.parametrize(
    ("number", "prompt", "error"),
    [("1003", "seat-off", "unknown_seat"), ("1001", "no-such-extension", "own_number")],
    ids=["nobody there", "oneself"],
)
async def test_who_cannot_be_rung(lab: FloorLab, number: str, prompt: str, error: str) -> None:
    async with lab.open(SEAT) as house:
        await lab.dials(SEAT, number)
        call = await begun(house)
        assert await house.ends(call.contact) == (Outcome.REFUSED, None)
        assert list(call.playbacks) == [f"{call.contact}-{prompt}-0"]
        assert house.book.of(call.contact, "dial.refused")[0].data["error"] == error
        assert house.state(SEAT) is READY


async def test_do_not_disturb_keeps_colleagues_and_queues_out_until_it_is_off(lab: FloorLab) -> None:
    async with lab.open(SEAT, COLLEAGUE) as house:
        set_dnd(house.kit, COLLEAGUE, True)
        assert has_dnd(house.kit, COLLEAGUE)
        await lab.dials(SEAT, COLLEAGUE)
        call = await begun(house)
        assert await house.ends(call.contact) == (Outcome.REFUSED, None)
        assert list(call.playbacks) == [f"{call.contact}-seat-do-not-disturb-0"]
        assert house.state(COLLEAGUE) is NOT_READY
        set_dnd(house.kit, COLLEAGUE, False)
        assert house.state(COLLEAGUE) is READY
        call = await rings_seat(lab, house)
        await house.reaches(call.contact, Stage.TALKING)


async def test_do_not_disturb_does_not_take_a_contact_away(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT)
        await house.talks(contact)
        set_dnd(house.kit, SEAT, True)
        assert house.state(SEAT) is TALKING
        await lab.hangs_up(contact)
        await house.ends(contact)
        with pytest.raises(Refused, match="nothing to finish"):
            finish_wrap_up(house.kit, SEAT, "0" * 26)
        finish_wrap_up(house.kit, SEAT, contact)
        assert house.distribution.agent(SEAT).do_not_disturb
        set_ready(house.kit, SEAT)
        assert not has_dnd(house.kit, SEAT)


async def test_who_has_not_finished_hears_that_when_dialling(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT)
        await house.talks(contact)
        await lab.hangs_up(contact)
        await house.ends(contact)
        house.ready(COLLEAGUE)
        await lab.customer("16300000007")
        for number in (COLLEAGUE, "16300000007"):
            await lab.dials(SEAT, number)
            call = await begun(house)
            await house.ends(call.contact)
            assert list(call.playbacks) == [f"{call.contact}-finish-first-0"]
            assert house.distribution.agent(SEAT).contact == contact
            assert house.state(SEAT) is WRAP_UP
        assert house.state(COLLEAGUE) is READY


async def test_nobody_answers_or_the_caller_gives_up(lab: FloorLab) -> None:
    async with lab.open(SEAT, COLLEAGUE, dial_timeout_s=1.0) as house:
        call = await rings_seat(lab, house, behaviour="no_answer")
        assert await house.ends(call.contact) == (Outcome.NO_ANSWER, None)
        assert list(call.playbacks) == [f"{call.contact}-number-no-answer-0"]
        assert house.state(COLLEAGUE) is READY, "nobody is set aside for a colleague's call"
        call = await rings_seat(lab, house, behaviour="busy")
        assert await house.ends(call.contact) == (Outcome.BUSY, None)
    async with lab.open(SEAT, COLLEAGUE) as house:
        phone = await lab.dials(SEAT, COLLEAGUE)
        call = await begun(house)
        await lab.brief(call.contact, COLLEAGUE, behaviour="no_answer")
        await house.reaches(call.contact, Stage.DIALLING)
        await lab.hangs_up(phone)
        assert await house.ends(call.contact) == (Outcome.ABANDONED, "agent")
        assert (house.state(SEAT), house.state(COLLEAGUE)) == (READY, READY)


@pytest.mark.parametrize("stage", [Stage.DIALLING, Stage.TALKING])
async def test_a_house_call_outlives_the_floor(lab: FloorLab, stage: Stage) -> None:
    first = lab.house()
    first.ready(SEAT, COLLEAGUE)
    set_not_ready(first.kit, COLLEAGUE)
    await first.floor.start()
    call = await rings_seat(lab, first, answer_after_s=0.05 if stage is Stage.TALKING else 1.5)
    contact = call.contact
    await first.reaches(contact, stage)
    await first.on_the_line(contact, next(leg.name for leg in call.legs() if leg.seat == COLLEAGUE))
    if stage is Stage.TALKING:
        await first.talks(contact)
    await first.floor.close()
    async with lab.open(SEAT, COLLEAGUE) as second:
        call = await second.reaches(contact, Stage.TALKING)
        await until(lambda: second.state(COLLEAGUE) is TALKING and second.state(SEAT) is TALKING)
        assert (call.internal, call.seat) == (True, SEAT)
        await lab.hangs_up(f"{contact}/{COLLEAGUE}")
        assert await second.ends(contact) == (Outcome.SERVED, "agent")
        assert (second.state(SEAT), second.state(COLLEAGUE)) == (READY, NOT_READY), "each is what he was before"
