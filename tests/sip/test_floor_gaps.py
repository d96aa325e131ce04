"""The floor or the switch goes away with calls in every stage: the one goes on with them, the other has closed them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys, until_async
from worker_lab import hangs_up, until

from lab_server.floor.call import Outcome, Stage
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

NUMBER = "16300000009"
SLOW = {"greeting": 1.2, "menu": 4.0, "queued": 1.0, "rate-us": 4.0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("gaps")) as lab:
        await lab.staff(callers=12)
        yield lab


async def all_stages(lab: FloorLab, house: House) -> dict[str, str]:
    """Contacts in every stage at once; what each is doing → contact. 1001, 1002 talk, 1003 rings, 1004 has dialled."""
    found: dict[str, str] = {}

    async def ring(what: str, *steps: dict[str, Any], **how: Any) -> str:
        found[what] = await lab.rings(*steps)
        if how:
            await lab.brief(found[what], **how)
        await house.reaches(found[what], Stage.GREETED)
        return found[what]

    house.ready("1001", "1002")
    for what, seat in (("rated", "1001"), ("talking", "1002")):
        await house.talks(await ring(what, keys("2"), seat=seat))
    ringing = await ring("ringing", keys("2"), seat="1003", answer_after_s=6.0)
    await house.reaches(ringing, Stage.QUEUED)
    for what in ("first in the queue", "second in the queue"):
        await house.reaches(await ring(what, keys("2")), Stage.QUEUED)
    house.ready("1003")
    await until(lambda: house.book.seats(ringing) == ["1003"])
    await lab.customer(NUMBER, behaviour="answer", answer_after_s=6.0)
    house.distribution.sign_on("1004")
    await lab.dials("1004", NUMBER)
    await until(lambda: any(call.stage is Stage.DIALLING and call.customer for call in house.floor.calls()))
    found["dialling"] = next(call.contact for call in house.floor.calls() if call.direction == "out")
    await house.reaches(await ring("menu"), Stage.MENU)
    await lab.hangs_up(f"{found['rated']}/1001")
    await house.reaches(found["rated"], Stage.RATED)
    await ring("greeted")
    await noted(house, found["greeted"], Stage.GREETED)
    return found


async def noted(house: House, contact: str, stage: Stage) -> None:
    """The stage stands on the contact's channel: only then can a successor know it."""
    (channel,) = await house.channels(contact)
    async with asyncio.timeout(10):
        while await house.ari.channels.get_var(channel.id, "RS_STAGE") != stage:  # noqa: ASYNC110 (the switch is asked)
            await asyncio.sleep(0.02)


async def successor(lab: FloorLab, before: House, prompts: dict[str, float]) -> House:
    """A floor that knows the agents' last states, as a brain reads them from the rows, and nothing else."""
    house = lab.house(prompts=prompts, rating_s=1.5)
    for agent in before.distribution.agents():
        house.distribution.sign_on(agent.seat)
        house.distribution.set_state(agent.seat, agent.state, agent.contact)
    await house.floor.start()
    return house


async def test_a_second_floor_goes_on_with_calls_in_every_stage(lab: FloorLab) -> None:
    first = lab.house(prompts=SLOW, rating_s=1.5)
    await first.floor.start()
    found = await all_stages(lab, first)
    stages = {what: first.stage(contact) for what, contact in found.items()}
    await first.floor.close()
    house = await successor(lab, first, SLOW)
    try:
        taken_up = {what: house.book.stages(contact)[0] for what, contact in found.items()}
        assert taken_up == stages
        assert house.book.of(found["menu"], "began")[0].data["adopted"]
        # each goes on to its normal end
        assert await until_ended(house, found["rated"]) is Outcome.SERVED
        await until(lambda: house.book.of(found["ringing"], "talk.began"), 10.0, "the phone that rang has answered")
        await until(lambda: house.book.of(found["dialling"], "talk.began"), 10.0, "the customer has answered")
        assert house.floor.call(found["dialling"]).customer_number == NUMBER
        await lab.hangs_up(f"{found['talking']}/1002")
        await house.reaches(found["talking"], Stage.RATED)
        for what in ("menu", "greeted"):
            assert (await house.reaches(found[what], Stage.QUEUED)).queue == "complaint"
        # the queue's order is kept
        for what, seat in (("first in the queue", "1001"), ("second in the queue", "1002")):
            await lab.brief(found[what], seat, hangs_up())
            assert house.state(seat) is WRAP_UP
            house.distribution.finish_wrap_up(seat)
            await until(lambda what=what: house.book.of(found[what], "talk.began"), 10.0, what)
            assert house.book.seats(found[what])[-1] == seat
        for what in ("menu", "greeted", "ringing", "dialling"):
            contact = found[what]
            if what == "dialling":
                house.floor.end(contact, Outcome.STOPPED)
            else:
                await lab.hangs_up(contact)
        for contact in found.values():
            await until(lambda contact=contact: house.book.of(contact, "ended"), 15.0, f"end of {contact}")
            assert len(house.book.of(contact, "ended")) == 1
        assert not [entry for entry in house.book.entries if entry.kind == "contact.broke"]
    finally:
        await lab.shut(house)


async def test_a_prompt_that_is_still_heard_is_waited_for_and_not_begun_again(lab: FloorLab) -> None:
    first = lab.house(prompts={"greeting": 3.0})
    await first.floor.start()
    contact = await lab.rings(keys("2"))
    call = await first.reaches(contact, Stage.GREETED)
    await until(lambda: call.begun.get("greeting"))
    await first.floor.close()
    house = await successor(lab, first, {})
    try:
        call = await house.reaches(contact, Stage.QUEUED, 6.0)
        assert call.playbacks[f"{contact}-greeting-0"] == "done"
        assert call.begun["greeting"] == 1
    finally:
        await lab.shut(house)


async def test_what_happened_while_no_floor_was_there(lab: FloorLab) -> None:
    """A caller and an agent hang up, another agent stops ringing, a caller comes: each is understood afterwards."""
    first = lab.house(prompts=SLOW, rating_s=0.5)
    await first.floor.start()
    first.ready("1001", "1002", "1003")
    left, served, rung = [await lab.rings(keys("2")) for _ in range(3)]
    for contact in (left, served, rung):
        for seat in ("1001", "1002", "1003"):
            await lab.brief(contact, seat, behaviour="no_answer" if contact == rung else "answer")
    await first.talks(left)
    await first.talks(served)
    await until(lambda: first.book.seats(rung))
    seats = {contact: first.book.seats(contact)[0] for contact in (left, served, rung)}
    await first.floor.close()
    await lab.hangs_up(left)
    await lab.hangs_up(f"{served}/{seats[served]}")
    await lab.hangs_up(f"{rung}/{seats[rung]}")
    for call_id in (left, f"{served}/{seats[served]}", f"{rung}/{seats[rung]}"):
        await lab.one(CallEnded, call_id)
    came = await lab.rings(keys("2"))
    await until_async(lambda: lacks(lab, came), "the caller who came is not answered by the door")
    house = await successor(lab, first, SLOW)
    try:
        assert await house.ends(left) == (Outcome.SERVED, "customer")
        assert await house.ends(served) == (Outcome.SERVED, "agent")
        assert house.state(seats[left]) is WRAP_UP
        assert house.state(seats[served]) is WRAP_UP
        await until(lambda: seats[rung] in house.book.seats(rung) or house.stage(rung) is Stage.QUEUED)
        await until(lambda: house.stage(came) in {Stage.MENU, Stage.QUEUED, Stage.RINGING}, 10.0, "who came goes on")
        assert not [entry for entry in house.book.entries if entry.kind == "contact.broke"]
    finally:
        await lab.shut(house)


async def lacks(lab: FloorLab, contact: str) -> bool:
    return contact not in await lab.pbx.console("core show channels concise") and not lab.all(CallEnded, contact)


async def test_a_floor_that_was_replaced_acts_no_more(lab: FloorLab) -> None:
    first = lab.house(prompts={"queued": 0.5})
    await first.floor.start()
    contact = await lab.rings()
    await first.reaches(contact, Stage.GREETED)
    house = await successor(lab, first, {})
    try:
        await until(lambda: first.ari.replaced)

        await house.reaches(contact, Stage.QUEUED)

        written = len(first.book.entries)
        house.ready("1001")
        await lab.brief(contact, "1001")
        await house.talks(contact)
        await lab.hangs_up(contact)
        assert await until_ended(house, contact) is Outcome.SERVED
        assert not first.book.of(contact, "ended")
        assert len(first.book.entries) == written
    finally:
        await first.floor.close()
        await lab.shut(house)


async def until_ended(house: House, contact: str) -> Outcome:
    await until(lambda: house.book.of(contact, "ended"))
    (end,) = house.book.of(contact, "ended")
    outcome: Outcome = end.data["outcome"]
    return outcome


async def test_the_switch_is_killed_with_calls_in_every_stage(make_pbx: Callable[[], Pbx], tmp_path: Path) -> None:
    pbx = make_pbx()
    pid = await pbx.start()
    async with FloorLab(pbx, tmp_path) as lab, AsyncExitStack() as stack:
        await lab.staff(callers=12)
        await lab.ensure("robots", 5)
        house = await stack.enter_async_context(lab.open(prompts=SLOW))
        found = await all_stages(lab, house)
        os.kill(pid, signal.SIGKILL)
        await pbx.wait()
        await pbx.start()
        await until(lambda: not house.floor.calls(), 15.0, "every contact is closed")
        for what, contact in found.items():
            (end,) = house.book.of(contact, "ended")
            assert end.data["outcome"] is (Outcome.SERVED if what == "rated" else Outcome.BROKEN), what
        assert house.distribution.waiting() == []
        states = {agent.seat: agent.state for agent in house.distribution.agents()}
        assert states == {"1001": WRAP_UP, "1002": WRAP_UP, "1003": READY, "1004": states["1004"]}
        assert house.distribution.agent("1004").contact is None
        for call_id in list(found.values()):
            await lab.hangs_up(call_id)
        lab.reports.clear()
        await lab.register("1005")  # the others' phones still believe in their calls
        house.distribution.set_state("1003", NOT_READY)
        house.ready("1005")
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, "1005")
        await house.talks(contact)
        assert house.state("1005") is TALKING
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
