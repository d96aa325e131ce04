"""One WebSocket to the switch, over which one page's SIP goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from telephony.websip.errors import SwitchAway

CONNECT_S = 3.0
LONGEST = 65_536


class SwitchSocket:
    """Made by `switch_socket`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: str) -> None:
        """Returns when the system has taken it: so a switch that does not read holds the page back.

        Raises `SwitchAway`.
        """
        try:
            await self._socket.send_str(message)
        except (ConnectionError, aiohttp.ClientError, RuntimeError) as error:
            raise SwitchAway(f"the switch takes nothing more: {error}") from error

    async def receive(self) -> str:
        """The next message. Raises `SwitchAway` when there will be none."""
        frame = await self._socket.receive()
        if frame.type is aiohttp.WSMsgType.TEXT:
            return str(frame.data)
        if frame.type is aiohttp.WSMsgType.BINARY:
            return bytes(frame.data).decode(errors="replace")
        raise SwitchAway("the switch has closed the connection")


@asynccontextmanager
async def switch_socket(url: str) -> AsyncIterator[SwitchSocket]:
    """Connect to the switch's `ws://127.0.0.1:<port>/ws`. Raises `SwitchAway`."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=None)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        try:
            socket = await session.ws_connect(url, protocols=("sip",), max_msg_size=LONGEST, autoping=True)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise SwitchAway(f"no connection to the switch at {url}: {error}") from error
        try:
            if socket.protocol != "sip":
                raise SwitchAway(f"{url} does not speak SIP")
            yield SwitchSocket(socket)
        finally:
            await socket.close()
