"""Attended transfer and three-way calls over real calls: ask, swap, hand over, join, leave, and who hangs up when."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import FIRST, NUMBER, SECOND, THIRD, are, noted, refused, talk, target, told
from worker_lab import until

from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.consult import cancel, complete, consult, swap
from lab_server.floor.hold import resume
from lab_server.floor.kit import Kit
from lab_server.floor.three_way import add, drop, join, leave
from lab_server.floor.transfer import transfer
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
Command = Callable[[Call, Kit], object]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("consult")) as lab:
        await lab.staff(4)
        yield lab


def asks(text: str = "seat:1002") -> Command:
    return lambda call, kit: consult(call, kit, FIRST, target(text))


def adds(text: str) -> Command:
    return lambda call, kit: add(call, kit, FIRST, target(text))


def does(command: Callable[[Call, Kit, str], object], seat: str = FIRST) -> Command:
    return lambda call, kit: command(call, kit, seat)


async def asking(lab: FloorLab, house: House, **how: object) -> str:
    """A customer on hold while the first agent asks the second, who has answered (or does as `how` says)."""
    house.distribution.sign_on(SECOND)
    contact = await talk(lab, house)
    await lab.brief(contact, SECOND, **how)
    await house.floor.change(contact, asks())
    if not how:
        await are(house, contact, customer="hold", agent_1="consult", agent_2="consult")
        await until(lambda: house.state(SECOND) is TALKING)
    return contact


async def over(lab: FloorLab, house: House, contact: str, *wrap_up: str) -> None:
    """The customer hangs up; these agents have something to write down, the others are what they were."""
    await lab.hangs_up(contact)
    assert await house.ends(contact) == (Outcome.SERVED, "customer")
    assert {agent.seat for agent in house.distribution.agents() if agent.state is WRAP_UP} == set(wrap_up)


async def test_asked_swapped_and_handed_over(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house)
        await until(
            lambda: house.book.pairs[contact][-1] == frozenset({("customer", "agent-1"), ("agent-1", "agent-2")})
        )
        assert told(house, contact)[-1] is Stage.HELD
        await house.floor.change(contact, does(swap))
        await are(house, contact, customer="talk", agent_1="talk", agent_2="hold")
        assert told(house, contact)[-1] is Stage.TALKING
        await house.floor.change(contact, does(swap))
        await are(house, contact, customer="hold", agent_1="consult", agent_2="consult")
        await house.floor.change(contact, does(complete))
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
        await until(lambda: house.book.pairs[contact][-1] == frozenset({("customer", "agent-2")}))
        entry = await noted(house, contact, "call.transferred")
        assert entry == {"from": "seat:1001", "to": "seat:1002", "how": "attended"}
        assert len(house.book.of(contact, "resumed")) == 2
        await over(lab, house, contact, FIRST, SECOND)


async def test_the_agent_who_asked_just_hangs_up(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house)
        await lab.hangs_up(f"{contact}/{FIRST}")
        await are(house, contact, customer="talk", agent_2="talk")
        assert (await noted(house, contact, "call.taken_over")) == {"seat": SECOND, "from": FIRST}
        await over(lab, house, contact, FIRST, SECOND)


@pytest.mark.parametrize("ringing", [True, False], ids=["rings", "answered"])
async def test_cancelled(lab: FloorLab, ringing: bool) -> None:
    """The colleague is what he was before; he has nothing to write down."""
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house, **({"behaviour": "no_answer"} if ringing else {}))
        if ringing:
            await are(house, contact, customer="hold", agent_1="consult", agent_2="")
        await house.floor.change(contact, does(cancel))
        await are(house, contact, customer="talk", agent_1="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (TALKING, NOT_READY))
        assert await refused(house, contact, does(cancel)) == "not_consulting"
        await over(lab, house, contact, FIRST)


@pytest.mark.parametrize("behaviour", ["busy", "no_answer"])
async def test_who_is_asked_does_not_answer(lab: FloorLab, behaviour: str) -> None:
    async with lab.open(FIRST, ring_timeout_s=1.0) as house:
        contact = await asking(lab, house, behaviour=behaviour)
        await are(house, contact, customer="talk", agent_1="talk")
        assert (await noted(house, contact, "leg.unanswered"))["seat"] == SECOND
        await until(lambda: told(house, contact)[-1] is Stage.TALKING)
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (TALKING, NOT_READY))
        await over(lab, house, contact, FIRST)


@pytest.mark.parametrize("how", ["completed", "hung up"])
async def test_handed_over_while_the_phone_still_rings(lab: FloorLab, how: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house, answer_after_s=1.0)
        if how == "completed":
            await house.floor.change(contact, does(complete))
            assert (await noted(house, contact, "call.transferred"))["how"] == "semi_attended"
        else:
            await lab.hangs_up(f"{contact}/{FIRST}")
        await are(house, contact, customer="hold", agent_2="")
        await are(house, contact, customer="talk", agent_2="talk")
        await over(lab, house, contact, FIRST, SECOND)


async def test_handed_over_to_a_phone_that_nobody_answers(lab: FloorLab) -> None:
    """The customer comes back to who asked."""
    async with lab.open(FIRST, ring_timeout_s=1.5) as house:
        contact = await asking(lab, house, behaviour="no_answer")
        await house.floor.change(contact, does(complete))
        await lab.brief(contact, FIRST)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (TALKING, NOT_READY))
        await over(lab, house, contact, FIRST)


@pytest.mark.parametrize("who", ["customer", "colleague"])
async def test_somebody_else_hangs_up_meanwhile(lab: FloorLab, who: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house)
        if who == "colleague":
            await lab.hangs_up(f"{contact}/{SECOND}")
            await are(house, contact, customer="talk", agent_1="talk")
            await until(lambda: house.state(SECOND) is NOT_READY)
        await over(lab, house, contact, FIRST)


async def test_an_outside_party_is_asked_and_takes_over(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        party = await lab.customer(NUMBER, contact=contact)
        await house.floor.change(contact, asks(f"number:{NUMBER}"))
        await are(house, contact, customer="hold", agent_1="consult", party_1="consult")
        await house.floor.change(contact, does(complete))
        await are(house, contact, customer="talk", party_1="talk")
        await lab.hangs_up(party)
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_three_talk_and_each_may_leave(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await asking(lab, house)
        await house.floor.change(contact, does(join))
        await are(house, contact, customer="talk", agent_1="talk", agent_2="talk")
        await until(
            lambda: house.book.pairs[contact][-1] == frozenset({("customer", "agent-1"), ("customer", "agent-2")})
        )
        await house.floor.change(contact, does(leave))
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: house.state(FIRST) is WRAP_UP)
        call = house.floor.call(contact)
        assert call is not None
        assert call.seat == SECOND
        assert await refused(house, contact, does(leave, SECOND)) == "nobody_left"
        await over(lab, house, contact, FIRST, SECOND)


async def test_who_is_added_comes_straight_into_the_talk(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        house.distribution.sign_on(SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, answer_after_s=0.5)
        party = await lab.customer(NUMBER, contact=contact)
        await house.floor.change(contact, adds("seat:1002"))
        await house.floor.change(contact, adds(f"number:{NUMBER}"))
        await are(house, contact, customer="talk", agent_1="talk", agent_2="talk", party_1="talk")
        assert Stage.HELD not in told(house, contact)
        await house.floor.change(contact, lambda call, kit: drop(call, kit, FIRST, "party-1"))
        await are(house, contact, customer="talk", agent_1="talk", agent_2="talk")
        await house.floor.change(contact, does(leave, SECOND))
        await are(house, contact, customer="talk", agent_1="talk")
        await until(lambda: house.state(SECOND) is WRAP_UP)
        await lab.hangs_up(party)
        await over(lab, house, contact, FIRST, SECOND)


async def test_what_is_refused_changes_nothing(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        house.ready(THIRD)
        await lab.brief(contact, THIRD, behaviour="no_answer")
        for command in (swap, complete, cancel, join):
            assert await refused(house, contact, does(command)) == "not_consulting"
            assert await refused(house, contact, does(command, THIRD)) in {"not_serving", "not_consulting"}
        assert await refused(house, contact, asks("queue:order")) == "not_available"
        assert await refused(house, contact, asks("seat:1001")) == "seat_takes_part"
        assert await refused(house, contact, does(leave)) == "nobody_left"
        assert await refused(house, contact, does(leave, THIRD)) == "not_taking_part"
        for leg, error in (("customer", "not_droppable"), ("agent-1", "not_droppable"), ("agent-9", "unknown_leg")):
            assert await refused(house, contact, lambda c, k, leg=leg: drop(c, k, FIRST, leg)) == error
        await house.floor.change(contact, asks("seat:1003"))
        for command in (swap, join):
            assert await refused(house, contact, does(command)) == "not_answered"
        for command in (asks("seat:1004"), adds("seat:1004"), does(resume), does(leave)):
            assert await refused(house, contact, command) == "consulting"
        assert await refused(house, contact, lambda c, k: transfer(c, k, FIRST, target("queue:order"))) == "consulting"
        await over(lab, house, contact, FIRST)
        assert house.state(THIRD) is READY


@pytest.mark.parametrize("when", ["ringing", "asking", "swapped", "joined", "handed over", "ringing after hand-over"])
async def test_a_consultation_outlives_the_floor(lab: FloorLab, when: str) -> None:
    """The next brain finds everybody at his place, with the same agent serving, and goes on from there."""
    first = lab.house()
    first.ready(FIRST)
    await first.floor.start()
    contact = await asking(lab, first, **({"answer_after_s": 1.2} if "ringing" in when else {}))
    for step in {"swapped": [swap], "joined": [join], "handed over": [complete],
                 "ringing after hand-over": [complete]}.get(when, []):  # fmt: skip
        await first.floor.change(contact, does(step))
    await first.floor.close()
    second = lab.house()
    for seat in (FIRST, SECOND):
        second.distribution.restore(seat, TALKING, contact, lab.clock.monotonic())
    await second.floor.start()
    if "ringing" not in when:
        await second.reaches(contact, Stage.TALKING)
    if when in ("ringing", "asking"):
        await are(second, contact, customer="hold", agent_1="consult", agent_2="consult")
        await second.floor.change(contact, does(cancel))
        await are(second, contact, customer="talk", agent_1="talk")
        await over(lab, second, contact, FIRST)
    elif when == "swapped":
        await are(second, contact, customer="talk", agent_1="talk", agent_2="hold")
        await second.floor.change(contact, does(swap))
        await are(second, contact, customer="hold", agent_1="consult", agent_2="consult")
        await over(lab, second, contact, FIRST)
    elif when == "joined":
        await are(second, contact, customer="talk", agent_1="talk", agent_2="talk")
        await second.floor.change(contact, does(leave))
        await are(second, contact, customer="talk", agent_2="talk")
        await over(lab, second, contact, FIRST, SECOND)
    else:
        await are(second, contact, customer="talk", agent_2="talk")
        await over(lab, second, contact, FIRST, SECOND)
    await lab.shut(second)


async def test_who_leaves_while_no_brain_is_there_is_free_all_the_same(lab: FloorLab) -> None:
    first = lab.house()
    first.ready(FIRST)
    await first.floor.start()
    contact = await asking(lab, first)
    await first.floor.change(contact, does(join))
    await first.floor.close()
    await lab.hangs_up(f"{contact}/{SECOND}")
    await lab.one(CallEnded, f"{contact}/{SECOND}")
    second = lab.house()
    for seat in (FIRST, SECOND):
        second.distribution.restore(seat, TALKING, contact, lab.clock.monotonic())
    await second.floor.start()
    await second.reaches(contact, Stage.TALKING)
    assert (second.state(FIRST), second.state(SECOND)) == (TALKING, WRAP_UP)
    await over(lab, second, contact, FIRST, SECOND)
    await lab.shut(second)
