"""Channels: the legs of calls."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from telephony.ari import operations as op
from telephony.ari.errors import AriConflict, AriMalformed, AriNotFound, AriRefused
from telephony.ari.fields import text
from telephony.ari.models import CallerId, Channel, LiveRecording, Playback
from telephony.ari.rest import Caller

Direction = Literal["none", "both", "out", "in"]
Reason = Literal[
    "normal", "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "normal_unspecified",
    "number_incomplete", "codec_mismatch", "interworking", "failure", "answered_elsewhere",
]  # fmt: skip


class Channels:
    """All take the channel's id. `AriNotFound`: it is gone; `AriConflict`: it is not in our application now."""

    def __init__(self, caller: Caller, app: str) -> None:
        self._call = caller.call
        self._app = app

    async def list(self) -> tuple[Channel, ...]:
        """Every channel of the switch, ours or not."""
        return tuple(Channel.from_json(item) for item in rows(await self._call(op.CHANNELS_LIST)))

    async def get(self, channel_id: str) -> Channel:
        return Channel.from_json(await self._call(op.CHANNEL_GET, _at(channel_id)))

    async def originate(
        self,
        endpoint: str,
        *,
        channel_id: str,
        app: str | None = None,
        app_args: Sequence[str] = (),
        context: str | None = None,
        exten: str = "s",
        priority: int = 1,
        variables: Mapping[str, str] | None = None,
        caller_id: CallerId | None = None,
        timeout_s: int = 30,
        formats: Sequence[str] = (),
        originator: str | None = None,
        other_channel_id: str | None = None,
    ) -> Channel:
        """Dial `endpoint` (`PJSIP/1001`). Once answered it enters `context`, or where none is given our application.

        Repeating it with the same `channel_id` is harmless: the channel that is there comes back. `variables` are
        taken as text; functions such as `PJSIP_HEADER(add,X-Name)` are allowed as names. `originator` is the id of the
        channel that caused this one. `other_channel_id` names the second half of a Local channel.
        Raises `AriUnavailable` if nothing can be dialled there.
        """
        if context is None:
            place: dict[str, Any] = {"app": app or self._app, "appArgs": ",".join(app_args) or None}
        else:
            place = {"context": context, "extension": exten, "priority": priority}
        try:
            made = await self._call(
                op.CHANNEL_ORIGINATE,
                _at(channel_id),
                endpoint=endpoint,
                callerId=None if caller_id is None else str(caller_id),
                timeout=timeout_s,
                variables=checked(variables) if variables else None,
                formats=",".join(formats) or None,
                originator=originator,
                otherChannelId=other_channel_id,
                **place,
            )
        except AriConflict as conflict:
            try:
                return await self.get(channel_id)
            except AriNotFound:
                raise conflict from None
        return Channel.from_json(made)

    async def hangup(self, channel_id: str, reason: Reason = "normal", *, code: int | None = None) -> bool:
        """End it; `code` (Q.850) goes before `reason`. False if it was gone already, which is as good."""
        wanted: dict[str, str] = {"reason": reason} if code is None else {"reason_code": str(code)}
        try:
            await self._call(op.CHANNEL_HANGUP, _at(channel_id), **wanted)
        except AriNotFound:
            return False
        return True

    async def answer(self, channel_id: str) -> None:
        await self._call(op.CHANNEL_ANSWER, _at(channel_id))

    async def ring(self, channel_id: str) -> None:
        """Let the caller hear ringing."""
        await self._call(op.CHANNEL_RING, _at(channel_id))

    async def ring_stop(self, channel_id: str) -> None:
        await self._call(op.CHANNEL_RING_STOP, _at(channel_id))

    async def set_var(self, channel_id: str, name: str, value: str) -> None:
        """Set a variable; `value` is text and nothing in it is evaluated."""
        checked({name: value})
        await self._call(op.CHANNEL_SET_VAR, _at(channel_id), variable=name, value=value)

    async def get_var(self, channel_id: str, name: str) -> str:
        """Its value. Raises `AriNotFound` if the variable (or the channel) is not there."""
        return text(await self._call(op.CHANNEL_GET_VAR, _at(channel_id), variable=name), "value")

    async def continue_in_dialplan(self, channel_id: str, context: str, exten: str = "s", priority: int = 1) -> None:
        """Leave our application: StasisEnd comes, and the dialplan goes on there."""
        await self._call(op.CHANNEL_CONTINUE, _at(channel_id), context=context, extension=exten, priority=priority)

    async def move(self, channel_id: str, app: str, app_args: Sequence[str] = ()) -> None:
        """Hand it to another ARI application."""
        await self._call(op.CHANNEL_MOVE, _at(channel_id), app=app, appArgs=",".join(app_args) or None)

    async def start_moh(self, channel_id: str, moh_class: str = "default") -> None:
        """Music; it never resumes by itself after something was played."""
        await self._call(op.CHANNEL_MOH_START, _at(channel_id), mohClass=moh_class)

    async def stop_moh(self, channel_id: str) -> None:
        await self._call(op.CHANNEL_MOH_STOP, _at(channel_id))

    async def play(
        self, channel_id: str, media: str | Sequence[str], *, playback_id: str, lang: str | None = None
    ) -> Playback:
        """Play `sound:/absolute/path` (no extension), `digits:12`, `tone:…`, one or several in turn."""
        answer = await self._call(
            op.CHANNEL_PLAY,
            {"channelId": channel_id, "playbackId": playback_id},
            media=media_list(media),
            lang=lang,
        )
        return Playback.from_json(answer)

    async def record(
        self,
        channel_id: str,
        name: str,
        *,
        format: str = "wav",
        beep: bool = False,
        longest_s: int = 0,
        silence_s: int = 0,
        end_key: Literal["none", "any", "*", "#"] = "none",
    ) -> LiveRecording:
        """Record what this party says, into `name` under the recording folder; an old one is overwritten.

        The switch itself ends it after `longest_s`, after `silence_s` without speech (0: never; that silence is cut
        off), or by `end_key`; what was said until the party hangs up is kept.
        """
        answer = await self._call(
            op.CHANNEL_RECORD,
            _at(channel_id),
            name=name,
            format=format,
            beep=beep,
            ifExists="overwrite",
            maxDurationSeconds=longest_s,
            maxSilenceSeconds=silence_s,
            terminateOn=end_key,
        )
        return LiveRecording.from_json(answer)

    async def snoop(
        self,
        channel_id: str,
        *,
        snoop_id: str,
        spy: Direction = "none",
        whisper: Direction = "none",
        app: str | None = None,
        app_args: Sequence[str] = (),
    ) -> Channel:
        """A channel that hears (`spy`) this one and is heard by it (`whisper`). Wait for its own StasisStart.

        Its end is told by StasisEnd only: no ChannelDestroyed comes for a snoop.
        """
        answer = await self._call(
            op.CHANNEL_SNOOP,
            {"channelId": channel_id, "snoopId": snoop_id},
            spy=spy,
            whisper=whisper,
            app=app or self._app,
            appArgs=",".join(app_args) or None,
        )
        return Channel.from_json(answer)

    async def mute(self, channel_id: str, direction: Direction = "both") -> None:
        """`in`: what the party says is dropped; `out`: it hears nothing."""
        await self._call(op.CHANNEL_MUTE, _at(channel_id), direction=direction)

    async def unmute(self, channel_id: str, direction: Direction = "both") -> None:
        await self._call(op.CHANNEL_UNMUTE, _at(channel_id), direction=direction)

    async def hold(self, channel_id: str) -> None:
        """Tell the device that it is held (not music for the other side: that is `start_moh`)."""
        await self._call(op.CHANNEL_HOLD, _at(channel_id))

    async def unhold(self, channel_id: str) -> None:
        await self._call(op.CHANNEL_UNHOLD, _at(channel_id))

    async def dtmf(self, channel_id: str, digits: str, *, between_ms: int = 100, duration_ms: int = 100) -> None:
        """Send keys to the party."""
        await self._call(op.CHANNEL_DTMF, _at(channel_id), dtmf=digits, between=between_ms, duration=duration_ms)

    async def transfer_progress(
        self,
        channel_id: str,
        state: Literal["channel_progress", "channel_answered", "channel_unavailable", "channel_declined"],
    ) -> None:
        """Tell the phone that asked for a transfer how it went."""
        await self._call(op.CHANNEL_TRANSFER_PROGRESS, _at(channel_id), states=state)

    async def rtp_statistics(self, channel_id: str) -> dict[str, Any]:
        """Asterisk's own figures: packets, loss, jitter, round trip of this leg."""
        return dict(await self._call(op.CHANNEL_RTP_STATISTICS, _at(channel_id)))


def _at(channel_id: str) -> dict[str, str]:
    return {"channelId": channel_id}


def rows(data: Any) -> Sequence[Any]:
    """A list, as the server promised."""
    if not isinstance(data, list):
        raise AriMalformed(f"answer should be a list, is {data!r:.200}")
    return data


def media_list(media: str | Sequence[str]) -> Sequence[str]:
    """One or several media URIs. A comma would be read as a separator and play something else: refused."""
    uris = [media] if isinstance(media, str) else [*media]
    for uri in uris:
        if "," in uri or not uri.isprintable() or ":" not in uri:
            raise AriRefused(f"media URI {uri!r} should be like sound:/path/name, without comma or control character")
    return uris


def checked(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables whose names cannot do harm; values are plain text already."""
    for name in variables:
        head, bracket, tail = name.partition("(")
        plain = head.lstrip("_").replace("_", "a").isalnum() and head.isascii()
        if not plain or (bracket and not tail.endswith(")")) or not name.isprintable():
            raise AriRefused(f"{name!r} is not the name of a channel variable")
    return dict(variables)
