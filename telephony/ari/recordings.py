"""Recordings made through ARI (voicemail, greetings). Calls are recorded by MixMonitor: see docs/recording.md."""

from telephony.ari import operations as op
from telephony.ari.errors import AriNotFound
from telephony.ari.rest import Caller


class Recordings:
    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def stop(self, name: str) -> bool:
        """Stop and keep what was recorded. False if it had ended already."""
        try:
            await self._call(op.RECORDING_STOP, {"recordingName": name})
        except AriNotFound:
            return False
        return True
