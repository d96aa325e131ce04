"""What the floor writes down of a contact that goes from one agent to another."""

import asyncio
import wave
from datetime import timedelta
from pathlib import Path

import pytest
from lab_rows import Lab
from sqlmodel import Session, select

from lab_server.desk.ownership import Part, part_in
from lab_server.evidence import answering_leg, timings
from lab_server.floor.book import LastState, StoreBook, last_states
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.ids import new_id
from lab_server.routing.agents import NO_ANSWER, Agent, AgentState
from lab_server.store.journal import Journal
from lab_server.store.tables import Contact, Recording
from lab_server.store.tables import Leg as LegRow
from lab_server.store.writer import Reader, Writer


class Desk:
    """A book, and the call it writes of, on a clock that goes on when told to."""

    def __init__(self, lab: Lab, recordings: Path) -> None:
        self.lab = lab
        self.writer, self.reader = Writer(lab.engine, clock=lab.clock), Reader(lab.engine)
        journal = Journal(self.writer, source="test", clock=lab.clock, site_id=lab.site.id)
        self.book = StoreBook(
            self.writer, journal, lab.clock, site_id=lab.site.id, recordings=recordings, session_of=lambda _: None
        )
        contact = new_id()
        self.call = Call(contact, "in", "lab", "16312345678", "95000", Stage.SCREENED, folder=str(recordings / contact))
        self.call.customer = self.leg("customer")
        self.book.began(self.call)
        self.up(self.call.customer)

    def leg(self, name: str, seat: str | None = None) -> Leg:
        return Leg(f"{self.call.contact}-{name}", name, began_at=self.lab.clock.utc(), seat=seat, rung=True)

    def up(self, leg: Leg) -> None:
        leg.up, leg.up_at, leg.ours = True, self.lab.clock.utc(), True
        self.book.leg_changed(self.call, leg)

    def gone(self, leg: Leg) -> None:
        leg.gone, leg.gone_at = True, self.lab.clock.utc()
        self.book.leg_changed(self.call, leg)

    def agent(self, seat: str, state: AgentState) -> None:
        contact = self.call.contact if state in {AgentState.TALKING, AgentState.WRAP_UP} else None
        self.book.agent_changed(Agent(seat, state, self.lab.clock.monotonic(), contact))

    async def rows(self) -> tuple[Contact, dict[str, LegRow]]:
        await self.writer.run(lambda _: None)

        def read(session: Session) -> tuple[Contact, dict[str, LegRow]]:
            legs = session.exec(select(LegRow).where(LegRow.contact_id == self.call.contact))
            return session.get_one(Contact, self.call.contact), {leg.name: leg for leg in legs}

        return await self.reader.run(read)

    async def part(self, seat: str) -> Part:
        await self.writer.run(lambda _: None)
        user = self.lab.student if seat == "1001" else self.lab.other
        return await self.reader.run(lambda session: part_in(session, user, self.call.contact))


@pytest.fixture
def desk(lab: Lab, tmp_path: Path) -> Desk:
    return Desk(lab, tmp_path / "recordings")


async def test_a_colleague_who_is_asked_may_read_and_once_it_is_his_may_write(desk: Desk) -> None:
    call, book, clock = desk.call, desk.book, desk.lab.clock
    call.agent = desk.leg("agent-1", "1001")
    desk.up(call.agent)
    call.served = call.agent.talked = True
    book.talk_began(call)
    book.paired(call, frozenset({("customer", "agent-1")}))
    clock.forward(40)
    asked = desk.leg("agent-2", "1002")
    asked.place = Place.CONSULT
    call.others.append(asked)
    desk.up(asked)
    assert (await desk.part("1001"), await desk.part("1002")) == (Part.OWNER, Part.JOINED)
    book.held(call, True, 0.0)
    clock.forward(10)
    book.held(call, False, 10.0)
    first, call.agent, call.seat, call.others = call.agent, asked, "1002", []
    call.others = [first]
    book.paired(call, frozenset({("customer", "agent-2")}))
    desk.gone(first)
    desk.agent("1001", AgentState.WRAP_UP)
    assert (await desk.part("1001"), await desk.part("1002")) == (Part.FORMER, Part.OWNER)
    clock.forward(30)
    book.paired(call, frozenset())
    desk.gone(asked)
    contact, legs = await desk.rows()
    assert (legs["agent-2"].role, legs["agent-2"].seat, contact.hold_s) == ("agent", "1002", 10.0)

    def measured(session: Session) -> tuple[float | None, float | None]:
        leg = answering_leg(session, call.contact)
        assert leg is not None
        assert leg.name == "agent-2"
        times = timings(session, session.get_one(Contact, call.contact), leg)
        return times.talk_s, times.hold_s

    assert await desk.reader.run(measured) == (30.0, 0.0)


async def test_a_wrap_up_that_ends_by_the_clock_is_closed_for_that_agent_alone(desk: Desk) -> None:
    call, clock = desk.call, desk.lab.clock
    call.agent = desk.leg("agent-1", "1001")
    desk.up(call.agent)
    desk.gone(call.agent)
    desk.agent("1001", AgentState.WRAP_UP)
    clock.forward(60)
    assert (await desk.rows())[1]["agent-1"].wrapped_at is None
    desk.agent("1001", AgentState.READY)
    contact, legs = await desk.rows()
    assert legs["agent-1"].wrapped_at == contact.wrapped_at == clock.utc()
    clock.forward(5)
    desk.agent("1001", AgentState.NOT_READY)
    assert (await desk.rows())[1]["agent-1"].wrapped_at == clock.utc() - timedelta(seconds=5)


async def test_each_legs_recording_is_measured_when_it_ends(desk: Desk) -> None:
    call, clock = desk.call, desk.lab.clock
    folder = Path(call.folder)
    folder.mkdir(parents=True)  # noqa: ASYNC240 (a test waits for nothing else)
    for name, seconds in (("customer", 20), ("agent-1", 5)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(16000 * seconds))
    call.agent = desk.leg("agent-1", "1001")
    desk.up(call.agent)
    clock.forward(20)
    for leg in call.legs():
        desk.gone(leg)
    await asyncio.gather(*desk.book._measuring)
    desk.book.ended(call, Outcome.SERVED)
    await desk.writer.run(lambda _: None)
    rows = await desk.reader.run(lambda session: session.exec(select(Recording).order_by(Recording.path)).all())
    measured = [(Path(row.path).name, row.duration_s, row.expected_s, row.short) for row in rows]
    assert measured == [("agent-1.wav", 5.0, 20.0, True), ("customer.wav", 20.0, 20.0, False)]


async def test_a_restarted_brain_reads_what_each_agent_did_last(desk: Desk) -> None:
    """The newest row of each seat, with why, and with the queue whose time to write counts."""
    book, clock, contact = desk.book, desk.lab.clock, desk.call.contact
    desk.call.queue = "order"
    book.entered(desk.call, Stage.QUEUED)
    for seat in ("1001", "1002"):
        desk.agent(seat, AgentState.READY)
        clock.forward(1)
    desk.agent("1001", AgentState.TALKING)
    clock.forward(1)
    desk.agent("1001", AgentState.WRAP_UP)
    book.agent_changed(Agent("1002", AgentState.NOT_READY, clock.monotonic(), reason=NO_ANSWER))
    at = clock.utc()
    await desk.writer.run(lambda _: None)
    states = await desk.reader.run(lambda session: last_states(session, desk.lab.site.id))
    assert states == {
        "1001": LastState(AgentState.WRAP_UP, at, "", contact, "order"),
        "1002": LastState(AgentState.NOT_READY, at, NO_ANSWER),
    }
