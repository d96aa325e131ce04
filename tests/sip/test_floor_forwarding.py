"""Phones rung in turn over real calls: a group of the plan, a seat's follow-me, an answering machine, a restart."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import PLAN, READY, WRAP_UP, FloorLab, House, keys
from worker_lab import until

from lab_server.desk.seat_settings import FollowMe, SeatFacts
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.knowing import KnowsNobody
from lab_server.floor.sending import send_to
from lab_server.routing.plan import FloorPlan, Group, Ring, Seat
from lab_server.routing.target import Target
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
PRIVATE = "16300000051"


def group(*rings: str, otherwise: str = "queue:complaint", seconds: float = 5) -> Group:
    return Group(
        rings=tuple(Ring(to=Target.parse(to), seconds=seconds) for to in rings), otherwise=Target.parse(otherwise)
    )


GROUPS = {
    "duty": group("seat:1003", "seat:1004", otherwise="queue:order"),
    "private": group(f"number:{PRIVATE}"),
}
DUTY: FloorPlan = PLAN.model_copy(update={"groups": GROUPS})


class Follows(KnowsNobody):
    """1001 is followed to a number that cannot be rung now."""

    def seat(self, seat: str) -> SeatFacts:
        return SeatFacts(seat, follow_me=(FollowMe("16300000059", 5.0),)) if seat == "1001" else SeatFacts(seat)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("forwarding")) as lab:
        await lab.staff(8)
        yield lab


async def waits(lab: FloorLab, house: House) -> str:
    contact = await lab.rings(keys("2"))
    await house.reaches(contact, Stage.QUEUED)
    return contact


async def send(house: House, contact: str, to: str) -> None:
    await house.floor.change(contact, lambda call, kit: send_to(call, kit, Target.parse(to)))


async def test_the_second_phone_of_a_group_takes_it(lab: FloorLab) -> None:
    async with lab.open(plan=DUTY) as house:
        contact = await waits(lab, house)
        house.distribution.sign_on("1003")
        house.distribution.sign_on("1004")
        await lab.brief(contact, "1003", behaviour="busy")
        await lab.brief(contact, "1004")
        await send(house, contact, "group:duty")
        await house.talks(contact)
        call = house.floor.call(contact)
        assert call is not None
        assert call.seat == "1004"
        assert [entry.data["to"] for entry in house.book.of(contact, "forward.tried")] == ["seat:1003", "seat:1004"]
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state("1004") is WRAP_UP


async def test_nobody_of_a_group_answers_and_the_caller_waits_in_the_queue(lab: FloorLab) -> None:
    async with lab.open(plan=DUTY) as house:
        contact = await waits(lab, house)
        house.distribution.sign_on("1003")
        await lab.brief(contact, "1003", behaviour="busy")
        await send(house, contact, "group:duty")
        await until(lambda: house.book.of(contact, "forward.nobody"), 15.0)
        call = await house.reaches(contact, Stage.QUEUED)
        assert call.queue == "order"
        (refused,) = house.book.of(contact, "forward.refused")
        assert (refused.data["to"], refused.data["error"]) == ("seat:1004", "unknown_seat")
        with pytest.raises(Refused, match="no group"):
            await send(house, contact, "group:x")


@pytest.mark.parametrize("key", ["1", "2", ""], ids=["takes it", "refuses", "answering machine"])
async def test_an_outside_number_must_be_confirmed_by_key(lab: FloorLab, key: str) -> None:
    async with lab.open(plan=DUTY) as house:
        contact = await waits(lab, house)
        steps = [keys(key, 0.8)] if key else []
        await lab.customer(PRIVATE, *steps, contact=contact, begin="answered")
        await send(house, contact, "group:private")
        if key == "1":
            await until(lambda: (contact, Stage.TALKING) in house.teller.told or house.stage(contact) is Stage.TALKING)
            await until(lambda: frozenset({("customer", "party-1")}) in house.book.pairs[contact], what="they talk")
            await lab.hangs_up(contact)
            assert await house.ends(contact) == (Outcome.SERVED, "customer")
        else:
            await until(lambda: house.book.of(contact, "forward.nobody"), 20.0)
            assert await house.reaches(contact, Stage.QUEUED)
            assert house.book.pairs[contact] in ([], [frozenset()]), "nobody heard the caller"


async def test_a_seat_is_followed_and_its_caller_ends_in_its_mailbox(lab: FloorLab) -> None:
    """1001 serves another queue than the one the caller waits in."""
    plan = DUTY.model_copy(update={"seats": {**DUTY.seats, "1001": Seat(queues=("order",))}})
    async with lab.open("1001", plan=plan, directory=Follows(), ring_timeout_s=5.0) as house:
        contact = await lab.rings(keys("1"))
        await lab.brief(contact, "1001", behaviour="busy")
        await house.reaches(contact, Stage.QUEUED)
        await send(house, contact, "seat:1001")
        await house.reaches(contact, Stage.MAILBOX, 20.0)
        tried = [entry.data["to"] for entry in house.book.of(contact, "forward.tried")]
        refused = [entry.data["to"] for entry in house.book.of(contact, "forward.refused")]
        assert (tried, refused) == (["seat:1001"], ["number:16300000059"])
        assert house.state("1001") is READY


async def test_a_caller_who_hangs_up_lets_the_phone_stop(lab: FloorLab) -> None:
    async with lab.open(plan=DUTY) as house:
        contact = await waits(lab, house)
        house.distribution.sign_on("1003")
        await lab.brief(contact, "1003", behaviour="no_answer")
        await send(house, contact, "group:duty")
        call = await house.reaches(contact, Stage.FORWARDED)
        await until(lambda: any(leg.rung for leg in call.others))
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.ABANDONED, "customer")


@pytest.mark.parametrize("when", ["ringing", "asked", "talking"])
async def test_forwarding_outlives_the_floor(lab: FloorLab, when: str) -> None:
    first = lab.house(plan=DUTY, prompts={"follow-me-call": 3.0})
    await first.floor.start()
    contact = await waits(lab, first)
    await lab.customer(
        PRIVATE, keys("1", 0.8 if when == "talking" else 3.5), contact=contact, begin="answered",
        answer_after_s=2.0 if when == "ringing" else 0.05,
    )  # fmt: skip
    await send(first, contact, "group:private")
    call = await first.reaches(contact, Stage.TALKING if when == "talking" else Stage.FORWARDED)
    if when == "asked":
        await until(lambda: "follow-me-call" in call.begun)
    else:
        await first.on_the_line(contact, "party-1")
    await first.floor.close()
    async with lab.open(plan=DUTY) as second:
        pair = frozenset({("customer", "party-1")})
        await until(lambda: pair in second.book.pairs[contact], 15.0, "they talk")
        assert second.book.of(contact, "forward.tried") == [], "not rung a second time"
        await lab.hangs_up(contact)
        assert await second.ends(contact) == (Outcome.SERVED, "customer")
