"""A seat's page is lost in mid-call: the customer hears music until it is back, and both talk on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from floor_lab import TALKING, WRAP_UP, FloorLab, House, keys
from transfer_lab import are
from worker_lab import until

from lab_server.floor import page_return
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.consult import cancel, consult
from lab_server.routing.target import Kind, Target
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT, PAGE, NOWHERE, COLLEAGUE = "1001", "1002", "1001-gone", "1003"
"""Phone 1002 plays the part of the page once it is open again; before, phone 1001 is the page."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    folder: Path = tmp_path_factory.mktemp("page")
    async with FloorLab(pbx, folder) as lab:
        await lab.staff(3, ("1001", "1002", "1003"))
        yield lab


def page_is(house: House, phone: str) -> None:
    house.switch.phones.page_of = lambda seat: phone if seat == SEAT else f"{seat}-gone"


async def talk(lab: FloorLab, house: House) -> str:
    page_is(house, SEAT)
    contact = await lab.rings(keys("2"))
    await lab.brief(contact, SEAT)
    await house.talks(contact)
    return contact


async def lose_page(house: House, contact: str, cause: int = 41) -> None:
    """As a browser does that leaves the page, with nothing registered any more."""
    page_is(house, NOWHERE)
    call = house.floor.call(contact)
    assert call is not None and call.agent is not None
    assert await house.ari.channels.hangup(call.agent.channel, code=cause)


async def test_the_customer_waits_with_music_and_talks_on(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await lose_page(house, contact)
        await until(lambda: house.teller.told[-1] == (contact, Stage.HELD), 3.0, "music")
        assert house.state(SEAT) is TALKING
        await lab.brief(contact, PAGE)
        began_s = lab.clock.monotonic()
        page_is(house, PAGE)
        await until(lambda: house.teller.told[-1] == (contact, Stage.TALKING), 5.0, "talking again")
        assert lab.clock.monotonic() - began_s < 1.0
        call = house.floor.call(contact)
        assert call is not None and call.agent is not None and call.seat == SEAT
        assert call.agent.name == "agent-2"
        assert house.book.pairs[contact][-1] == frozenset({("customer", "agent-2")})
        assert Stage.RATED not in [stage for told, stage in house.teller.told if told == contact]
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(SEAT) is WRAP_UP


async def test_a_page_that_does_not_come_back_has_hung_up(lab: FloorLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_return, "BACK_S", 0.6)
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await lose_page(house, contact, cause=44)
        await until(lambda: house.teller.told[-1] == (contact, Stage.HELD), 3.0, "music")
        await house.reaches(contact, Stage.RATED)
        assert house.state(SEAT) is WRAP_UP
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_the_customer_hangs_up_while_the_page_is_away(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await lose_page(house, contact)
        await until(lambda: house.teller.told[-1] == (contact, Stage.HELD), 3.0, "music")
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert house.state(SEAT) is WRAP_UP


async def test_an_ordinary_hang_up_of_a_page_ends_the_talk(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        contact = await talk(lab, house)
        await lab.hangs_up(f"{contact}/{SEAT}")
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_a_page_that_is_left_while_it_rings_is_rung_again(lab: FloorLab) -> None:
    async with lab.open(SEAT) as house:
        page_is(house, SEAT)
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT, behaviour="no_answer")
        call = await house.reaches(contact, Stage.RINGING)
        await until(lambda: call.agent is not None and call.agent.rung, 3.0, "it rings")
        await lab.brief(contact, PAGE)
        await lose_page(house, contact)
        await until(lambda: call.agent is not None and call.agent.gone, 3.0, "the lost page")
        page_is(house, PAGE)
        await house.talks(contact)
        assert call.seat == SEAT and house.state(SEAT) is TALKING
        assert not house.book.of(contact, "agent.set_aside")
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


@pytest.mark.parametrize("how", ["hangs up", "never answered", "let go"])
async def test_the_colleague_goes_while_the_page_is_away(lab: FloorLab, how: str) -> None:
    """The customer goes on hearing music, and talks with his agent as soon as the page is back."""
    async with lab.open(SEAT) as house:
        house.distribution.sign_on(COLLEAGUE)
        contact = await talk(lab, house)
        await lab.brief(contact, COLLEAGUE, **({"behaviour": "no_answer"} if how == "never answered" else {}))
        await house.floor.change(contact, lambda call, kit: consult(call, kit, SEAT, Target(Kind.SEAT, COLLEAGUE)))
        colleague = "" if how == "never answered" else "consult"
        await are(house, contact, customer="hold", agent_1="consult", agent_2=colleague)
        await lose_page(house, contact)
        await are(house, contact, customer="hold", agent_2=colleague)
        if how == "let go":
            await house.floor.change(contact, lambda call, kit: cancel(call, kit, SEAT))
        else:
            await house.ari.channels.hangup(f"{contact}-agent-2")
        await until(lambda: house.state(COLLEAGUE) is not TALKING and house.book.legs[contact]["agent-2"].gone)
        for _ in range(10):
            await are(house, contact, customer="hold")
            assert house.teller.told[-1] == (contact, Stage.HELD)
        await lab.brief(contact, PAGE)
        page_is(house, PAGE)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: house.teller.told[-1] == (contact, Stage.TALKING), 5.0, "talking again")
        assert (len(house.book.of(contact, "held")), len(house.book.of(contact, "resumed"))) == (1, 1)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_the_colleague_goes_and_the_page_does_not_come_back(
    lab: FloorLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_return, "BACK_S", 1.0)
    async with lab.open(SEAT) as house:
        house.distribution.sign_on(COLLEAGUE)
        contact = await talk(lab, house)
        await lab.brief(contact, COLLEAGUE)
        await house.floor.change(contact, lambda call, kit: consult(call, kit, SEAT, Target(Kind.SEAT, COLLEAGUE)))
        await are(house, contact, customer="hold", agent_1="consult", agent_2="consult")
        await lose_page(house, contact)
        await lab.hangs_up(f"{contact}/{COLLEAGUE}")
        await are(house, contact, customer="hold")
        await house.reaches(contact, Stage.RATED)
        assert house.state(SEAT) is WRAP_UP
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_the_wait_for_a_page_outlives_the_floor(lab: FloorLab) -> None:
    """The next brain rings the seat whose page was awaited."""
    first = lab.house()
    first.ready(SEAT)
    await first.floor.start()
    contact = await talk(lab, first)
    await lose_page(first, contact)
    await until(lambda: first.teller.told[-1] == (contact, Stage.HELD), 3.0, "music")
    await first.floor.close()
    second = lab.house()
    second.ready(SEAT)
    page_is(second, PAGE)
    await lab.brief(contact, PAGE)
    await second.floor.start()
    try:
        await until(lambda: bool(second.book.pairs[contact] and second.book.pairs[contact][-1]), 10.0, "a talk")
        assert second.state(SEAT) is TALKING
    finally:
        await lab.shut(second)
