"""Playbacks: what is being played, and stopping it."""

from telephony.ari import operations as op
from telephony.ari.errors import AriNotFound
from telephony.ari.models import Playback
from telephony.ari.rest import Caller


class Playbacks:
    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def get(self, playback_id: str) -> Playback:
        """Raises `AriNotFound` once it has ended."""
        return Playback.from_json(await self._call(op.PLAYBACK_GET, {"playbackId": playback_id}))

    async def stop(self, playback_id: str) -> bool:
        """False if it had ended already, which is as good."""
        try:
            await self._call(op.PLAYBACK_STOP, {"playbackId": playback_id})
        except AriNotFound:
            return False
        return True
