"""What the switch tells, noted on the call it belongs to: nothing is decided here, the stories act on it."""

import logging
from datetime import timedelta
from typing import Protocol

from lab_server.floor import playback
from lab_server.floor.adoption import Finding, findings
from lab_server.floor.call import Call, Leg
from lab_server.floor.errands import Errands
from lab_server.floor.kit import Kit
from lab_server.floor.life import STAGES
from lab_server.floor.phone_hold import held_by_phone
from lab_server.floor.refer import refer
from lab_server.floor.tap import DOOR, contact_of, is_tap
from telephony.ari import Channel
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

log = logging.getLogger(__name__)

MOST_KEYS = 32
"""So many keys are kept until somebody asks for them: who keys on and on has said nothing more."""


class Taking(Protocol):
    """The floor, as far as events need it."""

    @property
    def kit(self) -> Kit: ...

    def call(self, contact: str) -> Call | None: ...

    def take_up(self, finding: Finding) -> None:
        """A contact has come: its story begins."""
        ...

    def let_go(self, channel: str) -> None:
        """Hang this channel up, whoever knows it; nobody waits for that."""
        ...


class Events:
    """Everything is noted in the order of arrival; what takes time is one of the `errands`."""

    def __init__(self, floor: Taking, errands: Errands) -> None:
        self._floor = floor
        self._errands = errands

    def handle(self, event: Event) -> None:
        """Note what happened on the call it belongs to. Returns at once."""
        if isinstance(event, StasisStart):
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
        call = self._floor.call(contact_of(name))
        if call is None:
            return
        if isinstance(event, PlaybackFinished):
            call.playbacks[name] = event.playback.state
            for tap in playback.ended(call, self._floor.kit, name, event.playback.state):
                self._floor.let_go(tap)
        else:
            call.recorded[name] = event.recording.state
        call.touch()

    def _find(self, channel: Channel) -> tuple[Call, Leg] | None:
        call = self._floor.call(channel.channelvars.get("RS_CONTACT", ""))
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
        elif door in STAGES and contact and self._floor.call(contact) is None:
            for finding in findings([channel], self._floor.kit.clock):
                self._floor.take_up(finding)
        else:
            # A leg whose contact is over (it answered in the moment it was hung up), or a second call that bears the
            # id of a contact on the line: it must not get into that contact's way.
            log.warning("channel %s is no leg of contact %s: let go", channel.id, contact)
            self._floor.let_go(channel.id)

    def _up(self, event: ChannelEvent) -> None:
        found = self._find(event.channel)
        if found is None or found[1].gone:
            self._rings_late(event.channel)
            return
        call, leg = found
        if event.channel.is_up and not leg.up:
            leg.up, leg.up_at = True, event.at
            self._floor.kit.book.leg_changed(call, leg)
        call.touch()

    def _rings_late(self, channel: Channel) -> None:
        """We rang it and hung it up, and the switch did the second first: it would ring on for nobody."""
        contact = channel.channelvars.get("RS_CONTACT", "")
        if channel.state == "Ringing" and contact and channel.id.startswith(f"{contact}-"):
            log.warning("channel %s rings for nobody any more: let go", channel.id)
            self._floor.let_go(channel.id)

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
        call.last_digit_s = self._floor.kit.clock.monotonic()
        call.touch()

    def _referred(self, event: ChannelTransfer) -> None:
        """A phone sends its call on by itself."""
        found = self._find(event.channel)
        if found is None:
            log.warning("channel %s asks for a transfer, but is no contact's leg", event.channel.id)
            return
        self._errands.run(refer(*found, self._floor.kit, event), f"refer {event.channel.id}")

    def _held(self, event: ChannelHold | ChannelUnhold) -> None:
        """A phone holds its call by itself, or no longer."""
        found = self._find(event.channel)
        if found is not None:
            on = isinstance(event, ChannelHold)
            self._errands.run(held_by_phone(*found, self._floor.kit, on), f"hold of {event.channel.id}")

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
            self._floor.kit.gone(*found, cause)
        elif is_tap(channel.id) and (call := self._floor.call(contact_of(channel.id))) is not None:
            tap = call.taps.pop(channel.id, None)
            if tap is not None:
                tap.gone = True
                call.touch()

    def _tapped(self, channel: str) -> None:
        """What hangs onto a leg takes commands now; nobody needs it any more if its contact does not know it."""
        call = self._floor.call(contact_of(channel))
        tap = call.taps.get(channel) if call is not None else None
        if call is None or tap is None:
            self._floor.let_go(channel)
        else:
            tap.ours = True
            call.touch()
