"""Call-backs over real calls: ordered by key, at the old place, rung through any restart, tried again, never twice."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, PLAN, READY, WRAP_UP, FloorLab, House, keys
from private_pbx import SEATS
from sqlmodel import Session, col, select
from store_lab import StoreLab
from worker_lab import until

from lab_server.desk import callbacks
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.sending import send_to
from lab_server.routing.plan import FloorPlan
from lab_server.routing.target import Target
from lab_server.store.engine import writing
from lab_server.store.tables import Callback, Contact
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
OWN, OTHER = "16312345678", "16300000042"
QUEUES = {name: rules.model_copy(update={"callback_key": "8"}) for name, rules in PLAN.queues.items()}
BACK: FloorPlan = PLAN.model_copy(update={"queues": QUEUES})
ORDER = (keys("2"), keys("8", 1.2), keys("1", 0.7), keys("1", 0.7))
"""Into the queue `order`, the queue's key, yes, this number."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("callback")) as lab:
        await lab.staff(8)
        yield lab


@pytest.fixture
def store(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLab]:
    store = StoreLab(tmp_path_factory.mktemp("rows"), pbx.settings.recordings, SEATS)
    yield store
    store.close()


async def row(store: StoreLab, **wanted: Any) -> Callback:
    """The newest call-back once it is as wanted."""

    def look(session: Session) -> Callback | None:
        found = session.exec(select(Callback).order_by(col(Callback.created_at).desc())).first()
        return found if found and all(getattr(found, name) == value for name, value in wanted.items()) else None

    found = await store.sees(look, 12.0)
    assert found is not None
    return found


async def ordered(lab: FloorLab, house: House, *steps: dict[str, Any]) -> str:
    contact = await lab.rings(*(steps or ORDER))
    assert await house.ends(contact, 30.0) == (Outcome.CALLBACK, None)
    return contact


async def try_of(house: House) -> str:
    """The contact of the call-back that is rung now."""
    await until(lambda: [call for call in house.floor.calls() if call.direction == "out"], what="somebody is rung back")
    return next(call.contact for call in house.floor.calls() if call.direction == "out")


async def test_an_ordered_call_back_is_rung_at_its_turn(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK) as house:
        first = await ordered(lab, house)
        waiting = await row(store, state="waiting")
        assert (waiting.contact_id, waiting.dialled, waiting.queue) == (first, OWN, "order")
        await store.sees(lambda session: session.get_one(Contact, first).outcome == "callback")
        await until(lambda: len(house.distribution.waiting()) == 1, what="the place is kept")
        later = await lab.rings(keys("2"), from_number=OTHER)
        await house.reaches(later, Stage.QUEUED)
        await until(lambda: len(house.distribution.waiting()) == 2)
        assert house.distribution.place(later) == 2, "who ordered came first"
        customer = await lab.customer(OWN)
        house.ready("1001")
        back = await try_of(house)
        await lab.brief(back, "1001")
        await house.talks(back)
        assert (await row(store, state="dialling")).dialled_contact_id == back
        await lab.hangs_up(customer)
        assert await house.ends(back) == (Outcome.SERVED, "customer")
        done = await row(store, state="done")
        assert (done.tries, done.seat, done.last_result) == (1, "1001", "served")
        assert house.state("1001") is WRAP_UP
        assert house.stage(later) is Stage.QUEUED


async def test_another_number_is_keyed_and_confirmed(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK) as house:
        await ordered(
            lab, house, keys("2"), keys("8", 1.2), keys("1", 0.7), keys("2", 0.7),
            keys("13812345678#", 0.6), keys(f"{OTHER}#", 1.2), keys("1", 1.0),
        )  # fmt: skip
        assert (await row(store, state="waiting")).dialled == OTHER, "a real number is not for a virtual customer"


@pytest.mark.parametrize(
    "steps", [(keys("2", 0.7),), (keys("1", 0.7), keys("*", 0.7)), (keys("1", 0.7), keys("2", 0.7), keys("**#", 0.6))]
)
async def test_who_does_not_order_waits_on_at_the_old_place(
    lab: FloorLab, store: StoreLab, steps: tuple[dict[str, Any], ...]
) -> None:
    async with store.open(lab, plan=BACK) as house:
        contact = await lab.rings(keys("2"), keys("8", 1.2), *steps)
        call = await house.reaches(contact, Stage.CALLBACK)
        since_s = call.waiting_since_s
        await house.reaches(contact, Stage.QUEUED)
        assert call.waiting_since_s == since_s
        assert house.distribution.place(contact) == 1
        assert store.look(lambda session: session.exec(select(Callback)).first()) is None
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.ABANDONED


async def test_who_hangs_up_in_the_middle_has_ordered_nothing(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK, prompts={"callback-this-number": 5.0}) as house:
        contact = await lab.rings(keys("2"), keys("8", 1.2), keys("1", 0.7))
        await house.reaches(contact, Stage.CALLBACK)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.ABANDONED, "customer")
        assert store.look(lambda session: session.exec(select(Callback)).first()) is None


async def test_silence_is_tried_again_and_then_given_up(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK, dial_timeout_s=0.8) as house:
        await ordered(lab, house)
        await lab.customer(OWN, behaviour="no_answer")
        house.ready("1001")
        for tries in (1, 2):
            back = await try_of(house)
            await lab.brief(back, "1001")
            assert (await house.ends(back))[0] is Outcome.NO_ANSWER
            found = await row(store, tries=tries, state="waiting" if tries == 1 else "failed")
            assert found.last_result == "no_answer"
            if tries == 1:
                await lab.customer(OWN, behaviour="no_answer")
        assert house.state("1001") is READY
        assert house.distribution.waiting() == []


async def test_an_agent_who_does_not_answer_is_set_aside_and_the_next_rings(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK, ring_timeout_s=1.0) as house:
        await ordered(lab, house)
        customer = await lab.customer(OWN)
        house.ready("1001", "1002")
        first = await try_of(house)
        await lab.brief(first, "1001", behaviour="no_answer")
        await house.ends(first)
        second = await try_of(house)
        assert house.state("1001") is NOT_READY
        await lab.brief(second, "1002")
        await house.talks(second)
        await lab.hangs_up(customer)
        await house.ends(second)
        assert (await row(store, state="done")).tries == 1


@pytest.mark.parametrize("when", ["ordering", "waiting", "ringing", "talking", "over"])
async def test_a_call_back_outlives_the_floor(lab: FloorLab, store: StoreLab, when: str) -> None:  # noqa: PLR0912
    """One path, cut at each of its points."""
    first = store.house(lab, plan=BACK, prompts={"callback-this-number": 1.5})
    await store.start(first)
    if when == "ordering":
        contact = await lab.rings(keys("2"), keys("8", 1.2), keys("1", 0.7), keys("1", 4.0), keys("1", 0.7))
        await first.reaches(contact, Stage.CALLBACK)
        await until(lambda: "callback-this-number" in first.floor.calls()[0].begun)
    else:
        await ordered(lab, first)
        await row(store, state="waiting")
        customer = await lab.customer(OWN)
    if when in {"ringing", "talking", "over"}:
        first.ready("1001")
        back = await try_of(first)
        await row(store, state="offered")
        if when != "ringing":
            await lab.brief(back, "1001")
            await first.talks(back)
            await row(store, state="dialling")
        else:
            await first.on_the_line(back, "agent-1")
    await store.stop(first)
    if when == "over":
        await lab.hangs_up(customer)
    second = store.house(lab, plan=BACK)
    if when == "waiting":
        second.ready("1001")
    else:
        second.distribution.sign_on("1001")
    await store.start(second)
    try:
        if when == "ordering":
            assert (await second.ends(contact))[0] is Outcome.CALLBACK
            customer = await lab.customer(OWN)
            second.distribution.set_state("1001", READY)
        if when in {"waiting", "ordering"}:
            back = await try_of(second)
        if when in {"waiting", "ordering", "ringing"}:
            await lab.brief(back, "1001")
            await second.talks(back)
        if when != "over":
            await row(store, state="dialling")
            await lab.hangs_up(customer)
            assert (await second.ends(back))[0] is Outcome.SERVED
        assert (await row(store, state="done")).tries == 1
        assert second.distribution.waiting() == []
    finally:
        await lab.shut(second)
        await store.back[id(second)].close()


async def test_who_rings_again_is_not_rung_back_too(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK) as house:
        await ordered(lab, house)
        await until(lambda: len(house.distribution.waiting()) == 1)
        other = await lab.rings(keys("2"), from_number=OTHER)
        await house.reaches(other, Stage.QUEUED)
        again = await lab.rings(keys("2"))
        await house.reaches(again, Stage.QUEUED)
        await until(lambda: house.distribution.place(again) == 1, what="its old place")
        assert len(house.distribution.waiting()) == 2
        await lab.brief(again, "1001")
        house.ready("1001")
        await house.talks(again)
        assert (await row(store, state="cancelled")).last_result == "rang_in"


async def test_what_another_process_cancels_or_opens_again(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK) as house:
        await ordered(lab, house)
        await until(lambda: len(house.distribution.waiting()) == 1)
        found = await row(store, state="waiting")
        with writing(store.engine) as session:
            callbacks.overtake(session, store.clock, found.id)
        back = store.back[id(house)]
        await back.look()
        assert house.distribution.waiting() == []


async def test_no_call_back_without_a_queue_or_a_number(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BACK) as house:
        contact = await lab.rings(keys("2"))
        await house.reaches(contact, Stage.QUEUED)
        with pytest.raises(Refused, match="no queue"):
            await house.floor.change(contact, lambda call, kit: send_to(call, kit, Target.parse("callback:x")))
        assert house.stage(contact) is Stage.QUEUED
