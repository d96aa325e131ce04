"""Every ARI operation we use. Requests are built from this table, so it cannot drift from the code; a test holds it
against what the running server declares (`declared.py`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` as the server writes it, with `{names}`; `params` go into the query (GET, DELETE) or the body.

    `whole_body` names the one parameter that is the body itself instead of a field in it.
    """

    method: str
    path: str
    params: frozenset[str] = frozenset()
    whole_body: str | None = None


def _op(method: str, path: str, *params: str, whole_body: str | None = None) -> Operation:
    return Operation(method, path, frozenset(params), whole_body)


_CHANNEL = "/channels/{channelId}"
_BRIDGE = "/bridges/{bridgeId}"

CHANNELS_LIST = _op("GET", "/channels")
CHANNEL_GET = _op("GET", _CHANNEL)
CHANNEL_ORIGINATE = _op(
    "POST",
    _CHANNEL,
    "endpoint",
    "app",
    "appArgs",
    "context",
    "extension",
    "priority",
    "callerId",
    "timeout",
    "variables",
    "otherChannelId",
    "originator",
    "formats",
)
CHANNEL_HANGUP = _op("DELETE", _CHANNEL, "reason", "reason_code")
CHANNEL_ANSWER = _op("POST", _CHANNEL + "/answer")
CHANNEL_RING = _op("POST", _CHANNEL + "/ring")
CHANNEL_RING_STOP = _op("DELETE", _CHANNEL + "/ring")
CHANNEL_GET_VAR = _op("GET", _CHANNEL + "/variable", "variable")
CHANNEL_SET_VAR = _op("POST", _CHANNEL + "/variable", "variable", "value")
CHANNEL_CONTINUE = _op("POST", _CHANNEL + "/continue", "context", "extension", "priority")
CHANNEL_MOVE = _op("POST", _CHANNEL + "/move", "app", "appArgs")
CHANNEL_MOH_START = _op("POST", _CHANNEL + "/moh", "mohClass")
CHANNEL_MOH_STOP = _op("DELETE", _CHANNEL + "/moh")
CHANNEL_PLAY = _op("POST", _CHANNEL + "/play/{playbackId}", "media", "lang", "offsetms", "skipms")
CHANNEL_RECORD = _op(
    "POST", _CHANNEL + "/record", "name", "format", "maxDurationSeconds", "maxSilenceSeconds", "ifExists", "beep",
    "terminateOn",
)  # fmt: skip
CHANNEL_SNOOP = _op("POST", _CHANNEL + "/snoop/{snoopId}", "spy", "whisper", "app", "appArgs")
CHANNEL_MUTE = _op("POST", _CHANNEL + "/mute", "direction")
CHANNEL_UNMUTE = _op("DELETE", _CHANNEL + "/mute", "direction")
CHANNEL_HOLD = _op("POST", _CHANNEL + "/hold")
CHANNEL_UNHOLD = _op("DELETE", _CHANNEL + "/hold")
CHANNEL_DTMF = _op("POST", _CHANNEL + "/dtmf", "dtmf", "before", "between", "duration")
CHANNEL_TRANSFER_PROGRESS = _op("POST", _CHANNEL + "/transfer_progress", "states")
CHANNEL_RTP_STATISTICS = _op("GET", _CHANNEL + "/rtp_statistics")

BRIDGES_LIST = _op("GET", "/bridges")
BRIDGE_GET = _op("GET", _BRIDGE)
BRIDGE_CREATE = _op("POST", _BRIDGE, "type", "name")
BRIDGE_DESTROY = _op("DELETE", _BRIDGE)
BRIDGE_ADD = _op(
    "POST", _BRIDGE + "/addChannel", "channel", "role", "absorbDTMF", "mute", "inhibitConnectedLineUpdates"
)
BRIDGE_REMOVE = _op("POST", _BRIDGE + "/removeChannel", "channel")
BRIDGE_MOH_START = _op("POST", _BRIDGE + "/moh", "mohClass")
BRIDGE_MOH_STOP = _op("DELETE", _BRIDGE + "/moh")
BRIDGE_PLAY = _op("POST", _BRIDGE + "/play/{playbackId}", "media", "lang", "offsetms", "skipms")
BRIDGE_RECORD = _op(
    "POST", _BRIDGE + "/record", "name", "format", "maxDurationSeconds", "maxSilenceSeconds", "ifExists", "beep"
)

PLAYBACK_GET = _op("GET", "/playbacks/{playbackId}")
PLAYBACK_STOP = _op("DELETE", "/playbacks/{playbackId}")

RECORDING_GET = _op("GET", "/recordings/live/{recordingName}")
RECORDING_STOP = _op("POST", "/recordings/live/{recordingName}/stop")

ENDPOINTS_BY_TECH = _op("GET", "/endpoints/{tech}")
ENDPOINT_GET = _op("GET", "/endpoints/{tech}/{resource}")

APPLICATION_GET = _op("GET", "/applications/{applicationName}")
APPLICATION_SUBSCRIBE = _op("POST", "/applications/{applicationName}/subscription", "eventSource")
APPLICATION_UNSUBSCRIBE = _op("DELETE", "/applications/{applicationName}/subscription", "eventSource")
APPLICATION_FILTER = _op("PUT", "/applications/{applicationName}/eventFilter", "filter", whole_body="filter")

ASTERISK_SET_GLOBAL = _op("POST", "/asterisk/variable", "variable", "value")
ASTERISK_PING = _op("GET", "/asterisk/ping")
ASTERISK_INFO = _op("GET", "/asterisk/info", "only")


EVENTS = _op("GET", "/events", "app", "subscribeAll")

ALL: tuple[Operation, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
