"""The server itself: is it there, which is it, and the device states (lamps) it keeps for us."""

from typing import Literal

from telephony.ari import operations as op
from telephony.ari.channels import checked, rows
from telephony.ari.errors import AriNotFound
from telephony.ari.models import DeviceState, ServerInfo
from telephony.ari.rest import Caller

Lamp = Literal["UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"]


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

    async def device_states(self) -> tuple[DeviceState, ...]:
        """Those we made (`Stasis:…`)."""
        return tuple(DeviceState.from_json(item) for item in rows(await self._call(op.DEVICE_STATES_LIST)))

    async def set_device_state(self, name: str, state: Lamp) -> None:
        """Light a lamp: `name` must begin with `Stasis:`; a `hint` in the dialplan ties it to a number."""
        await self._call(op.DEVICE_STATE_SET, {"deviceName": name}, deviceState=state)

    async def delete_device_state(self, name: str) -> bool:
        try:
            await self._call(op.DEVICE_STATE_DELETE, {"deviceName": name})
        except AriNotFound:
            return False
        return True
