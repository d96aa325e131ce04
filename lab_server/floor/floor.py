"""The floor: one story for each contact, started by Stasis, ended by hang-up, taken up again after a gap."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from lab_server.floor import inbound, outbound
from lab_server.floor.adoption import Finding, findings
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.leftovers import Leftover, outcome_of
from lab_server.routing.acd import RoutingError
from lab_server.routing.agents import AgentState
from telephony.ari import Application, AriClient, AriConflict, AriError, AriNotFound, AriUnreachable, Channel, Gap
from telephony.ari.events import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    ChannelStateChange,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)

log = logging.getLogger(__name__)

STAGES: dict[str, dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]]] = {
    "in": inbound.STAGES,
    "out": outbound.STAGES,
}
RELEASE_S = 5.0  # how long a hung-up channel may take to go; then the next adoption sweeps it


class Floor:
    """All contacts on the line. Handlers only note what happened; the stories act on it."""

    def __init__(self, ari: AriClient, kit: Kit) -> None:
        self._ari = ari
        self._kit = kit
        self._calls: dict[str, Call] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._adopting: asyncio.Task[None] | None = None
        self._early: list[Event] | None = None  # events that came while we were still reading what is there

    def calls(self) -> list[Call]:
        """The contacts on the line now."""
        return list(self._calls.values())

    def call(self, contact: str) -> Call | None:
        """The contact if it is on the line."""
        return self._calls.get(contact)

    def end(self, contact: str, outcome: Outcome) -> bool:
        """Hang up everyone of this contact; False if it is not on the line."""
        call = self._calls.get(contact)
        if call is None:
            return False
        call.outcome, call.released_by, call.dismissed = outcome, call.released_by or "system", True
        call.touch()
        return True

    def close_late(self, left: Leftover, switch_began_at: datetime) -> None:
        """Close a contact of an earlier brain that is not on the line any more; the others are left alone."""
        if left.call.contact not in self._calls:
            left.call.outcome = outcome_of(left, switch_began_at)
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
        await _end(self._adopting, *self._lives.values())
        self._kit.distribution.close()
        await self._ari.close()

    # -- events ---------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """Note what happened on the call it belongs to. Runs on the event loop, in the order of arrival."""
        if self._early is not None:
            self._early.append(event)
        elif isinstance(event, StasisStart):
            self._started(event.channel, event.args[0] if event.args else "")
        elif isinstance(event, ChannelDtmfReceived):
            self._keyed(event.channel, event.digit)
        elif isinstance(event, ChannelDestroyed):
            self._gone(event.channel, event.cause)
        elif isinstance(event, ChannelHangupRequest):
            self._hangs_up(event.channel, event.cause)
        elif isinstance(event, StasisEnd):
            self._gone(event.channel, None)
        elif isinstance(event, ChannelStateChange):
            self._state(event.channel)
        elif isinstance(event, PlaybackFinished):
            call = self._calls.get(event.playback.id[:26])
            if call is not None:
                call.playbacks[event.playback.id] = event.playback.state
                call.touch()

    def _find(self, channel: Channel) -> tuple[Call, Leg] | None:
        call = self._calls.get(channel.channelvars.get("RS_CONTACT", ""))
        leg = call.leg_of(channel.id) if call is not None else None
        return (call, leg) if call is not None and leg is not None else None

    def _started(self, channel: Channel, door: str) -> None:
        found = self._find(channel)
        if found is not None:
            call, leg = found
            leg.ours = True
            self._up(call, leg, channel)
            call.touch()
        elif door in STAGES and channel.channelvars.get("RS_CONTACT"):
            finding = next(iter(findings([channel], self._kit.clock)), None)
            if finding is not None:
                self._take_up(finding, ours={channel.id})
        else:
            # A leg whose contact is over: it answered in the moment it was hung up.
            self._spawn_hangup(channel.id)

    def _up(self, call: Call, leg: Leg, channel: Channel) -> None:
        if channel.is_up and not leg.up:
            leg.up, leg.up_at = True, self._kit.now_utc()
            self._kit.book.leg_changed(call, leg)

    def _state(self, channel: Channel) -> None:
        found = self._find(channel)
        if found is not None:
            self._up(*found, channel)
            found[0].touch()

    def _keyed(self, channel: Channel, digit: str) -> None:
        found = self._find(channel)
        if found is not None and found[1].name == "customer":
            found[0].digits = (found[0].digits + digit)[-32:]
            found[0].last_digit_s = self._kit.clock.monotonic()
            found[0].touch()

    def _hangs_up(self, channel: Channel, cause: int) -> None:
        found = self._find(channel)
        if found is not None:
            found[1].cause = cause or found[1].cause

    def _gone(self, channel: Channel, cause: int | None) -> None:
        """The leg has ended. Of who came from the dialplan StasisEnd is the last we hear: we send nobody back there."""
        found = self._find(channel)
        if found is not None and not found[1].gone:
            call, leg = found
            leg.gone, leg.ours, leg.cause = True, False, cause or leg.cause
            self._kit.book.leg_changed(call, leg)
            call.touch()

    # -- a contact's life -----------------------------------------------------------------------------------------

    def _take_up(self, finding: Finding, ours: set[str]) -> None:
        call = finding.call
        for leg in call.legs():
            leg.ours = leg.channel in ours
        self._calls[call.contact] = call
        self._lives[call.contact] = asyncio.create_task(self._live(call), name=f"contact {call.contact}")

    async def _live(self, call: Call) -> None:
        """Run the story until it ends or the leg that began the contact is gone; then release everything."""
        first = call.agent if call.direction == "out" else call.customer
        self._kit.book.began(call)
        for leg in call.legs():
            self._kit.book.leg_changed(call, leg)
        story = asyncio.create_task(self._story(call), name=f"story {call.contact}")
        gone = asyncio.create_task(call.until(lambda: first is None or first.gone or call.dismissed))
        try:
            await asyncio.wait({story, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hung_up = gone.done() and not gone.cancelled()
            await _end(story, gone)
        if hung_up and call.released_by is None:
            call.released_by = "agent" if call.direction == "out" else "customer"
        await self._release(call)

    async def _story(self, call: Call) -> None:
        stages = STAGES[call.direction]
        while call.stage is not Stage.ENDED:
            self._kit.entered(call, call.stage)
            try:
                await self._kit.switch.mark(call, call.stage)
                call.stage = await stages[call.stage](call, self._kit)
            except (AriNotFound, AriConflict) as lost:
                # A channel left while we were acting on it; its own event says which, and decides.
                log.info("contact %s in %s: %s", call.contact, call.stage, lost)
                if not await call.until(lambda: any(leg.gone for leg in call.legs()), 1.0):
                    self._fail(call, lost)
            except AriUnreachable:
                await asyncio.get_running_loop().create_future()  # the next connection adopts this contact anew
            except (AriError, RoutingError, LookupError, ValueError) as wrong:
                self._fail(call, wrong)

    def _fail(self, call: Call, why: Exception) -> None:
        """A story that can't go on lets its parties go instead of keeping them in silence."""
        log.error("contact %s broke in %s", call.contact, call.stage, exc_info=why)
        self._kit.book.noted(call, "contact.broke", {"stage": call.stage, "why": f"{type(why).__name__}: {why}"})
        call.outcome = Outcome.BROKEN
        call.stage = Stage.ENDED

    async def _release(self, call: Call) -> None:
        if call.stage is Stage.TALKING:
            inbound.wrap_up(call, self._kit)
        elif call.seat is not None:
            self._kit.distribution.free_from(call.seat, call.contact, self._after(call))
        self._kit.distribution.leave(call)
        try:
            for leg in call.legs():
                await self._kit.switch.hang_up(call, leg)
            await self._kit.switch.disconnect(call)
            await call.until(lambda: all(leg.gone for leg in call.legs()), RELEASE_S)
        except AriError as lost:
            log.warning("contact %s: not all could be released, the next connection sweeps it: %s", call.contact, lost)
        self._finish(call)

    def _after(self, call: Call) -> AgentState:
        """What the agent does once the contact is over: write it down if there was a talk, else take the next."""
        return AgentState.WRAP_UP if call.served else AgentState.READY

    def _finish(self, call: Call) -> None:
        stage, call.stage = call.stage, Stage.ENDED
        outcome = call.outcome or (Outcome.SERVED if call.served else Outcome.ABANDONED)
        call.outcome = outcome
        self._kit.book.noted(call, "contact.released", {"stage": stage, "by": call.released_by or "system"})
        self._kit.book.ended(call, outcome)
        self._calls.pop(call.contact, None)
        self._lives.pop(call.contact, None)
        for listener in self._kit.listeners:
            listener.call_ended(call, outcome)

    def _spawn_hangup(self, channel: str) -> None:
        task = asyncio.create_task(self._ari.channels.hangup(channel), name=f"orphan {channel}")
        task.add_done_callback(_log_failure)

    # -- gaps -----------------------------------------------------------------------------------------------------

    def _connected(self, gap: Gap | None) -> None:
        """First connection or a later one; events wait until we know what there is."""
        self._early = self._early or []
        before, self._adopting = self._adopting, None
        self._adopting = asyncio.create_task(self._adopt(gap, before), name="adoption")
        self._adopting.add_done_callback(_log_failure)

    async def _adopt(self, gap: Gap | None, before: asyncio.Task[None] | None) -> None:
        """What the switch has now is the truth, and every story starts from it."""
        await _end(before)
        kept = dict(self._calls)
        await _end(*self._lives.values())
        self._lives.clear()
        self._calls.clear()
        channels = await self._ari.channels.list()
        application = await self._ari.applications.get()
        ours = set(application.channel_ids)
        for finding in findings(channels, self._kit.clock, kept):
            kept.pop(finding.call.contact, None)
            self._restore_agent(finding.call)
            self._take_up(finding, ours)
        for call in kept.values():
            self._lost(call)
        await self._sweep(application)
        early, self._early = self._early or [], None
        for event in early:
            self.handle(event)
        log.info("connected to the switch (gap: %s); %d contacts taken up, %d lost", gap, len(self._calls), len(kept))

    def _restore_agent(self, call: Call) -> None:
        distribution = self._kit.distribution
        if call.seat is None or call.agent is None or not distribution.knows(call.seat):
            return
        state = AgentState.TALKING if call.stage is Stage.TALKING else AgentState.RINGING
        try:
            distribution.set_state(call.seat, state, call.contact)
        except RoutingError as odd:
            log.warning("contact %s: %s", call.contact, odd)

    def _lost(self, call: Call) -> None:
        """Its channels went while nobody listened: closed as broken, once."""
        for leg in call.legs():
            if not leg.gone:
                leg.gone = True
                self._kit.book.leg_changed(call, leg)
        if call.served:
            self._kit.book.talk_ended(call)
        if call.seat is not None:
            self._kit.distribution.free_from(call.seat, call.contact, self._after(call))
        self._kit.distribution.leave(call)
        if call.outcome is None and call.stage not in {Stage.RATED, Stage.ENDED}:
            call.outcome = Outcome.BROKEN
        self._finish(call)

    async def _sweep(self, application: Application) -> None:
        """Bridges and channels of ours that belong to no contact any more."""
        for bridge in application.bridge_ids:
            if bridge.endswith("-talk") and bridge.removesuffix("-talk") not in self._calls:
                await self._ari.bridges.destroy(bridge)


async def _end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel and wait; failures of cancelled tasks are logged, never raised into whoever clears up."""
    live = [task for task in tasks if task is not None]
    for task in live:
        task.cancel()
    for result in await asyncio.gather(*live, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a call's task failed", exc_info=result)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.warning("%s: %s", task.get_name(), task.exception())
