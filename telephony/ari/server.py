"""The server itself: is it there, which is it, and its global variables."""

from telephony.ari import operations as op
from telephony.ari.channels import checked
from telephony.ari.models import ServerInfo
from telephony.ari.rest import Caller


class Server:
    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def ping(self) -> None:
        """Returns if Asterisk answers, else raises `AriUnreachable`."""
        await self._call(op.ASTERISK_PING)

    async def info(self) -> ServerInfo:
        return ServerInfo.from_json(await self._call(op.ASTERISK_INFO))

    async def set_global(self, name: str, value: str) -> None:
        """Set a global variable of the dialplan; an empty value clears it."""
        checked({name: value})
        await self._call(op.ASTERISK_SET_GLOBAL, variable=name, value=value)
