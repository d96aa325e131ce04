"""The floor: one story for each contact, started by Stasis, ended by hang-up, taken up again after a gap."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lab_server.floor import monitor, playback, talk
from lab_server.floor.adoption import Finding, findings
from lab_server.floor.beside import is_beside
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.leftovers import Leftover, outcome_of
from lab_server.floor.life import RETRY_S, STAGES, end_tasks, live
from lab_server.floor.past import Past
from lab_server.floor.phone_hold import held_by_phone
from lab_server.floor.refer import refer
from lab_server.floor.tap import DOOR, contact_of, is_tap
from lab_server.floor.unkept import keep_left
from lab_server.ids import new_id
from lab_server.routing.acd import RoutingError
from lab_server.routing.agents import AgentState
from telephony.ari import AriClient, AriConflict, AriError, AriNotFound, AriReplaced, Bridge, Channel, Gap
from telephony.ari.events import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEvent,
    ChannelHangupRequest,
    ChannelHold,
    ChannelStateChange,
    ChannelTransfer,
    ChannelUnhold,
    Event,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)
from telephony.numbers import NumberError
from telephony.trunks import NullTrunk

log = logging.getLogger(__name__)

MOST_KEYS = 32
"""So many keys are kept until somebody asks for them: who keys on and on has said nothing more."""

NOTED = ("RS_STAGE", "RS_NOTE")
"""What the stories write on their legs, for whoever comes after us."""

HEARD = (
    "ApplicationReplaced",
    "ContactStatusChange",
    "StasisStart",
    "StasisEnd",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelStateChange",
    "ChannelTransfer",
    "ChannelUnhold",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
)
"""All that the client and `handle` take note of: the switch need not send the rest, which is most of it."""


class Floor:
    """All contacts on the line. Handlers only note what happened; the stories act on it."""

    def __init__(self, ari: AriClient, kit: Kit) -> None:
        self._ari = ari
        self._kit = kit = replace(kit, contacts=self)
        self._calls: dict[str, Call] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._adopting: asyncio.Task[None] | None = None
        self._early: list[Event] | None = None  # events that came while we were still reading what is there
        self._orphans: set[asyncio.Task[None]] = set()

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
        self._take_up(Finding(call, known=False))

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
        self._let_go(call.agent.channel)
        return True

    def close_late(self, left: Leftover, switch_began_at: datetime, past: Past) -> None:
        """Close a contact of an earlier brain that is not on the line any more; the others are left alone."""
        if left.call.contact not in self._calls:
            left.call.outcome = outcome_of(left, switch_began_at)
            past.close(left.call)
            self._lost(left.call)

    async def start(self) -> None:
        """Connect, take up what is there already, go on with it."""
        self._ari.subscribe(self.handle)
        self._ari.on_connected(self._connected)
        await self._ari.connect()
        if self._adopting is not None:
            await asyncio.shield(self._adopting)

    async def close(self) -> None:
        """Stop acting. The calls stay as they are on the switch, for whoever comes next."""
        await end_tasks(self._adopting, *self._lives.values(), *self._orphans)
        self._kit.distribution.close()
        await self._ari.close()

    # -- events ---------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """Note what happened on the call it belongs to. Runs on the event loop, in the order of arrival."""
        if self._early is not None:
            self._early.append(event)
        elif isinstance(event, StasisStart):
            self._started(event, event.args[0] if event.args else "")
        elif isinstance(event, ChannelDtmfReceived):
            self._keyed(event)
        elif isinstance(event, ChannelDestroyed):
            self._gone(event.channel, event.cause)
        elif isinstance(event, ChannelHangupRequest):
            self._hangs_up(event.channel, event.cause)
        elif isinstance(event, StasisEnd):
            self._left(event.channel)
        elif isinstance(event, ChannelStateChange):
            self._up(event)
        elif isinstance(event, ChannelTransfer):
            self._referred(event)
        elif isinstance(event, ChannelHold | ChannelUnhold):
            self._held(event)
        elif isinstance(event, PlaybackFinished | RecordingFinished | RecordingFailed):
            self._sounded(event)

    def _sounded(self, event: PlaybackFinished | RecordingFinished | RecordingFailed) -> None:
        """What was played, or recorded on command, has ended."""
        name = event.playback.id if isinstance(event, PlaybackFinished) else event.recording.name
        call = self._calls.get(contact_of(name))
        if call is None:
            return
        if isinstance(event, PlaybackFinished):
            call.playbacks[name] = event.playback.state
            for tap in playback.ended(call, self._kit, name, event.playback.state):
                self._let_go(tap)
        else:
            call.recorded[name] = event.recording.state
        call.touch()

    def _find(self, channel: Channel) -> tuple[Call, Leg] | None:
        call = self._calls.get(channel.channelvars.get("RS_CONTACT", ""))
        leg = call.leg_of(channel.id) if call is not None else None
        return (call, leg) if call is not None and leg is not None else None

    def _started(self, event: StasisStart, door: str) -> None:
        channel = event.channel
        found, contact = self._find(channel), channel.channelvars.get("RS_CONTACT", "")
        if found is not None:
            found[0].folder = found[0].folder or channel.channelvars.get("RS_RECORDING", "")
        if door == DOOR:
            self._tapped(channel.id)
        elif found is not None:
            found[1].ours = True
            self._up(event)
        elif door in STAGES and contact and contact not in self._calls:
            for finding in findings([channel], self._kit.clock):
                self._take_up(finding)
        else:
            # A leg whose contact is over (it answered in the moment it was hung up), or a second call that bears the
            # id of a contact on the line: it must not get into that contact's way.
            log.warning("channel %s is no leg of contact %s: let go", channel.id, contact)
            self._let_go(channel.id)

    def _up(self, event: ChannelEvent) -> None:
        found = self._find(event.channel)
        if found is None:
            return
        call, leg = found
        if event.channel.is_up and not leg.up:
            leg.up, leg.up_at = True, event.at
            self._kit.book.leg_changed(call, leg)
        call.touch()

    def _keyed(self, event: ChannelDtmfReceived) -> None:
        """A key. A press of the customer's that overlaps the same key's last one is that one, told twice."""
        found = self._find(event.channel)
        if found is None:
            return
        call, half = found[0], timedelta(milliseconds=event.duration_ms / 2)
        if found[1].name != "customer":
            found[1].digits = (found[1].digits + event.digit)[-MOST_KEYS:]
            call.touch()
            return
        before, call.last_key = call.last_key, (event.digit, event.at)
        if before is not None and before[0] == event.digit and event.at - half < before[1]:
            return
        call.digits = (call.digits + event.digit)[:MOST_KEYS]
        call.last_digit_s = self._kit.clock.monotonic()
        call.touch()

    def _referred(self, event: ChannelTransfer) -> None:
        """A phone sends its call on by itself."""
        found = self._find(event.channel)
        if found is None:
            log.warning("channel %s asks for a transfer, but is no contact's leg", event.channel.id)
            return
        self._beside(refer(*found, self._kit, event), f"refer {event.channel.id}")

    def _held(self, event: ChannelHold | ChannelUnhold) -> None:
        """A phone holds its call by itself, or no longer."""
        found = self._find(event.channel)
        if found is not None:
            on = isinstance(event, ChannelHold)
            self._beside(held_by_phone(*found, self._kit, on), f"hold of {event.channel.id}")

    def _hangs_up(self, channel: Channel, cause: int) -> None:
        found = self._find(channel)
        if found is not None:
            found[1].cause = cause or found[1].cause

    def _left(self, channel: Channel) -> None:
        """Out of our hands: gone, unless it is on its way from one contact to another (see `crossing`)."""
        found = self._find(channel)
        if found is not None and found[1].page:
            found[1].ours = False  # why it ended (was the page left?) is told in a moment, with its end
        elif found is None or found[1].ours:
            self._gone(channel, None)

    def _gone(self, channel: Channel, cause: int | None) -> None:
        """The leg has ended. Of who came from the dialplan StasisEnd is the last we hear, unless it crosses over."""
        found = self._find(channel)
        if found is not None:
            self._kit.gone(*found, cause)
        elif is_tap(channel.id) and (call := self._calls.get(contact_of(channel.id))) is not None:
            tap = call.taps.pop(channel.id, None)
            if tap is not None:
                tap.gone = True
                call.touch()

    def _tapped(self, channel: str) -> None:
        """What hangs onto a leg takes commands now; nobody needs it any more if its contact does not know it."""
        call = self._calls.get(contact_of(channel))
        tap = call.taps.get(channel) if call is not None else None
        if call is None or tap is None:
            self._let_go(channel)
        else:
            tap.ours = True
            call.touch()

    # -- a contact's life -----------------------------------------------------------------------------------------

    def _take_up(self, finding: Finding) -> None:
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

    def _let_go(self, channel: str) -> None:
        self._beside(self._kit.switch.let_go(channel), f"orphan {channel}")

    def _beside(self, doing: Coroutine[Any, Any, None], name: str) -> None:
        """What is done while the stories go on; a failure is logged."""
        task = asyncio.create_task(doing, name=name)
        self._orphans.add(task)
        task.add_done_callback(self._orphans.discard)
        task.add_done_callback(_log_failure)

    # -- gaps -----------------------------------------------------------------------------------------------------

    def _connected(self, gap: Gap | None) -> None:
        """First connection or a later one; events wait until we know what there is."""
        self._early = []  # what came before the gap is older than what we are going to read
        before, self._adopting = self._adopting, None
        self._adopting = asyncio.create_task(self._adopt(gap, before), name="adoption")
        self._adopting.add_done_callback(_log_failure)

    async def _adopt(self, gap: Gap | None, before: asyncio.Task[None] | None) -> None:
        """What the switch has now is the truth, and every story starts from it."""
        await end_tasks(before)
        await end_tasks(*self._lives.values())
        self._lives.clear()
        channels, bridges = await self._on_the_switch()
        past = await asyncio.to_thread(self._kit.past)
        # From here to the end of `with` nothing is awaited: an adoption is done as a whole or not at all.
        kept, self._calls = self._calls, {}
        rooms = {bridge.id: bridge.channels for bridge in bridges}
        found = findings(channels, self._kit.clock, kept, bridges)
        with self._kit.distribution.held():
            for finding in found:
                kept.pop(finding.call.contact, None)
                past.recall(finding.call, agent_was_there=finding.call.stage in {Stage.TALKING, Stage.RATED})
                self._take_back(finding)
                monitor.recall(finding.call, channels, rooms)
                playback.recall(finding.call)
                self._take_up(finding)
        for call in kept.values():
            past.close(call, self._lost_at(gap))
            self._lost(call)
        early, self._early = self._early or [], None
        for event in early:
            self.handle(event)
        log.info("connected to the switch (gap: %s); %d contacts taken up, %d lost", gap, len(found), len(kept))
        await self._sweep(channels, bridges)
        await keep_left(self._kit, lambda contact: contact in self._calls)

    async def _on_the_switch(self) -> tuple[tuple[Channel, ...], tuple[Bridge, ...]]:
        """Asked until answered: without it we would be deaf for ever. A new gap begins a new adoption."""
        while True:
            try:
                await self._ari.applications.only(HEARD)
                channels = await self._ari.channels.list()
                fresh = await asyncio.gather(*(self._fresh(channel) for channel in channels))
                return tuple(fresh), await self._ari.bridges.list()
            except AriReplaced:
                raise
            except AriError as silent:
                log.warning("the switch does not say what it has, asking again: %s", silent)
                await asyncio.sleep(RETRY_S)

    async def _fresh(self, channel: Channel) -> Channel:
        """The channel with what is written on it now: the list shows a variable only after the channel's next event."""
        if not channel.in_stasis or not channel.var("RS_CONTACT"):
            return channel
        values = await asyncio.gather(*(self._written(channel, name) for name in NOTED))
        return replace(channel, channelvars=channel.channelvars | dict(zip(NOTED, values, strict=True)))

    async def _written(self, channel: Channel, name: str) -> str:
        try:
            return await self._ari.channels.get_var(channel.id, name)
        except (AriNotFound, AriConflict):
            return channel.var(name)  # never written, or the channel has just gone, which the next event says

    def _lost_at(self, gap: Gap | None) -> datetime | None:
        """When we last heard the switch, by the calendar."""
        if gap is None:
            return None
        return self._kit.now_utc() - timedelta(seconds=self._kit.clock.monotonic() - gap.lost_at)

    def _take_back(self, finding: Finding) -> None:
        """Bring agents and the queue in line with what was found."""
        call, distribution = finding.call, self._kit.distribution
        call.adopted = call.adopted or not finding.known
        for leg in finding.vanished:
            self._kit.gone(call, leg)
            if leg.up:
                self._kit.free(call, leg)
        for channel in finding.surplus:
            self._let_go(channel)
        if call.stage is Stage.QUEUED and call.queue is not None and call.waiting_since_s is not None:
            distribution.wait(call, self._kit.settings.wanted_seat_wait_s)
        if (call.agent is None or call.agent.gone) and not call.offered:
            distribution.free_ringing(call.contact)
        if call.stage is Stage.RATED and not finding.known:
            talk.end(call, self._kit)  # the brain before us may have died before it could write that down
        for leg in call.legs():
            if leg.seat is None or leg.gone or is_beside(leg) or not distribution.knows(leg.seat):
                continue
            talks = leg.up and call.stage in {Stage.TALKING, Stage.CONFERENCE}
            state = AgentState.TALKING if talks else AgentState.RINGING
            try:
                distribution.set_state(leg.seat, state, call.contact)
            except RoutingError as odd:
                log.warning("contact %s: %s", call.contact, odd)
        here = {leg.seat for leg in call.legs() if not leg.gone}
        for agent in distribution.agents():
            if agent.contact == call.contact and agent.state is AgentState.TALKING and agent.seat not in here:
                # he left while nobody saw it
                distribution.free_from(agent.seat, call.contact, AgentState.WRAP_UP, queue=call.queue)

    def _lost(self, call: Call) -> None:
        """Its channels went while nobody listened: closed as broken, once."""
        for leg in call.legs():
            self._kit.gone(call, leg)
        if call.served:
            self._kit.book.talk_ended(call)
        self._kit.distribution.leave(call)
        for leg in call.legs():
            leg.talked = leg.talked or (call.served and leg is call.agent and not call.internal)
            self._kit.free(call, leg)
        if call.outcome is None and call.stage not in {Stage.RATED, Stage.ENDED}:
            call.outcome = Outcome.BROKEN
        self._finish(call)

    async def _sweep(self, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> None:
        """What is left of contacts that are over; and taps of those whose talk is."""
        for channel in channels:
            call = self._calls.get(contact_of(channel.id))
            if is_tap(channel.id) and (call is None or call.stage is not Stage.TALKING):
                self._let_go(channel.id)
        for bridge in bridges:
            contact, _, place = bridge.id.partition("-")
            if place in set(Place) and contact not in self._calls:
                await self._ari.bridges.destroy(bridge.id)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.warning("%s: %s", task.get_name(), task.exception())
