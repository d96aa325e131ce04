"""Snapshots of Asterisk's objects, as the REST interface and the events show them: only the fields we use."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from telephony.ari.fields import Json, number_or, part, part_or_none, text, text_or, texts, when


@dataclass(frozen=True, slots=True)
class CallerId:
    """A party as the switch shows it; both may be empty."""

    name: str = ""
    number: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(text(data, "name"), text(data, "number"))

    def __str__(self) -> str:
        """`"name" <number>`, as `callerId` wants it. Quotes are escaped; the number keeps what a number may hold."""
        name = "".join(c for c in self.name if c.isprintable()).replace("\\", "\\\\").replace('"', '\\"')
        number = "".join(c for c in self.number if c.isascii() and (c.isalnum() or c in "+*#._-"))
        return f'"{name}" <{number}>'


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg. `channelvars` holds those listed in `ari.conf`, the unset ones as empty text."""

    id: str
    name: str
    state: str
    caller: CallerId
    connected: CallerId
    context: str
    exten: str
    priority: int
    created_at: datetime
    protocol_id: str = ""
    language: str = ""
    dialplan_app: str = ""
    channelvars: dict[str, str] = field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        """Answered."""
        return self.state == "Up"

    @property
    def in_stasis(self) -> bool:
        """It is in an ARI application now: commands will not be refused with a conflict."""
        return self.dialplan_app == "Stasis"

    def var(self, name: str) -> str:
        """A channel variable, empty if it is unset or not listed in `ari.conf`."""
        return self.channelvars.get(name, "")

    @classmethod
    def from_json(cls, data: Json) -> Self:
        place = part(data, "dialplan")
        return cls(
            id=text(data, "id"),
            name=text(data, "name"),
            state=text(data, "state"),
            caller=CallerId.from_json(part(data, "caller")),
            connected=CallerId.from_json(part(data, "connected")),
            context=text(place, "context"),
            exten=text(place, "exten"),
            priority=number_or(place, "priority"),
            created_at=when(data, "creationtime"),
            protocol_id=text_or(data, "protocol_id"),
            language=text_or(data, "language"),
            dialplan_app=text_or(place, "app_name"),
            channelvars={name: str(value) for name, value in (part_or_none(data, "channelvars") or {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Bridge:
    id: str
    bridge_type: str
    technology: str
    name: str
    channels: tuple[str, ...]
    created_at: datetime

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            id=text(data, "id"),
            bridge_type=text(data, "bridge_type"),
            technology=text(data, "technology"),
            name=text_or(data, "name"),
            channels=texts(data, "channels"),
            created_at=when(data, "creationtime"),
        )


@dataclass(frozen=True, slots=True)
class Playback:
    """`state`: queued, playing, continuing, done or **failed** (a missing file shows only there)."""

    id: str
    media_uri: str
    target_uri: str
    state: str

    @property
    def failed(self) -> bool:
        return self.state == "failed"

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(text(data, "id"), text(data, "media_uri"), text(data, "target_uri"), text(data, "state"))


@dataclass(frozen=True, slots=True)
class LiveRecording:
    """`state`: queued, recording, paused, done, failed or canceled; `cause` says why it failed."""

    name: str
    format: str
    state: str
    target_uri: str
    cause: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            text(data, "name"),
            text(data, "format"),
            text(data, "state"),
            text(data, "target_uri"),
            text_or(data, "cause"),
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A phone or trunk; `state`: online, offline or unknown; `resource` is its name in pjsip.conf."""

    technology: str
    resource: str
    state: str
    channel_ids: tuple[str, ...]

    @property
    def online(self) -> bool:
        return self.state == "online"

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            text(data, "technology"),
            text(data, "resource"),
            text_or(data, "state", "unknown"),
            texts(data, "channel_ids"),
        )


@dataclass(frozen=True, slots=True)
class Application:
    """What an application holds and listens to: all a restarted program needs to find its calls."""

    name: str
    channel_ids: tuple[str, ...]
    bridge_ids: tuple[str, ...]
    endpoint_ids: tuple[str, ...]
    device_names: tuple[str, ...]
    events_allowed: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            text(data, "name"),
            texts(data, "channel_ids"),
            texts(data, "bridge_ids"),
            texts(data, "endpoint_ids"),
            texts(data, "device_names"),
            tuple(str(rule.get("type")) for rule in data.get("events_allowed", ())),
        )


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Which Asterisk this is; a new `started_at` means that it was restarted and all its calls are gone."""

    version: str
    entity_id: str
    started_at: datetime

    @classmethod
    def from_json(cls, data: Json) -> Self:
        system = part(data, "system")
        return cls(text(system, "version"), text(system, "entity_id"), when(part(data, "status"), "startup_time"))
