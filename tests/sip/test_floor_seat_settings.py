"""What a seat sets for itself: kept in the rows, honoured by house calls, there after a restart."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, FloorLab, House, keys
from sqlmodel import Session, select
from store_lab import StoreLab
from worker_lab import until

from lab_server.desk import seat_settings
from lab_server.desk.desk import Desk
from lab_server.desk.seat_settings import FollowMe
from lab_server.desk.users import at_seat
from lab_server.floor.availability import set_ready, sign_on
from lab_server.floor.call import Outcome
from lab_server.floor.directory import Directory
from lab_server.floor.dnd import bring_in_line, has_dnd, set_dnd
from lab_server.floor.seat_book import StoreSeatBook
from lab_server.routing.agents import DO_NOT_DISTURB
from lab_server.store.tables import SeatSetting
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
FIRST, SECOND, THIRD = "1001", "1002", "1003"
OUTSIDE = "16300000071"


@dataclass
class Site:
    lab: FloorLab
    store: StoreLab

    def directory(self) -> Directory:
        store = self.store
        return Directory(store.reader, store.writer, store.clock, site_id=store.site)

    def house(self) -> House:
        """A floor with the rows behind it, as the brain wires it; not started."""
        directory, store = self.directory(), self.store
        book = StoreSeatBook(directory, store.writer, store.journal, store.clock, site_id=store.site)
        return self.lab.house(directory=directory, more={"seats": book}, ring_timeout_s=1.0)

    def row(self, seat: str) -> SeatSetting | None:
        def look(session: Session) -> SeatSetting | None:
            return session.exec(select(SeatSetting).where(SeatSetting.seat == seat)).first()

        return self.store.look(look)

    async def written(self) -> None:
        await self.store.writer.flush()

    async def follow(self, seat: str, *numbers: FollowMe) -> None:
        """As the desk does it, in another process."""

        def work(session: Session) -> None:
            user = at_seat(session, self.store.site, seat)
            assert user is not None
            seat_settings.set_follow_me(Desk(session, self.store.clock, user), seat, numbers)

        await self.store.writer.run(work)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("seats")
    async with FloorLab(pbx, folder) as lab:
        await lab.staff(2)
        store = StoreLab(folder, pbx.settings.recordings, ("1001", "1002", "1003", "1004"))
        yield Site(lab, store)
        store.close()


async def dials(site: Site, house: House, number: str) -> str:
    await site.lab.dials(FIRST, number)
    await until(lambda: any(one.seat == FIRST for one in house.floor.calls()), 5.0, "the house call")
    return next(one.contact for one in house.floor.calls() if one.seat == FIRST)


async def test_do_not_disturb_is_kept_and_holds_after_a_restart(site: Site) -> None:
    first = site.house()
    first.ready(FIRST, SECOND)
    set_dnd(first.kit, SECOND, True)
    assert first.kit.directory.seat(SECOND).dnd, "at once, whatever the disk does"
    await site.written()
    row = site.row(SECOND)
    assert row is not None
    assert row.dnd
    assert row.updated_by
    second = site.house()
    assert await second.kit.directory.refresh()
    now_s = site.store.clock.monotonic()
    for seat, state in ((FIRST, READY), (SECOND, NOT_READY)):
        second.distribution.restore(seat, state, None, now_s, do_not_disturb=second.kit.directory.seat(seat).dnd)
    assert (has_dnd(second.kit, FIRST), has_dnd(second.kit, SECOND)) == (False, True)
    second.distribution.restore(SECOND, TALKING, "c", now_s, do_not_disturb=True)
    assert second.state(SECOND) is TALKING
    second.distribution.free_from(SECOND, "c", READY)
    assert (second.state(SECOND), second.distribution.agent(SECOND).reason) == (NOT_READY, DO_NOT_DISTURB)
    set_ready(second.kit, SECOND)
    await site.written()
    row = site.row(SECOND)
    assert row is not None
    assert not row.dnd


async def test_who_signs_on_with_do_not_disturb_is_not_ready_for_that_reason(site: Site) -> None:
    house = site.house()
    house.kit.seats.dnd(THIRD, True)
    agent = sign_on(house.kit, THIRD)
    assert (agent.state, agent.reason) == (NOT_READY, DO_NOT_DISTURB)
    assert sign_on(house.kit, SECOND).reason == ""
    set_dnd(house.kit, THIRD, False)
    assert house.state(THIRD) is READY


async def test_what_another_process_set_holds_after_a_look(site: Site) -> None:
    house = site.house()
    house.ready(SECOND)

    def dnd(on: bool) -> None:
        def work(session: Session) -> None:
            user = at_seat(session, site.store.site, SECOND)
            assert user is not None
            seat_settings.set_dnd(Desk(session, site.store.clock, user), SECOND, on)

        site.store.writer.submit(work).result(10)

    for on in (True, False):
        await asyncio.to_thread(dnd, on)
        await house.kit.directory.refresh()
        bring_in_line(house.kit)
        assert has_dnd(house.kit, SECOND) is on
    assert house.state(SECOND) is READY


async def test_what_is_set_while_the_rows_are_read_is_not_forgotten(site: Site) -> None:
    house = site.house()
    for number in ("1003", "1004", ""):
        house.kit.seats.follow_me(SECOND, number)
        reading = asyncio.create_task(house.kit.directory.refresh())
        assert [one.number for one in house.kit.directory.seat(SECOND).follow_me] == ([number] if number else [])
        await reading
        assert [one.number for one in house.kit.directory.seat(SECOND).follow_me] == ([number] if number else [])
    await site.written()
    row = site.row(SECOND)
    assert row is not None
    assert (row.follow_me, row.follow_me_on) == ([{"number": "1004", "ring_s": 20.0}], False)


@pytest.mark.parametrize("key", ["1", ""], ids=["takes it", "an answering machine"])
async def test_a_house_call_follows_to_an_outside_number(site: Site, key: str) -> None:
    """The seat's own phone rings out, then the number it has named is rung; it must press a key."""
    await site.follow(SECOND, FollowMe(OUTSIDE, 5))
    house = site.house()
    await house.kit.directory.refresh()
    await house.floor.start()
    house.ready(FIRST, SECOND)
    try:
        await site.lab.customer(OUTSIDE, *([keys(key, 0.3)] if key else []), begin="answered")
        contact = await dials(site, house, SECOND)
        await until(lambda: house.book.of(contact, "forward.tried"), 8.0, "the number is rung")
        assert house.book.of(contact, "forward.tried")[0].data["to"] == f"number:{OUTSIDE}"
        assert house.state(SECOND) is READY, "whose phone rang out may be rung by others"
        if key:
            await until(lambda: house.book.of(contact, "talk.began"), 8.0, "they talk")
            call = house.floor.call(contact)
            assert call is not None
            assert [leg.number for leg in call.others if not leg.gone] == [OUTSIDE]
            house.floor.end(contact, Outcome.STOPPED)
        else:
            assert (await house.ends(contact, 25.0))[0] is Outcome.NO_ANSWER
    finally:
        await site.follow(SECOND)
        await site.lab.shut(house)


async def test_a_house_call_goes_past_a_seat_where_nobody_is(site: Site) -> None:
    """Nobody has signed on there: the colleague it follows to is rung at once."""
    await site.follow(SECOND, FollowMe(THIRD, 5))
    house = site.house()
    await house.kit.directory.refresh()
    await house.floor.start()
    house.ready(FIRST, THIRD)
    try:
        contact = await dials(site, house, SECOND)
        await until(lambda: (call := house.floor.call(contact)) is not None and len(call.others) == 1, 5.0, "rung")
        assert house.distribution.agent(THIRD).contact == contact
        house.floor.end(contact, Outcome.STOPPED)
        await house.ends(contact)
        assert house.state(THIRD) is READY
    finally:
        await site.follow(SECOND)
        await site.lab.shut(house)
