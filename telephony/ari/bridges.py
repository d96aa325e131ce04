"""Bridges: who hears whom."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from telephony.ari import operations as op
from telephony.ari.channels import media_list, rows
from telephony.ari.errors import AriConflict, AriNotFound
from telephony.ari.models import Bridge, LiveRecording, Playback
from telephony.ari.rest import Caller


class Bridges:
    """All take the bridge's id. A channel may be added only after its own StasisStart."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def list(self) -> tuple[Bridge, ...]:
        return tuple(Bridge.from_json(item) for item in rows(await self._call(op.BRIDGES_LIST)))

    async def get(self, bridge_id: str) -> Bridge:
        return Bridge.from_json(await self._call(op.BRIDGE_GET, _at(bridge_id)))

    async def create(
        self, bridge_id: str, kind: Literal["mixing", "holding"] | str = "mixing", *, name: str | None = None
    ) -> Bridge:
        """Make it, or take the one that is there. `kind` may list more: `mixing,dtmf_events`.

        The id of a bridge that has just been destroyed is taken for some milliseconds more: then it is tried again.
        """
        for pause_s in (0.005, 0.02, 0.1):
            try:
                return Bridge.from_json(await self._call(op.BRIDGE_CREATE, _at(bridge_id), type=kind, name=name))
            except AriConflict:
                try:
                    return await self.get(bridge_id)
                except AriNotFound:
                    await asyncio.sleep(pause_s)
        return Bridge.from_json(await self._call(op.BRIDGE_CREATE, _at(bridge_id), type=kind, name=name))

    async def destroy(self, bridge_id: str) -> bool:
        """Its channels stay in our application, alone. False if it was gone already, which is as good."""
        try:
            await self._call(op.BRIDGE_DESTROY, _at(bridge_id))
        except AriNotFound:
            return False
        return True

    async def add(
        self,
        bridge_id: str,
        *channel_ids: str,
        role: Literal["participant", "announcer"] | None = None,
        mute: bool | None = None,
        absorb_dtmf: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """Put channels in; one that is in another bridge moves here. `role` is for holding bridges."""
        await self._call(
            op.BRIDGE_ADD,
            _at(bridge_id),
            channel=list(channel_ids),
            role=role,
            mute=mute,
            absorbDTMF=absorb_dtmf,
            inhibitConnectedLineUpdates=inhibit_connected_line_updates,
        )

    async def remove(self, bridge_id: str, channel_id: str) -> bool:
        """Take it out; it stays in our application. False if it was not in it (or gone), which is as good."""
        try:
            await self._call(op.BRIDGE_REMOVE, _at(bridge_id), channel=channel_id)
        except (AriNotFound, AriConflict):
            return False
        return True

    async def start_moh(self, bridge_id: str, moh_class: str = "default") -> None:
        await self._call(op.BRIDGE_MOH_START, _at(bridge_id), mohClass=moh_class)

    async def stop_moh(self, bridge_id: str) -> None:
        await self._call(op.BRIDGE_MOH_STOP, _at(bridge_id))

    async def play(
        self, bridge_id: str, media: str | Sequence[str], *, playback_id: str, lang: str | None = None
    ) -> Playback:
        """Play to everyone in it."""
        answer = await self._call(
            op.BRIDGE_PLAY, {"bridgeId": bridge_id, "playbackId": playback_id}, media=media_list(media), lang=lang
        )
        return Playback.from_json(answer)

    async def record(self, bridge_id: str, name: str, *, format: str = "wav") -> LiveRecording:
        """Record the mix. Dear (the bridge must mix), and hold then plays silence: prefer a recording on each leg."""
        answer = await self._call(op.BRIDGE_RECORD, _at(bridge_id), name=name, format=format, ifExists="overwrite")
        return LiveRecording.from_json(answer)


def _at(bridge_id: str) -> dict[str, str]:
    return {"bridgeId": bridge_id}
