"""Whoever hangs up, at whatever stage: the contact ends once, as what it was, and nothing of it stays."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, WRAP_UP, FloorLab, House, keys, until_async
from worker_lab import until

from lab_server.floor.call import Outcome, Stage
from lab_server.routing.agents import AgentState
from telephony.ari.events import ChannelDestroyed, Event, StasisEnd
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

LONG_S = 8.0
SEAT = "1001"
NUMBER = "16300000001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("stages")) as lab:
        await lab.staff()
        yield lab


INBOUND = [
    # stage, who hangs up, outcome, ended by, the agent then
    ("screened", "customer", Outcome.ABANDONED, "customer", READY),
    ("greeted", "customer", Outcome.ABANDONED, "customer", READY),
    ("menu", "customer", Outcome.ABANDONED, "customer", READY),
    ("told to wait", "customer", Outcome.ABANDONED, "customer", NOT_READY),
    ("queued", "customer", Outcome.ABANDONED, "customer", NOT_READY),
    ("ringing", "customer", Outcome.ABANDONED, "customer", READY),
    ("announced", "customer", Outcome.SERVED, "customer", WRAP_UP),
    ("announced", "agent", Outcome.SERVED, "agent", WRAP_UP),
    ("talking", "customer", Outcome.SERVED, "customer", WRAP_UP),
    ("talking", "agent", Outcome.SERVED, "agent", WRAP_UP),
    ("rated", "customer", Outcome.SERVED, "agent", WRAP_UP),
    ("thanked", "customer", Outcome.SERVED, "agent", WRAP_UP),
]
LONG = {
    "greeted": "greeting", "menu": "menu", "told to wait": "queued", "announced": f"agent-{SEAT}", "rated": "rate-us",
    "thanked": "thanks",
}  # fmt: skip


async def bring(lab: FloorLab, house: House, stage: str) -> str:
    """An inbound contact at this stage."""
    if stage == "screened":
        house.switch.stage = Stage.SCREENED
    contact = await lab.rings(*([] if stage == "menu" else [keys("2")]))
    await lab.brief(contact, SEAT, **({"behaviour": "no_answer"} if stage == "ringing" else {}))
    match stage:
        case "screened" | "greeted" | "menu" | "ringing":
            await house.reaches(contact, Stage(stage))
        case "told to wait":
            await house.reaches(contact, Stage.QUEUED)
        case "queued":
            await house.reaches(contact, Stage.QUEUED)
            await until_held(house, contact)
        case "announced":
            await until(lambda: house.book.of(contact, "talk.began"))
        case "talking":
            await house.talks(contact)
        case _:
            await house.talks(contact)
            await lab.hangs_up(f"{contact}/{SEAT}")
            await house.reaches(contact, Stage.RATED)
            await until(lambda: stage == "rated" or f"{contact}-rate-us-0" in house.floor.call(contact).playbacks)
    return contact


async def until_held(house: House, contact: str) -> None:
    """The caller hears the queue's music."""
    for _ in range(500):
        bridges = {bridge.id: bridge.channels for bridge in await house.ari.bridges.list()}
        (channel,) = await house.channels(contact)
        if channel.id in bridges.get("queue-order", ()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the caller did not get into the queue's bridge")


@pytest.mark.parametrize(("stage", "who", "outcome", "by", "agent"), INBOUND)
async def test_a_caller_or_an_agent_hangs_up(
    lab: FloorLab, stage: str, who: str, outcome: Outcome, by: str, agent: AgentState
) -> None:
    prompts = {LONG[stage]: LONG_S} if stage in LONG else {}
    async with lab.open(prompts=prompts) as house:
        house.ready(SEAT)
        if agent is NOT_READY:
            house.distribution.set_state(SEAT, NOT_READY)
        contact = await bring(lab, house, stage)
        await lab.hangs_up(contact if who == "customer" else f"{contact}/{SEAT}")
        assert await house.ends(contact) == (outcome, by)
        assert house.state(SEAT) is agent
        talks = [len(house.book.of(contact, f"talk.{word}")) for word in ("began", "ended")]
        assert talks == ([1, 1] if outcome is Outcome.SERVED else [0, 0])
        await lab.one(CallEnded, contact)


async def test_an_agent_who_rejects_is_set_aside_and_the_caller_waits_on(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT, behaviour="no_answer")
        await house.reaches(contact, Stage.RINGING)
        await until(lambda: house.floor.call(contact).agent is not None)
        await lab.hangs_up(f"{contact}/{SEAT}")
        await until(lambda: house.state(SEAT) is NOT_READY)
        await house.reaches(contact, Stage.QUEUED)
        assert house.book.legs[contact]["agent-1"].gone
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.ABANDONED, "customer")
        assert house.state(SEAT) is NOT_READY


OUTBOUND = [
    ("screened", "agent", Outcome.ABANDONED, "agent", READY),
    ("dialling", "agent", Outcome.ABANDONED, "agent", READY),
    ("dialling", "customer", Outcome.BUSY, None, READY),
    ("talking", "agent", Outcome.SERVED, "agent", WRAP_UP),
    ("talking", "customer", Outcome.SERVED, "customer", WRAP_UP),
    ("refused", "agent", Outcome.REFUSED, "agent", READY),
]


@pytest.mark.parametrize(("stage", "who", "outcome", "by", "agent"), OUTBOUND)
async def test_a_dialling_agent_or_the_customer_hangs_up(
    lab: FloorLab, stage: str, who: str, outcome: Outcome, by: str | None, agent: AgentState
) -> None:
    async with lab.open(SEAT, prompts={"number-wrong": LONG_S}) as house:
        if stage == "screened":
            house.switch.stage = Stage.SCREENED
        number = NUMBER
        customer = await lab.customer(NUMBER, behaviour="no_answer" if stage == "dialling" else "answer")
        if stage == "refused":
            number = "16399999999"
        try:
            await _dials_and_hangs_up(lab, house, stage, who, number, customer, (outcome, by, agent))
        finally:  # a caller who still waited would take the next test's place
            await lab.hangs_up(customer)
            await lab.one(CallEnded, customer)


async def _dials_and_hangs_up(
    lab: FloorLab, house: House, stage: str, who: str, number: str, customer: str, wanted: tuple[object, ...]
) -> None:
    phone = await lab.dials(SEAT, number)
    await until(lambda: house.floor.calls())
    (call,) = house.floor.calls()
    contact = call.contact
    match stage:
        case "refused":
            await until(lambda: house.book.of(contact, "dial.refused") and call.begun.get("number-wrong"))
        case "dialling":
            await house.reaches(contact, Stage.DIALLING)
            await until(lambda: call.customer is not None)
        case "talking":
            await house.talks(contact)
    await lab.hangs_up(phone if who == "agent" else customer)
    assert (*await house.ends(contact), house.state(SEAT)) == wanted
    assert len(house.book.of(contact, "talk.ended")) == (wanted[0] is Outcome.SERVED)
    await lab.one(CallEnded, phone)


async def test_who_hung_up_is_known_though_the_prompt_ends_before_the_news_of_it(lab: FloorLab) -> None:
    """The switch first tells that the prompt failed and then that its hearer has gone; here much later."""
    house = lab.house(prompts={"number-wrong": LONG_S})
    told, loop = house.floor.handle, asyncio.get_running_loop()

    def late(event: Event) -> None:
        if isinstance(event, StasisEnd | ChannelDestroyed):
            loop.call_later(0.4, told, event)
        else:
            told(event)

    house.floor.handle = late  # type: ignore[method-assign]
    house.ready(SEAT)
    await house.floor.start()
    try:
        phone = await lab.dials(SEAT, "16399999999")
        await until(lambda: house.floor.calls())
        (call,) = house.floor.calls()
        await until(lambda: call.begun.get("number-wrong"))
        await lab.hangs_up(phone)
        assert await house.ends(call.contact) == (Outcome.REFUSED, "agent")
        assert set(call.playbacks.values()) == {"failed"}
        await lab.one(CallEnded, phone)
    finally:
        await lab.shut(house)


async def test_callers_who_hang_up_at_once_leave_nothing(lab: FloorLab) -> None:
    """Thirty callers: gone while their phone still rings, when the floor has just begun, and while it speaks."""
    async with lab.open(SEAT) as house:
        before = {task.get_name() for task in asyncio.all_tasks()}
        for wave in range(4):
            contacts = [await lab.rings(keys("2")) for _ in range(8)]
            for place, contact in enumerate(contacts):
                if (place + wave) % 3 == 1:
                    await until(lambda one=contact: house.book.of(one, "began"))
                elif (place + wave) % 3 == 2:
                    await until(lambda one=contact: Stage.GREETED in house.book.stages(one))
                await lab.hangs_up(contact)
            for contact in contacts:
                await lab.one(CallEnded, contact)
        await until(lambda: not house.floor.calls(), what="the floor is empty")
        await until_async(house.channels, "channels")
        await until_async(house.bridges, "bridges")
        begun = {entry.contact for entry in house.book.entries if entry.kind == "began"}
        ended = [entry.contact for entry in house.book.entries if entry.kind == "ended"]
        assert len(begun) >= 20
        assert sorted(ended) == sorted(begun)
        left = {task.get_name() for task in asyncio.all_tasks() if "contact" in task.get_name()} - before
        assert left == set()
        assert house.state(SEAT) is READY
        assert house.distribution.waiting() == []
