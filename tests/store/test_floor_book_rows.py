"""What the floor writes down of conferences, and of a customer who is reached at the second number."""

from pathlib import Path

import pytest
from lab_rows import Lab
from sqlmodel import Session, select

from lab_server.floor.book import StoreBook
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.conference import OWNER, TITLE
from lab_server.ids import new_id
from lab_server.store.journal import Journal
from lab_server.store.tables import Conference, Contact, JournalEntry
from lab_server.store.tables import Leg as LegRow
from lab_server.store.writer import Reader, Writer


class Desk:
    def __init__(self, lab: Lab, recordings: Path) -> None:
        self.lab = lab
        self.writer, self.reader = Writer(lab.engine, clock=lab.clock), Reader(lab.engine)
        journal = Journal(self.writer, source="test", clock=lab.clock, site_id=lab.site.id)
        self.book = StoreBook(
            self.writer, journal, lab.clock, site_id=lab.site.id, recordings=recordings, session_of=lambda _: None
        )

    async def conference(self, contact: str) -> tuple[Contact, Conference]:
        await self.writer.flush()
        return await self.reader.run(lambda s: (s.get_one(Contact, contact), s.get_one(Conference, contact)))

    async def legs(self, contact: str) -> dict[str, LegRow]:
        await self.writer.flush()

        def read(session: Session) -> dict[str, LegRow]:
            return {leg.name: leg for leg in session.exec(select(LegRow).where(LegRow.contact_id == contact))}

        return await self.reader.run(read)


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    return Desk(lab, tmp_path / "recordings")


async def test_a_conference_has_its_row_from_its_beginning_to_its_end(desk: Desk) -> None:
    call = Call(new_id(), "conf", "house", "", "Monday", Stage.CONFERENCE, seat="1001")
    call.notes |= {OWNER: "1001", TITLE: "Monday"}
    desk.book.began(call)
    contact, row = await desk.conference(call.contact)
    assert (contact.direction, contact.customer_number) == ("conf", "")
    assert (row.title, row.owner_id, row.locked, row.ended_at) == ("Monday", desk.lab.student.id, False, None)
    desk.book.noted(call, "conference.locked", {"on": True})
    assert (await desk.conference(call.contact))[1].locked
    desk.book.ended(call, Outcome.SERVED)
    contact, row = await desk.conference(call.contact)
    assert row.ended_at is not None
    assert contact.outcome == "served"


async def test_who_takes_a_conference_up_tells_its_row_by_its_members(desk: Desk) -> None:
    """The brain that opened it died before the database took it."""
    call = Call(new_id(), "conf", "house", "", "", Stage.CONFERENCE)
    member = Leg(f"{call.contact}-member-1", "member-1", seat="1002", notes={OWNER: "1001", TITLE: "Monday"})
    call.others.append(member)
    call.adopted = True
    desk.book.began(call)
    desk.book.began(call)
    row = (await desk.conference(call.contact))[1]
    assert (row.title, row.owner_id) == ("Monday", desk.lab.student.id)


async def test_rows_tell_which_of_a_customers_numbers_was_reached(desk: Desk) -> None:
    clock, contact = desk.lab.clock, new_id()
    call = Call(contact, "out", "lab", "16300000001", "16300000001", Stage.DIALLING, seat="1001")
    desk.book.began(call)
    for number, channel in (("16300000001", "customer"), ("16300000002", "customer-2"), ("16300000003", "customer-3")):
        call.dialled = call.customer_number = number
        leg = Leg(f"{contact}-{channel}", "customer", began_at=clock.utc(), number=number, rung=True)
        call.customer = leg
        desk.book.leg_changed(call, leg)
        if channel == "customer-3":
            leg.up, leg.up_at = True, clock.utc()
        else:
            leg.gone, leg.gone_at, leg.cause = True, clock.utc(), 17
        desk.book.leg_changed(call, leg)
    desk.book.talk_began(call)
    legs = await desk.legs(contact)
    assert {name: (leg.number, leg.role, leg.cause) for name, leg in legs.items()} == {
        "try-1": ("16300000001", "party", "17"),
        "try-2": ("16300000002", "party", "17"),
        "customer": ("16300000003", "customer", ""),
    }
    assert legs["customer"].answered_at is not None
    assert legs["try-1"].ended_at is not None

    def read(session: Session) -> tuple[Contact, list[JournalEntry]]:
        told = session.exec(select(JournalEntry).where(JournalEntry.kind == "leg.began")).all()
        return session.get_one(Contact, contact), [one for one in told if one.contact_id == contact]

    row, told = await desk.reader.run(read)
    assert (row.called_dialled, row.customer_number) == ("16300000003", "+8616300000003")
    assert [entry.data["number"] for entry in told] == ["16300000001", "16300000002", "16300000003"]
