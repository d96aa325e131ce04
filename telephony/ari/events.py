"""The events we use, typed. Everything else Asterisk sends is counted by the stream and left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telephony.ari.errors import AriMalformed
from telephony.ari.fields import Json, number, number_or, part, part_or_none, text, text_or, texts, when
from telephony.ari.models import Bridge, Channel, Endpoint, LiveRecording, Playback


@dataclass(frozen=True, slots=True)
class Event:
    """`app` is the application it was sent to: an event subscribed to twice comes twice, once for each."""

    app: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelEvent(Event):
    """Base of all that happens to one channel, which is shown as it was at that moment."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class StasisStart(ChannelEvent):
    """The channel came into our hands; only now may it be bridged, played to or recorded."""

    args: tuple[str, ...] = ()
    replaces: Channel | None = None


@dataclass(frozen=True, slots=True)
class StasisEnd(ChannelEvent):
    """The channel left our hands: hung up, continued in the dialplan, or replaced."""


@dataclass(frozen=True, slots=True)
class ChannelStateChange(ChannelEvent):
    """Ringing, Up, …"""


@dataclass(frozen=True, slots=True)
class ChannelDtmfReceived(ChannelEvent):
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ChannelHangupRequest(ChannelEvent):
    """The party hung up (or was told to); the channel ends next. `cause` is a Q.850 cause, 0 if none was given."""

    cause: int = 0


@dataclass(frozen=True, slots=True)
class ChannelDestroyed(ChannelEvent):
    """The end, with Q.850 `cause`; `tech_cause` is the SIP status, 0 if there was none."""

    cause: int
    cause_text: str
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class ChannelEnteredBridge(Event):
    bridge: Bridge
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class ChannelLeftBridge(ChannelEvent):
    bridge: Bridge


@dataclass(frozen=True, slots=True)
class BridgeDestroyed(Event):
    bridge: Bridge


@dataclass(frozen=True, slots=True)
class PlaybackStarted(Event):
    playback: Playback


@dataclass(frozen=True, slots=True)
class PlaybackFinished(Event):
    """Check `playback.failed`: a missing or unreadable file shows only there."""

    playback: Playback


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class RecordingFinished(Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class RecordingFailed(Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class Dial(Event):
    """How an originated call goes. `status`: empty, RINGING, PROGRESS, ANSWER, BUSY, NOANSWER, CANCEL, CHANUNAVAIL…"""

    peer: Channel
    caller: Channel | None
    status: str
    dialstring: str


@dataclass(frozen=True, slots=True)
class ChannelTransfer(Event):
    """A phone's REFER, left to us by `PJSIP_TRANSFER_HANDLING()=ari-only`. `channel` is the one whose party asked.

    A blind transfer names `destination`; an attended one names `protocol_id` and, where it is ours,
    `destination_channel`. `connected` is the other party of the transferring channel.
    """

    channel: Channel
    state: str
    destination: str
    protocol_id: str
    destination_channel: Channel | None
    connected: Channel | None
    bridge: Bridge | None
    destination_bridge: Bridge | None


@dataclass(frozen=True, slots=True)
class ChannelHold(ChannelEvent):
    """The party put us on hold."""


@dataclass(frozen=True, slots=True)
class ChannelUnhold(ChannelEvent):
    """The party is back."""


@dataclass(frozen=True, slots=True)
class ChannelTalkingStarted(ChannelEvent):
    """TALK_DETECT: the party began to speak."""


@dataclass(frozen=True, slots=True)
class ChannelTalkingFinished(ChannelEvent):
    """TALK_DETECT: the party stopped after `duration_ms` of speech."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class ContactStatusChange(Event):
    """A phone registered or vanished; `status`: NonQualified, Reachable, Unreachable, Removed, Updated, …"""

    endpoint: Endpoint
    aor: str
    uri: str
    status: str
    roundtrip_us: str = ""


@dataclass(frozen=True, slots=True)
class PeerStatusChange(Event):
    endpoint: Endpoint
    status: str


@dataclass(frozen=True, slots=True)
class ApplicationReplaced(Event):
    """Another program connected as our application: it gets the events from now on. We must stop."""


Read = Callable[[Json, str, datetime], Event]


def _channel(data: Json, name: str = "channel") -> Channel:
    return Channel.from_json(part(data, name))


def _channel_or_none(data: Json, name: str) -> Channel | None:
    inner = part_or_none(data, name)
    return None if inner is None else Channel.from_json(inner)


def _bridge_or_none(data: Json, name: str) -> Bridge | None:
    inner = part_or_none(data, name)
    return None if inner is None else Bridge.from_json(inner)


def _plain(kind: type[ChannelEvent]) -> Read:
    return lambda data, app, at: kind(app, at, _channel(data))


def _stasis_start(data: Json, app: str, at: datetime) -> Event:
    return StasisStart(app, at, _channel(data), texts(data, "args"), _channel_or_none(data, "replace_channel"))


def _dtmf(data: Json, app: str, at: datetime) -> Event:
    return ChannelDtmfReceived(app, at, _channel(data), text(data, "digit"), number_or(data, "duration_ms"))


def _hangup_request(data: Json, app: str, at: datetime) -> Event:
    return ChannelHangupRequest(app, at, _channel(data), number_or(data, "cause"))


def _destroyed(data: Json, app: str, at: datetime) -> Event:
    cause, tech = number(data, "cause"), number_or(data, "tech_cause")
    return ChannelDestroyed(app, at, _channel(data), cause, text(data, "cause_txt"), tech)


def _entered(data: Json, app: str, at: datetime) -> Event:
    return ChannelEnteredBridge(app, at, Bridge.from_json(part(data, "bridge")), _channel_or_none(data, "channel"))


def _left(data: Json, app: str, at: datetime) -> Event:
    return ChannelLeftBridge(app, at, _channel(data), Bridge.from_json(part(data, "bridge")))


def _dial(data: Json, app: str, at: datetime) -> Event:
    peer, caller = _channel(data, "peer"), _channel_or_none(data, "caller")
    return Dial(app, at, peer, caller, text(data, "dialstatus"), text_or(data, "dialstring"))


def _transfer(data: Json, app: str, at: datetime) -> Event:
    to, by = part(data, "refer_to"), part(data, "referred_by")
    wanted = part(to, "requested_destination")
    return ChannelTransfer(
        app,
        at,
        channel=_channel(by, "source_channel"),
        state=text_or(data, "state"),
        destination=text_or(wanted, "destination"),
        protocol_id=text_or(wanted, "protocol_id"),
        destination_channel=_channel_or_none(to, "destination_channel"),
        connected=_channel_or_none(by, "connected_channel"),
        bridge=_bridge_or_none(by, "bridge"),
        destination_bridge=_bridge_or_none(to, "bridge"),
    )


def _contact(data: Json, app: str, at: datetime) -> Event:
    info = part(data, "contact_info")
    return ContactStatusChange(
        app,
        at,
        Endpoint.from_json(part(data, "endpoint")),
        text(info, "aor"),
        text(info, "uri"),
        text(info, "contact_status"),
        text_or(info, "roundtrip_usec"),
    )


def _peer(data: Json, app: str, at: datetime) -> Event:
    return PeerStatusChange(
        app, at, Endpoint.from_json(part(data, "endpoint")), text(part(data, "peer"), "peer_status")
    )


def _playback(kind: type[PlaybackStarted] | type[PlaybackFinished]) -> Read:
    return lambda data, app, at: kind(app, at, Playback.from_json(part(data, "playback")))


def _recording(kind: type[RecordingStarted] | type[RecordingFinished] | type[RecordingFailed]) -> Read:
    return lambda data, app, at: kind(app, at, LiveRecording.from_json(part(data, "recording")))


READERS: dict[str, Read] = {
    "StasisStart": _stasis_start,
    "StasisEnd": _plain(StasisEnd),
    "ChannelStateChange": _plain(ChannelStateChange),
    "ChannelDtmfReceived": _dtmf,
    "ChannelHangupRequest": _hangup_request,
    "ChannelDestroyed": _destroyed,
    "ChannelEnteredBridge": _entered,
    "ChannelLeftBridge": _left,
    "BridgeDestroyed": lambda data, app, at: BridgeDestroyed(app, at, Bridge.from_json(part(data, "bridge"))),
    "PlaybackStarted": _playback(PlaybackStarted),
    "PlaybackFinished": _playback(PlaybackFinished),
    "RecordingStarted": _recording(RecordingStarted),
    "RecordingFinished": _recording(RecordingFinished),
    "RecordingFailed": _recording(RecordingFailed),
    "Dial": _dial,
    "ChannelTransfer": _transfer,
    "ChannelHold": _plain(ChannelHold),
    "ChannelUnhold": _plain(ChannelUnhold),
    "ChannelTalkingStarted": _plain(ChannelTalkingStarted),
    "ChannelTalkingFinished": lambda data, app, at: ChannelTalkingFinished(
        app, at, _channel(data), number(data, "duration")
    ),
    "ContactStatusChange": _contact,
    "PeerStatusChange": _peer,
    "ApplicationReplaced": lambda _data, app, at: ApplicationReplaced(app, at),
}


def parse_event(data: Any) -> Event | str:
    """The event, or the name of its type if it is one we do not use. Raises `AriMalformed` with type and field."""
    if not isinstance(data, dict):
        raise AriMalformed(f"an event should be a JSON object, is {data!r:.200}")
    kind = text(data, "type")
    read = READERS.get(kind)
    if read is None:
        return kind
    try:
        return read(data, text_or(data, "application"), when(data, "timestamp"))
    except AriMalformed as error:
        raise AriMalformed(f"event {kind}: {error.reason}") from None
