"""The brain: floor and classroom in one process. Killed at any moment, its successor takes everything up again.

`python -m lab_server.brain`, with the settings in the environment (the supervisor gives them).
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from datasets.numbers import NumberRanges
from lab_server.alerts import open_alerts
from lab_server.bootstrap import announcer, make_own_prompts, speech
from lab_server.classroom.classroom import Classroom
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Roll
from lab_server.classroom.tools import Tools
from lab_server.config import Settings, load
from lab_server.desk.sites import ensure_site, site_id
from lab_server.floor.announcer import Announcer
from lab_server.floor.api.desk_rows import alert_row
from lab_server.floor.api.door import FloorApi
from lab_server.floor.api.feed import Feed
from lab_server.floor.api.messages import FloorDataChanged
from lab_server.floor.api.server import answer_on
from lab_server.floor.book import LastState, StoreBook, last_states
from lab_server.floor.directory import Directory
from lab_server.floor.distribution import Distribution
from lab_server.floor.dnd import bring_in_line
from lab_server.floor.floor import Floor
from lab_server.floor.kit import FloorSettings, Kit, Listener
from lab_server.floor.lamps import Lamps
from lab_server.floor.leftovers import open_contacts
from lab_server.floor.mailboxes import StoreMailboxes
from lab_server.floor.past import Past, past
from lab_server.floor.ringing_back import RingingBack
from lab_server.floor.seat_book import StoreSeatBook
from lab_server.floor.switch import Switch
from lab_server.floor_plan import floor_plan
from lab_server.pbx import pbx_settings
from lab_server.process import go_with_parent, run, set_up_log
from lab_server.routing.agents import BUSY_WITH_CONTACT, Agent, AgentState
from lab_server.routing.plan import FloorPlan
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.errors import StoreError
from lab_server.store.journal import Journal
from lab_server.store.writer import Reader, Writer
from telephony.ami import AmiClient
from telephony.ari import AriClient
from telephony.asterisk.cel import read_events
from telephony.asterisk.settings import PbxSettings
from telephony.bus import BusClient
from telephony.clock import Clock, SystemClock
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk, Trunk

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Brain:
    """Everything the process holds, wired once by `build`."""

    settings: Settings
    clock: Clock
    bus: BusClient
    ari: AriClient
    ami: AmiClient
    writer: Writer
    reader: Reader
    journal: Journal
    distribution: Distribution
    floor: Floor
    classroom: Classroom
    announcer: Announcer
    directory: Directory
    mailboxes: StoreMailboxes
    ringing_back: RingingBack
    lamps: Lamps
    past: Callable[[], Past]
    feed: Feed
    site: str

    async def start(self, site: str) -> None:
        """Known things first, so that whatever the switch and the workers tell next finds its place."""
        states = await self.reader.run(lambda session: last_states(session, site))
        await self.classroom.prepare()
        log.info("what the rows tell is known; now the switch and the workers")
        await self.directory.refresh()
        self._restore_agents(states)
        await self.bus.start()
        await self.classroom.find_hosts()
        self.ami.start()
        await self.floor.start()
        switch_began_at = (await self.ari.server.info()).started_at
        seen = await asyncio.to_thread(self.past)
        for left in await self.reader.run(lambda session: open_contacts(session, site)):
            self.floor.close_late(left, switch_began_at, seen)
        await self.mailboxes.refresh()
        await self.ringing_back.look()
        self._free_agents()
        self.classroom.start()

    async def keep_learning(self) -> None:
        """Who changes rows in another process may forget to say so: look now and then, until cancelled."""
        while True:
            await asyncio.sleep(LEARN_EVERY_S)
            await self.learn()

    async def learn(self) -> None:
        """Lists, seats' settings, messages and call-backs, as their rows are now."""
        if await self.directory.refresh():
            bring_in_line(self.floor.kit)
        await self.mailboxes.refresh()
        self.lamps.look()
        await self.ringing_back.look()
        with suppress(StoreError):  # told when the database answers again
            found = await self.reader.run(lambda session: open_alerts(session, self.site))
            self.feed.alerts([alert_row(one) for one in found])

    def _restore_agents(self, states: Mapping[str, LastState]) -> None:
        """Agents are what they were, since when they were; who was with a contact stays so until we know more."""
        now_s, now = self.clock.monotonic(), self.clock.utc()
        for seat, last in states.items():
            since_s = now_s - max(0.0, (now - last.at).total_seconds())
            self.distribution.restore(
                seat, last.state, last.contact if last.state in BUSY_WITH_CONTACT else None, since_s,
                reason=last.reason, queue=last.queue, do_not_disturb=self.directory.seat(seat).dnd,
            )  # fmt: skip

    def _free_agents(self) -> None:
        """Agents whose contact is nowhere any more; those in wrap-up still have to write it down."""
        for agent in self.distribution.agents():
            contact = agent.contact
            if contact is None or agent.state is AgentState.WRAP_UP or self.floor.call(contact) is not None:
                continue
            if not self.classroom.awaits(contact):
                self.distribution.free_from(agent.seat, contact, AgentState.READY)

    async def close(self) -> None:
        await self.classroom.close()
        await self.ringing_back.close()
        await self.lamps.close()
        await self.floor.close()
        self.announcer.close()
        await self.ami.close()
        await self.bus.close(flush_s=1.0)
        self.reader.close()
        self.writer.close()


def build(settings: Settings, clock: Clock, site: str) -> Brain:
    """Wire everything. Nothing connects before `Brain.start`."""
    pbx = pbx_settings(settings)
    engine = open_engine(settings.database)
    writer, reader = Writer(engine, clock=clock), Reader(engine)
    journal = Journal(writer, source="brain", clock=clock, site_id=site)
    bus = BusClient(settings.bus_address, "brain", clock, heartbeat=True)
    ari = AriClient(pbx.ari_url, pbx.ari_user, pbx.ari_password, pbx.app, clock, hear_all=True)
    ami = AmiClient("127.0.0.1", pbx.ami_port, pbx.ami_user, pbx.ami_password, clock)
    hosts: dict[str, tuple[str, int]] = {}
    virtual = NumberRanges(prefixes=settings.number_prefixes)
    rooms: list[Classroom] = []
    listeners: list[Listener] = []
    book = StoreBook(
        writer,
        journal,
        clock,
        site_id=site,
        recordings=settings.recordings,
        session_of=lambda contact: rooms[0].session_of(contact),  # noqa: PLW0108 (the room is made below)
    )

    def seen_lately() -> Past:
        return past(read_events(pbx.cel_file, clock.utc() - LATELY, CEL_BYTES))

    def told(agent: Agent) -> None:
        book.agent_changed(agent)
        for listener in listeners:
            listener.agent_changed(agent)

    plan, spoken = floor_plan(settings), speech(settings, clock)
    make_own_prompts(plan.prompts, settings, spoken)
    announcing = announcer(settings, clock, spoken)
    directory = Directory(reader, writer, clock, site_id=site)
    distribution = Distribution(clock, told, settings.wrap_up_limit_s, plan.queues.values(), plan.seats)
    mailboxes = StoreMailboxes(reader, writer, journal, clock, site_id=site)
    ringing_back = RingingBack(reader, writer, journal, clock, site_id=site)
    kit = Kit(
        switch=Switch(ari, settings.prompts, settings.language),
        distribution=distribution,
        book=book,
        settings=floor_settings(settings, plan),
        clock=clock,
        trunk_for=_trunks(LabTrunk(hosts.get), virtual, HouseTrunk(settings.seat_numbers)),
        listeners=listeners,
        recordings=settings.recordings,
        ami=ami,
        announcer=announcing,
        directory=directory,
        seats=StoreSeatBook(directory, writer, journal, clock, site_id=site),
        mailboxes=mailboxes,
        callbacks=ringing_back,
        past=seen_lately,
        expecting=lambda contact, numbers: rooms[0].expect(contact, numbers),  # noqa: PLW0108 (likewise)
    )
    floor = Floor(ari, kit)
    ringing_back.join(floor)
    lamps = Lamps(kit)
    ari.subscribe(lamps.handle)
    tools = Tools(
        clock=clock,
        bus=bus,
        ari=ari,
        writer=writer,
        reader=reader,
        journal=journal,
        floor=floor,
        distribution=distribution,
        site_id=site,
        hotline=f"sip:{HOTLINE}@{pbx.lab_address}:{pbx.lab_port}",
        registrar=f"sip:{registrar_address(pbx)}:{pbx.sip_port}",
        phone_password={seat.number: seat.password for seat in pbx.seats}.__getitem__,
        hosts=hosts,
    )

    def plans_for(roll: Roll) -> Plans:
        return Plans(roll, spoken.cache, spoken.engine, {queue: key for key, queue in settings.menu_keys.items()})

    classroom = Classroom(tools, plans_for)
    rooms.append(classroom)
    feed = Feed(bus, clock, floor)
    listeners += [classroom, feed, ringing_back]
    kit.watchers.append(feed.noted)
    ringing_back.changed = feed.callbacks_changed

    def counted() -> None:
        lamps.look()
        feed.mailboxes_counted()

    mailboxes.changed = counted
    answer_on(bus, FloorApi(floor, floor.kit, reader, writer, journal, feed))
    brain = Brain(
        settings, clock, bus, ari, ami, writer, reader, journal, distribution, floor, classroom, announcing, directory,
        mailboxes, ringing_back, lamps, seen_lately, feed, site,
    )  # fmt: skip

    async def changed(_message: FloorDataChanged, _sender: str) -> None:
        await brain.learn()

    bus.on(FloorDataChanged, changed)
    return brain


LEARN_EVERY_S = 5.0
LATELY = timedelta(hours=12)
CEL_BYTES = 4_000_000
"""So far back the switch's log is read for what happened while no brain was there."""
HOTLINE = "95000"
"""What virtual callers dial: any number the lab trunk sends arrives at the floor."""


def registrar_address(pbx: PbxSettings) -> str:
    """Where phones on this machine find the switch."""
    return "127.0.0.1" if pbx.sip_address == "0.0.0.0" else pbx.sip_address  # noqa: S104 (compared, not bound)


def floor_settings(settings: Settings, plan: FloorPlan) -> FloorSettings:
    """How the floor treats calls, from the lab's settings."""
    return FloorSettings(
        plan=plan,
        ring_timeout_s=settings.ring_timeout_s,
        wrap_up_limit_s=settings.wrap_up_limit_s,
    )


def _trunks(lab: LabTrunk, virtual: NumberRanges, house: HouseTrunk) -> Callable[[str, str], Trunk]:
    nowhere: Trunk = NullTrunk()

    def trunk_for(_seat: str, number: str) -> Trunk:
        if house.holds(number):
            return house
        return lab if virtual.hold(number) else nowhere

    return trunk_for


def _site(settings: Settings, clock: Clock) -> str:
    """The site's id. It is there normally, and then this succeeds even while the database is locked."""
    engine = open_engine(settings.database)
    try:
        with reading(engine) as session:
            known = site_id(session, settings)
        if known is not None:
            return known
        with writing(engine) as session:
            return ensure_site(session, clock, settings).id
    finally:
        engine.dispose()


async def main(stop: asyncio.Event) -> None:
    """Run until told to stop, or until another brain has taken the floor."""
    clock, settings = SystemClock(), load()
    log.info("the brain begins")
    site = _site(settings, clock)
    brain = build(settings, clock, site)

    def lost() -> None:
        if brain.ari.replaced:
            log.error("another brain has taken the floor; this one ends")
            stop.set()

    brain.ari.on_lost(lost)
    await brain.start(site)
    log.info("the brain is at work")
    learning = asyncio.create_task(brain.keep_learning(), name="lists")
    try:
        await stop.wait()
    finally:
        learning.cancel()
        await brain.close()


if __name__ == "__main__":
    set_up_log()
    go_with_parent()
    sys.setswitchinterval(0.001)  # the threads at the database give way sooner: the calls are on this one
    run(main)
