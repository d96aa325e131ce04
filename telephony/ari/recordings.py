"""Recordings made through ARI (voicemail, greetings). Calls are recorded by MixMonitor: see docs/recording.md."""

from telephony.ari import operations as op
from telephony.ari.errors import AriNotFound
from telephony.ari.models import LiveRecording
from telephony.ari.rest import Caller


class Recordings:
    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def get(self, name: str) -> LiveRecording:
        """One that is under way. Raises `AriNotFound` if it has ended, or never began."""
        return LiveRecording.from_json(await self._call(op.RECORDING_GET, {"recordingName": name}))

    async def stop(self, name: str) -> bool:
        """Stop and keep what was recorded. False if it had ended already."""
        try:
            await self._call(op.RECORDING_STOP, {"recordingName": name})
        except AriNotFound:
            return False
        return True
