"""Blind transfer over real calls: to a seat, a queue, a number; nobody answers; somebody dies or hangs up meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import FIRST, NUMBER, SECOND, THIRD, are, noted, refused, talk, target, told
from worker_lab import until

from lab_server.floor.call import Leg, Outcome, Stage
from lab_server.floor.hang_up import hang_up
from lab_server.floor.transfer import transfer
from lab_server.routing.agents import DO_NOT_DISTURB, AgentState
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("transfer")) as lab:
        await lab.staff(4)
        yield lab


async def send(house: House, contact: str, to: str, seat: str = FIRST) -> None:
    await house.floor.change(contact, lambda call, kit: transfer(call, kit, seat, target(to)))


def arrives(house: House, *seats: str) -> None:
    """These agents have come to work, not ready: no queue rings them."""
    for seat in seats:
        house.distribution.sign_on(seat)


async def test_a_colleague_takes_the_call(lab: FloorLab) -> None:
    """The customer hears music while he is rung; the first agent writes it down at once."""
    async with lab.open(FIRST) as house:
        arrives(house, SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, answer_after_s=0.6)
        await send(house, contact, "seat:1002")
        await until(lambda: house.state(FIRST) is WRAP_UP)
        assert house.distribution.agent(SECOND).contact == contact
        await are(house, contact, customer="hold", agent_2="")
        assert told(house, contact)[-1] is Stage.HELD
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: told(house, contact)[-1] is Stage.TALKING)
        await until(lambda: house.state(SECOND) is TALKING)
        assert house.book.pairs[contact] == [
            frozenset({("customer", "agent-1")}), frozenset(), frozenset({("customer", "agent-2")}),
        ]  # fmt: skip
        (entry,) = house.book.of(contact, "call.transferred")
        assert entry.data == {"from": "seat:1001", "to": "seat:1002", "how": "blind"}
        assert (await noted(house, contact, "call.taken_over")) == {"seat": SECOND, "from": FIRST}
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, WRAP_UP))


@pytest.mark.parametrize("behaviour", ["busy", "no_answer"])
async def test_who_sent_it_gets_it_back_if_nobody_answers(lab: FloorLab, behaviour: str) -> None:
    async with lab.open(FIRST, ring_timeout_s=1.0) as house:
        arrives(house, SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, behaviour=behaviour)
        await send(house, contact, "seat:1002")
        await lab.brief(contact, FIRST)
        assert (await noted(house, contact, "call.returned")) == {"from": "seat:1002", "to": "seat:1001"}
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (TALKING, NOT_READY))
        assert (await noted(house, contact, "leg.unanswered"))["seat"] == SECOND
        await house.floor.change(contact, lambda call, kit: hang_up(call, kit, FIRST))
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_nobody_answers_and_who_sent_it_has_gone_on_to_something_else(lab: FloorLab) -> None:
    """Then it waits in its queue, before those who came after it, and whoever is free takes it."""
    async with lab.open(FIRST, ring_timeout_s=1.0) as house:
        arrives(house, SECOND, THIRD)
        contact = await talk(lab, house)
        call = house.floor.call(contact)
        assert call is not None
        since_s = call.waiting_since_s
        await lab.brief(contact, SECOND, behaviour="no_answer")
        await send(house, contact, "seat:1002")
        house.distribution.set_state(FIRST, AgentState.OFFLINE)
        house.distribution.finish_wrap_up(FIRST)
        later = await lab.rings()
        await house.reaches(later, Stage.QUEUED)
        await house.reaches(contact, Stage.QUEUED)
        await are(house, contact, customer="queue")
        assert [waiting.contact for waiting in house.distribution.waiting()] == [contact, later]
        assert call.waiting_since_s == since_s
        assert (await noted(house, contact, "call.returned"))["to"] == "queue:order"
        await lab.brief(contact, THIRD)
        house.distribution.set_state(THIRD, READY)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: told(house, contact)[-1] is Stage.TALKING)
        await lab.hangs_up(later)
        await house.ends(later)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_to_another_queue(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await send(house, contact, "queue:complaint")
        await are(house, contact, customer="queue")
        assert house.stage(contact) is Stage.QUEUED
        await until(lambda: house.state(FIRST) is WRAP_UP)
        house.ready(SECOND)
        await lab.brief(contact, SECOND)
        await are(house, contact, customer="talk", agent_2="talk")
        call = house.floor.call(contact)
        assert call is not None
        assert (call.queue, call.seat, call.begun["agent-1002"]) == ("complaint", SECOND, 1)
        await until(lambda: told(house, contact)[-1] is Stage.TALKING)
        assert told(house, contact)[-4:] == [Stage.TALKING, Stage.QUEUED, Stage.RINGING, Stage.TALKING]
        await lab.hangs_up(f"{contact}/{SECOND}")
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


@pytest.mark.parametrize("who", ["customer", "party"])
async def test_to_an_outside_number(lab: FloorLab, who: str) -> None:
    """Customer and outside party talk without an agent; one of them ends it."""
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        party = await lab.customer(NUMBER, contact=contact)
        await send(house, contact, f"number:{NUMBER}")
        await are(house, contact, customer="talk", party_1="talk")
        await until(lambda: house.state(FIRST) is WRAP_UP)
        await until(lambda: house.book.pairs[contact][-1] == frozenset({("customer", "party-1")}))
        await lab.hangs_up(contact if who == "customer" else party)
        if who == "party":
            await house.reaches(contact, Stage.RATED)
            await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_what_is_refused_changes_nothing(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        arrives(house, SECOND, THIRD)
        house.distribution.sign_on("1004")
        contact = await talk(lab, house)
        house.distribution.set_state(SECOND, TALKING, "0" * 26)
        house.distribution.set_state(THIRD, NOT_READY, reason=DO_NOT_DISTURB)
        house.distribution.set_state("1004", AgentState.OFFLINE)
        reasons = {
            "seat:1001": "seat_takes_part", "seat:1002": "seat_busy", "seat:1003": "dnd", "seat:1004": "seat_offline",
            "seat:9999": "unknown_seat", "queue:nowhere": "unknown_queue", "group:nowhere": "unknown_group",
            "number:16399999999": "number_not_served", "number:abc": "number_not_served",
        }  # fmt: skip
        for to, error in reasons.items():
            assert await refused(house, contact, lambda c, k, to=to: transfer(c, k, FIRST, target(to))) == error, to
        assert await refused(house, contact, lambda c, k: transfer(c, k, SECOND, target("queue:order"))) == (
            "not_serving"
        )
        house.distribution.free_from(SECOND, "0" * 26, WRAP_UP)
        assert await refused(house, contact, lambda c, k: transfer(c, k, FIRST, target("seat:1002"))) == "seat_wrap_up"
        await lab.hangs_up(contact)
        await house.ends(contact)


@pytest.mark.parametrize("to", ["seat:1002", "queue:complaint", "number"])
async def test_the_customer_hangs_up_on_the_way(lab: FloorLab, to: str) -> None:
    async with lab.open(FIRST) as house:
        arrives(house, SECOND)
        contact = await talk(lab, house)
        if to == "number":
            await lab.customer(NUMBER, contact=contact, behaviour="no_answer")
            to = f"number:{NUMBER}"
        await lab.brief(contact, SECOND, behaviour="no_answer")
        await send(house, contact, to)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, NOT_READY))


async def test_hanging_up_is_a_target_too(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await send(house, contact, "hangup")
        assert (await house.ends(contact))[0] is Outcome.SERVED
        await until(lambda: house.state(FIRST) is WRAP_UP)


@pytest.mark.parametrize("to", ["seat:1002", "queue:complaint"])
async def test_who_was_phoned_can_be_sent_on_too(lab: FloorLab, to: str) -> None:
    async with lab.open(FIRST) as house:
        customer = await lab.customer(NUMBER)
        await lab.dials(FIRST, NUMBER)
        await until(lambda: house.floor.calls())
        contact = house.floor.calls()[0].contact
        await house.talks(contact)
        house.ready(SECOND)
        await lab.brief(contact, SECOND)
        await send(house, contact, to)
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
        await lab.hangs_up(customer)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


@pytest.mark.parametrize("when", ["ringing", "answered", "recalled", "queued", "party"])
async def test_a_transfer_outlives_the_floor(lab: FloorLab, when: str) -> None:
    """The next brain finds the customer on its way, and brings it there."""
    first = lab.house(ring_timeout_s=2.0)
    first.ready(FIRST)
    arrives(first, SECOND)
    await first.floor.start()
    contact = await talk(lab, first)
    if when == "party":
        await lab.customer(NUMBER, contact=contact, answer_after_s=1.5)
    late = {"ringing": 1.2, "answered": 0.05}.get(when)
    await lab.brief(contact, SECOND, **({"behaviour": "no_answer"} if late is None else {"answer_after_s": late}))
    to = {"queued": "queue:order", "party": f"number:{NUMBER}"}.get(when, "seat:1002")
    await send(first, contact, to)
    if when == "answered":
        await are(first, contact, customer="talk", agent_2="talk")
    elif when == "recalled":
        await lab.brief(contact, FIRST, answer_after_s=1.5)
        await noted(first, contact, "call.returned")
    await first.floor.close()
    second = lab.house(ring_timeout_s=2.0)
    arrives(second, SECOND)
    await second.floor.start()
    second.distribution.restore(FIRST, WRAP_UP, contact, lab.clock.monotonic())
    if when == "queued":
        await second.reaches(contact, Stage.QUEUED)
        assert [waiting.contact for waiting in second.distribution.waiting()] == [contact]
        await lab.hangs_up(contact)
    else:
        taken = {"recalled": "agent_3", "party": "party_1"}.get(when, "agent_2")
        await are(second, contact, customer="talk", **{taken: "talk"})
        await lab.hangs_up(contact)
    assert await second.ends(contact) == (Outcome.SERVED, "customer")
    if when in ("ringing", "answered"):
        assert second.state(SECOND) is WRAP_UP
    await lab.shut(second)


def stops_before(house: House, step: str, seat: str | None) -> asyncio.Event:
    """The floor does no more as soon as it is to `ring` that seat (None: a number), or to let it go (`hang_up`). Set
    when it is there."""
    there, act = asyncio.Event(), getattr(house.switch, step)

    async def stopped(*given: Any) -> Any:
        if any(isinstance(one, Leg) and one.seat == seat for one in given):
            there.set()
            await asyncio.get_running_loop().create_future()
        return await act(*given)

    setattr(house.switch, step, stopped)
    return there


@pytest.mark.parametrize("to", ["seat:1002", "number"])
@pytest.mark.parametrize("step", ["hang_up", "ring"])
async def test_a_brain_dies_between_letting_one_go_and_ringing_the_next(lab: FloorLab, step: str, to: str) -> None:
    """The next one lets go whom it was to let go, rings whom it was to ring, and nobody else."""
    first = lab.house()
    first.ready(FIRST)
    arrives(first, SECOND)
    await first.floor.start()
    contact = await talk(lab, first)
    party = to == "number"
    if party:
        await lab.customer(NUMBER, contact=contact)
    else:
        await lab.brief(contact, SECOND)
    there = stops_before(first, step, FIRST if step == "hang_up" else None if party else SECOND)
    sending = asyncio.create_task(send(first, contact, f"number:{NUMBER}" if party else to))
    await asyncio.wait_for(there.wait(), 5)
    if step == "ring":
        await are(first, contact, customer="talk")
    await first.floor.close()
    sending.cancel()
    second = lab.house()
    arrives(second, FIRST, SECOND)
    await second.floor.start()
    try:
        await are(second, contact, customer="talk", **{"party_1" if party else "agent_3": "talk"})
        assert not second.book.of(contact, "call.returned")
        if step == "hang_up":
            await until(lambda: second.state(FIRST) is WRAP_UP)
        assert Stage.HELD in told(second, contact), "music until he answers"
        if not party:
            await until(lambda: second.state(SECOND) is TALKING)
        await lab.hangs_up(contact)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")
    finally:
        await lab.shut(second)


async def test_a_brain_dies_before_it_rings_back_who_sent_the_call(lab: FloorLab) -> None:
    first = lab.house(ring_timeout_s=1.0)
    first.ready(FIRST)
    arrives(first, SECOND)
    await first.floor.start()
    contact = await talk(lab, first)
    await lab.brief(contact, SECOND, behaviour="busy")
    there = stops_before(first, "ring", FIRST)
    await send(first, contact, "seat:1002")
    await asyncio.wait_for(there.wait(), 5)
    await first.floor.close()
    second = lab.house()
    arrives(second, FIRST, SECOND)
    await second.floor.start()
    try:
        await lab.brief(contact, FIRST)
        await are(second, contact, customer="talk", agent_3="talk")
        await until(lambda: second.state(FIRST) is TALKING)
        await lab.hangs_up(contact)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")
    finally:
        await lab.shut(second)
