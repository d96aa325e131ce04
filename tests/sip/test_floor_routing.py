"""Menu and distribution on real calls: which key leads where, who is rung, who waits and what becomes of him."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys
from worker_lab import LISTEN, hangs_up, until

from lab_server.floor.call import Outcome, Stage
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("routing")) as lab:
        await lab.staff()
        yield lab


async def queue_of(house: House, contact: str) -> tuple[str | None, str | None]:
    call = await house.reaches(contact, Stage.QUEUED)
    return call.queue, call.wanted_seat


def chosen(house: House, contact: str) -> list[str]:
    return [entry.data["keyed"] for entry in house.book.of(contact, "menu.keyed")]


# -- the menu -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "queue"),
    [("2", "order"), ("1", "complaint"), ("1#", "complaint"), ("", "complaint")],
    ids=["a key", "a key that seats begin with, by the pause", "or by #", "nothing: the fallback"],
)
async def test_a_key_leads_to_its_queue(lab: FloorLab, digits: str, queue: str) -> None:
    async with lab.open() as house:
        contact = await lab.rings(*([keys(digits)] if digits else []))
        assert await queue_of(house, contact) == (queue, None)
        assert len(chosen(house, contact)) == (1 if digits else 2), (
            "who keys nothing is asked as often as the menu says"
        )


async def test_a_seats_whole_number_reaches_that_seat_though_others_are_idle_longer(lab: FloorLab) -> None:
    async with lab.open("1001", "1002", "1003") as house:
        contact = await lab.rings(keys("1003"))
        await lab.brief(contact, "1003")
        await house.talks(contact)
        assert house.book.seats(contact) == ["1003"]
        assert [house.state(seat) for seat in ("1001", "1002", "1003")] == [READY, READY, TALKING]
        assert chosen(house, contact) == ["1003"]


async def test_a_wrong_key_is_told_and_the_menu_asked_again(lab: FloorLab) -> None:
    async with lab.open() as house:
        contact = await lab.rings(keys("9"))
        call = await house.reaches(contact, Stage.MENU)
        await until(lambda: call.begun.get("wrong-key") and f"{contact}-wrong-key-0" in call.playbacks)
        await house.reaches(contact, Stage.QUEUED)
        assert chosen(house, contact) == ["9", ""]
        assert call.queue == "complaint"


@pytest.mark.parametrize("seat", ["1004", "1012"], ids=["who is away", "whom nobody knows"])
async def test_a_seat_that_cannot_be_expected_is_told_and_others_serve(lab: FloorLab, seat: str) -> None:
    async with lab.open("1001") as house:
        house.distribution.sign_on("1004")
        contact = await lab.rings(keys(seat))
        await lab.brief(contact, "1001")
        await house.talks(contact)
        call = house.floor.call(contact)
        assert call.begun.get("seat-not-available") == 1
        assert (call.seat, call.wanted_seat) == ("1001", None)


async def test_a_flood_of_keys_harms_nothing(lab: FloorLab) -> None:
    async with lab.open("1001") as house:
        contact = await lab.rings(keys("9" * 25), keys("1A*#D" * 5), *[keys("#" * 25)] * 2)
        await lab.brief(contact, "1001")
        call = await house.reaches(contact, Stage.TALKING, 20.0)
        assert call.queue == "complaint"
        await until(lambda: house.book.of(contact, "talk.began"))
        assert set(chosen(house, contact)) <= {"9", "1", "", "99"}
        assert len(call.digits) <= 32
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


# -- the distribution ---------------------------------------------------------------------------------------------


async def test_the_agent_idle_longest_gets_the_call_and_a_caller_who_gave_up_costs_no_place(lab: FloorLab) -> None:
    async with lab.open("1002", "1001", "1003") as house:
        impatient = await lab.rings(keys("2"))
        await lab.brief(impatient, "1002", behaviour="no_answer")
        await house.reaches(impatient, Stage.RINGING)
        await until(lambda: house.book.seats(impatient) == ["1002"])
        await lab.hangs_up(impatient)
        await house.ends(impatient)
        for seat in ("1002", "1001", "1003"):
            contact = await lab.rings(keys("2"))
            await lab.brief(contact, seat)
            await house.talks(contact)
            assert house.book.seats(contact) == [seat]


async def test_an_agent_who_does_not_answer_is_set_aside_and_the_next_one_rings(lab: FloorLab) -> None:
    async with lab.open("1001", "1002", ring_timeout_s=1.0) as house:
        contact = await lab.rings(keys("2"))
        since_s = (await house.reaches(contact, Stage.RINGING)).waiting_since_s
        await lab.brief(contact, "1001", behaviour="no_answer")
        await lab.brief(contact, "1002")
        await house.talks(contact)
        assert house.book.seats(contact) == ["1001", "1002"]
        assert [house.state(seat) for seat in ("1001", "1002")] == [NOT_READY, TALKING]
        assert house.floor.call(contact).waiting_since_s == since_s
        assert [leg for leg in house.book.legs[contact] if leg.startswith("agent")] == ["agent-1", "agent-2"]
        (told,) = house.book.of(contact, "agent.no_answer")
        assert told.data["seat"] == "1001"
        ended = [entry.data["leg"] for entry in house.book.of(contact, "leg.ended")]
        assert ended == ["agent-1"], "the leg that nobody answered is closed too"


async def test_who_keeps_the_place_is_served_before_who_came_later(lab: FloorLab) -> None:
    async with lab.open("1001", ring_timeout_s=1.0) as house:
        first = await lab.rings(keys("2"))
        await lab.brief(first, "1001", behaviour="no_answer")
        await house.reaches(first, Stage.RINGING)
        later = await lab.rings(keys("2"))
        await house.reaches(later, Stage.QUEUED)
        await house.reaches(first, Stage.QUEUED)
        await lab.brief(first, "1002")
        house.ready("1002")
        await house.talks(first)
        assert house.stage(later) is Stage.QUEUED


async def test_phones_that_are_busy_or_not_there_are_set_aside(lab: FloorLab) -> None:
    """1001 rejects, 1012 is not registered, 1005 does not exist on any phone, 1002 answers."""
    async with lab.open("1001", "1012", "1005", "1002") as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, "1001", behaviour="busy")
        await lab.brief(contact, "1002")
        await house.talks(contact)
        assert house.book.seats(contact) == ["1001", "1012", "1005", "1002"]
        causes = [entry.data["cause"] for entry in house.book.of(contact, "agent.no_answer")]
        assert causes[0] in {17, 21}
        assert {house.state(seat) for seat in ("1001", "1012", "1005")} == {NOT_READY}


async def test_nobody_free_means_music_until_the_first_becomes_ready(lab: FloorLab) -> None:
    async with lab.open() as house:
        contacts = []
        for _ in range(3):
            contacts.append(await lab.rings(keys("2")))
            await house.reaches(contacts[-1], Stage.QUEUED)
        channels = {(await house.channels(contact))[0].id for contact in contacts}

        async def outside() -> set[str]:
            bridges = {bridge.id: set(bridge.channels) for bridge in await house.ari.bridges.list()}
            return channels - bridges.get("queue-order", set())

        async with asyncio.timeout(10):
            while await outside():  # noqa: ASYNC110 (the switch is asked, it does not tell)
                await asyncio.sleep(0.02)
        for seat, contact in zip(("1003", "1001", "1002"), contacts, strict=True):
            await lab.brief(contact, seat)
            house.ready(seat)
            await house.talks(contact)
            assert house.book.seats(contact) == [seat]


async def test_who_has_waited_too_long_is_told_and_let_go(lab: FloorLab) -> None:
    async with lab.open(max_wait_s=0.8) as house:
        contact = await lab.rings(keys("2"))
        call = await house.reaches(contact, Stage.QUEUED)
        assert await house.ends(contact) == (Outcome.CLOSED_LOST, None)
        assert call.playbacks[f"{contact}-nobody-free-0"] == "done"
        assert (await lab.one(CallEnded, contact)).cause == "they_hung_up"


async def test_an_agent_found_while_the_queue_is_still_explained_cuts_it_short(lab: FloorLab) -> None:
    async with lab.open(prompts={"queued": 8.0}) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, "1001")
        call = await house.reaches(contact, Stage.QUEUED)
        await until(lambda: call.begun.get("queued") == 1)
        house.ready("1001")
        await until(lambda: (contact, Stage.TALKING) in house.teller.told, 4.0)


async def test_who_answers_in_the_last_moment_is_neither_hung_up_on_nor_set_aside(lab: FloorLab) -> None:
    """The phones answer around the ring time-out: each contact talks, or its agent was set aside. Nothing between."""
    async with lab.open("1001", ring_timeout_s=1.0) as house:
        for answer_after_s in (0.93, 0.97, 1.0):
            house.ready("1001")
            contact = await lab.rings(keys("2"))
            await lab.brief(contact, "1001", answer_after_s=answer_after_s)
            await until(
                lambda one=contact: (one, Stage.TALKING) in house.teller.told or house.book.of(one, "agent.no_answer")
            )
            talks = house.stage(contact) is Stage.TALKING
            assert house.state("1001") is (TALKING if talks else NOT_READY)
            await lab.hangs_up(contact)
            await house.ends(contact)
            house.distribution.set_state("1001", NOT_READY)


async def test_a_second_call_with_a_live_contacts_id_does_not_get_into_its_way(lab: FloorLab) -> None:
    async with lab.open("1001") as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, "1001")
        await house.talks(contact)
        await lab.rings(keys("2"), contact=contact, call_id="impostor")
        await until(lambda: len(house.floor.calls()) == 2)
        (other,) = [call for call in house.floor.calls() if call.contact != contact]
        assert other.folder != house.floor.call(contact).folder
        await house.reaches(other.contact, Stage.QUEUED)
        assert house.stage(contact) is Stage.TALKING
        await lab.hangs_up("impostor")
        await until(lambda: house.book.of(other.contact, "ended"))
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        late = await lab.rings(keys("2"), contact=contact, call_id="echo")
        await until(lambda: bool(house.floor.calls()))
        assert [call.contact for call in house.floor.calls()] != [late], "an id that has been used up is not used again"


async def test_served_callers_rate_and_their_agents_take_the_next_after_wrap_up(lab: FloorLab) -> None:
    async with lab.open("1001") as house:
        one = await lab.rings(keys("2"), LISTEN)
        await lab.brief(one, "1001", hangs_up())
        await house.talks(one)
        other = await lab.rings(keys("2"))
        await lab.brief(other, "1001", hangs_up())
        assert await house.ends(one) == (Outcome.SERVED, "agent")
        assert house.state("1001") is WRAP_UP
        await house.reaches(other, Stage.QUEUED)
        house.distribution.finish_wrap_up("1001", one)
        await house.talks(other)
