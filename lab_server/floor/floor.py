"""The floor: one story for each contact, started by Stasis, ended by hang-up, taken up again after a gap."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from lab_server.floor import monitor, playback
from lab_server.floor.adoption import Finding, findings
from lab_server.floor.call import Call, Outcome, Place, Stage
from lab_server.floor.errands import Errands, log_failure
from lab_server.floor.errors import Refused
from lab_server.floor.events import Events
from lab_server.floor.inventory import inventory
from lab_server.floor.kit import Kit
from lab_server.floor.leftovers import Leftover, outcome_of
from lab_server.floor.life import end_tasks, live
from lab_server.floor.past import Past
from lab_server.floor.taking_back import lost, take_back
from lab_server.floor.tap import contact_of, is_tap
from lab_server.floor.unkept import keep_left
from lab_server.ids import new_id
from telephony.ari import AriClient, Bridge, Channel, Gap
from telephony.ari.events import Event
from telephony.numbers import NumberError
from telephony.trunks import NullTrunk

log = logging.getLogger(__name__)


class Floor:
    """All contacts on the line. Handlers only note what happened; the stories act on it."""

    def __init__(self, ari: AriClient, kit: Kit) -> None:
        self._ari = ari
        self._kit = kit = replace(kit, contacts=self)
        self._calls: dict[str, Call] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._adopting: asyncio.Task[None] | None = None
        self._early: list[Event] | None = None  # events that came while we were still reading what is there
        self._errands = Errands()
        self._events = Events(self, self._errands)

    @property
    def kit(self) -> Kit:
        """What the stories are given; through `contacts` it knows this floor."""
        return self._kit

    def calls(self) -> list[Call]:
        """The contacts on the line now."""
        return list(self._calls.values())

    def call(self, contact: str) -> Call | None:
        """The contact if it is on the line."""
        return self._calls.get(contact)

    def open(self, direction: str, *, seat: str, dialled: str, trunk: str, stage: Stage, contact: str = "") -> Call:
        """A contact that we begin ourselves; nothing happens before `begin`."""
        number = dialled if direction == "out" else ""
        return Call(contact or new_id(), direction, trunk, number, dialled, stage, seat=seat)

    def begin(self, call: Call) -> None:
        """Its story begins. Raises `Refused` `contact_exists` if one of that id is on the line."""
        if call.contact in self._calls:
            raise Refused("contact_exists", f"contact {call.contact} is on the line already.")
        self.take_up(Finding(call, known=False))

    def end(self, contact: str, outcome: Outcome) -> bool:
        """Hang up everyone of this contact; False if it is not on the line."""
        call = self._calls.get(contact)
        if call is None:
            return False
        call.outcome, call.released_by, call.dismissed = outcome, call.released_by or "system", True
        call.touch()
        return True

    async def change(self, contact: str, change: Callable[[Call, Kit], object], timeout_s: float = 5.0) -> None:
        """Carry out a command on a contact: `change` checks it and sets what is intended, or raises `Refused`.

        `change` awaits nothing, so a contact is never seen half changed. Returns when the story has done it, or after
        `timeout_s` if the switch is slow; it is then done a little later. Raises `Refused` (`unknown_contact`) if the
        contact is over.
        """
        call = self._calls.get(contact)
        if call is None or call.over or call.stage is Stage.ENDED:
            raise Refused("unknown_contact", f"contact {contact} is not on the line: it may have just ended.")
        change(call, self._kit)
        wish = call.interrupt()
        await call.until(lambda: call.met >= wish or call.stage is Stage.ENDED, timeout_s)

    def agent_lost(self, contact: str, seat: str) -> bool:
        """The phone of `seat` has died. While it rang its caller keeps its place; False if it did not ring for it."""
        call = self._calls.get(contact)
        if call is None or call.seat != seat or call.agent is None or call.stage is not Stage.RINGING:
            return False
        self.let_go(call.agent.channel)
        return True

    def close_late(self, left: Leftover, switch_began_at: datetime, past: Past) -> None:
        """Close a contact of an earlier brain that is not on the line any more; the others are left alone."""
        if left.call.contact not in self._calls:
            left.call.outcome = outcome_of(left, switch_began_at)
            past.close(left.call)
            self._lose(left.call)

    async def start(self) -> None:
        """Connect, take up what is there already, go on with it."""
        self._ari.subscribe(self.handle)
        self._ari.on_connected(self._connected)
        await self._ari.connect()
        if self._adopting is not None:
            await asyncio.shield(self._adopting)

    async def close(self) -> None:
        """Stop acting. The calls stay as they are on the switch, for whoever comes next."""
        await end_tasks(self._adopting, *self._lives.values(), *self._errands.tasks())
        self._kit.distribution.close()
        await self._ari.close()

    # -- events ---------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """Note what happened on the call it belongs to. Runs on the event loop, in the order of arrival."""
        if self._early is not None:
            self._early.append(event)
        else:
            self._events.handle(event)

    # -- a contact's life -----------------------------------------------------------------------------------------

    def take_up(self, finding: Finding) -> None:
        """Its story begins, or goes on where what was found says."""
        call = finding.call
        if not call.trunk:
            call.trunk = self._trunk_of(call)
        self._calls[call.contact] = call
        if not finding.known:
            self._kit.book.began(call)
            for leg in call.legs():
                self._kit.book.leg_changed(call, leg)
        self._lives[call.contact] = asyncio.create_task(self._live(call), name=f"contact {call.contact}")

    def _trunk_of(self, call: Call) -> str:
        """By which trunk an agent's call will leave; the story itself refuses a number that has none."""
        try:
            return self._kit.trunk_for(call.seat or "", call.dialled).name
        except NumberError:
            return NullTrunk.name

    async def _live(self, call: Call) -> None:
        await live(call, self._kit)
        self._finish(call)

    def _finish(self, call: Call) -> None:
        call.stage = Stage.ENDED
        outcome = call.outcome or (Outcome.SERVED if call.served else Outcome.ABANDONED)
        call.outcome = outcome
        self._kit.book.ended(call, outcome)
        self._calls.pop(call.contact, None)
        self._lives.pop(call.contact, None)
        for listener in self._kit.listeners:
            listener.call_ended(call, outcome)

    def let_go(self, channel: str) -> None:
        """Hang this channel up, whoever knows it; nobody waits for that."""
        self._errands.run(self._kit.switch.let_go(channel), f"orphan {channel}")

    # -- gaps -----------------------------------------------------------------------------------------------------

    def _connected(self, gap: Gap | None) -> None:
        """First connection or a later one; events wait until we know what there is."""
        self._early = []  # what came before the gap is older than what we are going to read
        before, self._adopting = self._adopting, None
        self._adopting = asyncio.create_task(self._adopt(gap, before), name="adoption")
        self._adopting.add_done_callback(log_failure)

    async def _adopt(self, gap: Gap | None, before: asyncio.Task[None] | None) -> None:
        """What the switch has now is the truth, and every story starts from it."""
        await end_tasks(before)
        await end_tasks(*self._lives.values())
        self._lives.clear()
        channels, bridges = await inventory(self._ari)
        past = await asyncio.to_thread(self._kit.past)
        # From here to the end of `with` nothing is awaited: an adoption is done as a whole or not at all.
        kept, self._calls = self._calls, {}
        rooms = {bridge.id: bridge.channels for bridge in bridges}
        found = findings(channels, self._kit.clock, kept, bridges)
        with self._kit.distribution.held():
            for finding in found:
                kept.pop(finding.call.contact, None)
                past.recall(finding.call, agent_was_there=finding.call.stage in {Stage.TALKING, Stage.RATED})
                take_back(finding, self._kit, self.let_go)
                monitor.recall(finding.call, channels, rooms)
                playback.recall(finding.call)
                self.take_up(finding)
        for call in kept.values():
            past.close(call, self._lost_at(gap))
            self._lose(call)
        early, self._early = self._early or [], None
        for event in early:
            self.handle(event)
        log.info("connected to the switch (gap: %s); %d contacts taken up, %d lost", gap, len(found), len(kept))
        await self._sweep(channels, bridges)
        await keep_left(self._kit, lambda contact: contact in self._calls)

    def _lost_at(self, gap: Gap | None) -> datetime | None:
        """When we last heard the switch, by the calendar."""
        if gap is None:
            return None
        return self._kit.now_utc() - timedelta(seconds=self._kit.clock.monotonic() - gap.lost_at)

    def _lose(self, call: Call) -> None:
        lost(call, self._kit)
        self._finish(call)

    async def _sweep(self, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> None:
        """What is left of contacts that are over; and taps of those whose talk is."""
        for channel in channels:
            call = self._calls.get(contact_of(channel.id))
            if is_tap(channel.id) and (call is None or call.stage is not Stage.TALKING):
                self.let_go(channel.id)
        for bridge in bridges:
            contact, _, place = bridge.id.partition("-")
            if place in set(Place) and contact not in self._calls:
                await self._ari.bridges.destroy(bridge.id)
