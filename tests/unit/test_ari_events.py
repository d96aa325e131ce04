"""Events as Asterisk sends them, and messages that are not what they should be."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from telephony.ari import events as ev
from telephony.ari.errors import AriMalformed
from telephony.ari.events import READERS, parse_event

CHANNEL: dict[str, Any] = {
    "id": "01J-agent-1",
    "name": "PJSIP/1001-00000001",
    "state": "Up",
    "protocol_id": "abc@host",
    "caller": {"name": "王芳", "number": "16312345678"},
    "connected": {"name": "", "number": ""},
    "accountcode": "",
    "dialplan": {"context": "agent-leg", "exten": "s", "priority": 3, "app_name": "Stasis", "app_data": "ringside"},
    "creationtime": "2026-11-22T12:14:32.722+0000",
    "language": "zh-CN",
    "channelvars": {"RS_CONTACT": "01J", "RS_ROLE": ""},
}
BRIDGE: dict[str, Any] = {
    "id": "01J-talk",
    "technology": "simple_bridge",
    "bridge_type": "mixing",
    "bridge_class": "stasis",
    "creator": "Stasis",
    "name": "",
    "channels": ["01J-agent-1"],
    "creationtime": "2026-11-22T12:14:32.737+0000",
    "video_mode": "talker",
}
PLAYBACK = {"id": "p", "media_uri": "sound:x", "target_uri": "channel:c", "language": "en", "state": "failed"}
ENDPOINT = {"technology": "PJSIP", "resource": "1001", "state": "online", "channel_ids": []}
RECORDING = {"name": "r", "format": "wav", "state": "done", "target_uri": "bridge:b"}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    base = {
        "type": kind,
        "application": "ringside",
        "timestamp": "2026-11-22T12:20:00.500+0800",
        "asterisk_id": "02:fc",
    }
    return base | copy.deepcopy(fields)


SAMPLES = [
    event("StasisStart", args=["in"], channel=CHANNEL),
    event("StasisEnd", channel=CHANNEL),
    event("ChannelStateChange", channel=CHANNEL),
    event("ChannelDtmfReceived", channel=CHANNEL, digit="#", duration_ms=100),
    event("ChannelHangupRequest", channel=CHANNEL, cause=16),
    event("ChannelDestroyed", channel=CHANNEL, cause=17, cause_txt="User busy", tech_cause=486),
    event("ChannelEnteredBridge", channel=CHANNEL, bridge=BRIDGE),
    event("ChannelLeftBridge", channel=CHANNEL, bridge=BRIDGE),
    event("BridgeDestroyed", bridge=BRIDGE),
    event("PlaybackStarted", playback=PLAYBACK),
    event("PlaybackFinished", playback=PLAYBACK),
    event("RecordingStarted", recording=RECORDING),
    event("RecordingFinished", recording=RECORDING),
    event("RecordingFailed", recording=RECORDING),
    event("Dial", peer=CHANNEL, dialstatus="RINGING", dialstring="1001"),
    event(
        "ChannelTransfer",
        state="requested",
        refer_to={"requested_destination": {"destination": "1002"}},
        referred_by={"source_channel": CHANNEL, "connected_channel": CHANNEL, "bridge": BRIDGE},
    ),
    event("ChannelHold", channel=CHANNEL),
    event("ChannelUnhold", channel=CHANNEL),
    event("ChannelTalkingStarted", channel=CHANNEL),
    event("ChannelTalkingFinished", channel=CHANNEL, duration=1234),
    event(
        "ContactStatusChange",
        endpoint=ENDPOINT,
        contact_info={"uri": "sip:1001@127.0.0.1", "contact_status": "Reachable", "aor": "1001", "roundtrip_usec": "9"},
    ),
    event("PeerStatusChange", endpoint=ENDPOINT, peer={"peer_status": "Reachable"}),
    event("ApplicationReplaced"),
]


def test_every_event_we_use_has_a_sample() -> None:
    assert sorted(sample["type"] for sample in SAMPLES) == sorted(READERS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["type"])
def test_each_becomes_the_class_of_its_name(sample: dict[str, Any]) -> None:
    parsed = parse_event(sample)
    assert isinstance(parsed, ev.Event)
    assert type(parsed).__name__ == sample["type"]
    assert parsed.app == "ringside"
    assert parsed.at == datetime(2026, 11, 22, 4, 20, 0, 500_000, tzinfo=UTC)


def test_a_channel_shows_who_where_and_its_variables() -> None:
    parsed = parse_event(SAMPLES[0])
    assert isinstance(parsed, ev.StasisStart)
    channel = parsed.channel
    assert (channel.id, channel.caller.name, channel.caller.number) == ("01J-agent-1", "王芳", "16312345678")
    assert (channel.context, channel.exten, channel.protocol_id) == ("agent-leg", "s", "abc@host")
    assert (channel.var("RS_CONTACT"), channel.var("RS_ROLE"), channel.var("RS_LEG")) == ("01J", "", "")
    assert channel.is_up and channel.in_stasis
    assert parsed.args == ("in",)


def test_the_end_of_a_channel_tells_why() -> None:
    parsed = parse_event(SAMPLES[5])
    assert isinstance(parsed, ev.ChannelDestroyed)
    assert (parsed.cause, parsed.cause_text, parsed.tech_cause) == (17, "User busy", 486)


def test_a_failed_playback_is_seen_as_failed() -> None:
    parsed = parse_event(event("PlaybackFinished", playback=PLAYBACK))
    assert isinstance(parsed, ev.PlaybackFinished)
    assert parsed.playback.failed


def test_a_transfer_tells_who_asked_and_where_to() -> None:
    parsed = parse_event(next(sample for sample in SAMPLES if sample["type"] == "ChannelTransfer"))
    assert isinstance(parsed, ev.ChannelTransfer)
    assert (parsed.channel.id, parsed.destination, parsed.destination_channel) == ("01J-agent-1", "1002", None)
    assert parsed.bridge is not None and parsed.bridge.id == "01J-talk"


def test_an_event_we_do_not_use_is_only_named() -> None:
    assert parse_event(event("ChannelDialplan", channel="whatever")) == "ChannelDialplan"


def without(sample: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(sample)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return changed


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ([], "an event should be a JSON object"),
        (None, "an event should be a JSON object"),
        ({}, "field `type` should be text"),
        (event("StasisEnd"), "event StasisEnd: field `channel` should be an object, is None"),
        (event("StasisEnd", channel="c"), "event StasisEnd: field `channel` should be an object, is 'c'"),
        (without(SAMPLES[0], "timestamp"), "event StasisStart: field `timestamp` should be text"),
        (SAMPLES[0] | {"timestamp": "noon"}, "field `timestamp` should be a time with its zone, is 'noon'"),
        (SAMPLES[0] | {"timestamp": "2026-11-22T12:00:00"}, "field `timestamp` has no time zone"),
        (SAMPLES[0] | {"args": "in"}, "field `args` should be a list of texts"),
        (without(SAMPLES[0], "channel", "id"), "event StasisStart: field `id` should be text"),
        (without(SAMPLES[0], "channel", "caller", "number"), "field `number` should be text"),
        (SAMPLES[5] | {"cause": "16"}, "event ChannelDestroyed: field `cause` should be a whole number, is '16'"),
        (SAMPLES[5] | {"cause": True}, "field `cause` should be a whole number, is True"),
        (event("PlaybackFinished", playback={"id": "p"}), "event PlaybackFinished: field `media_uri` should be text"),
    ],
)
def test_a_malformed_message_is_refused_with_its_field(message: Any, reason: str) -> None:
    with pytest.raises(AriMalformed) as caught:
        parse_event(message)
    assert reason in caught.value.reason
