"""The event stream: one WebSocket that comes back by itself, whatever happens to the other end."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable

import aiohttp

from telephony.ari.errors import AriError, AriMalformed, AriRefused
from telephony.ari.events import ApplicationReplaced, Event, parse_event
from telephony.ari.operations import ASTERISK_PING
from telephony.ari.rest import Rest
from telephony.clock import Clock
from telephony.reconnect import Backoff, Gap

log = logging.getLogger(__name__)

_HANDSHAKE_S = 2.0
_HEARTBEAT_S = 5.0
_BREATHE_EVERY = 64  # events between two chances for the rest of the program, when thousands have piled up


class EventStream:
    """Reads events and hands them on in order. `failure` holds the last reason why it is not connected."""

    def __init__(
        self,
        rest: Rest,
        apps: tuple[str, ...],
        clock: Clock,
        *,
        on_event: Callable[[Event], None],
        on_up: Callable[[Gap | None], None],
        on_down: Callable[[], None],
        hear_all: bool = False,
    ) -> None:
        self._rest = rest
        self._apps = apps
        self._hear_all = hear_all
        self._clock = clock
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._lost_at: float | None = None
        self._failing = False
        self.replaced = False
        self.failure: Exception | None = None
        self.unknown: Counter[str] = Counter()
        self.malformed = 0

    async def run(self) -> None:
        """Until cancelled, or until another program has taken the application."""
        backoff = Backoff()
        while not self.replaced:
            try:
                if await self._one_connection():
                    backoff.reset()
            except aiohttp.WSServerHandshakeError as error:
                self._note(_refused(error.status, error.message))
            except AriRefused as error:
                self._note(_refused(error.status, error.reason))
            except (aiohttp.ClientError, AriError, TimeoutError, OSError) as error:
                self._note(error)
            if not self.replaced:
                await backoff.wait()

    async def _one_connection(self) -> bool:
        """True if it had been up, however it ended.

        First a question that changes nothing: a frozen server keeps a connection we gave up and takes it up when it
        thaws, as "another program" that replaces the connection we have by then.
        """
        async with asyncio.timeout(_HANDSHAKE_S):
            await self._rest.call(ASTERISK_PING)
        async with asyncio.timeout(_HANDSHAKE_S):
            socket = await self._rest.session().ws_connect(
                self._rest.events_url(self._apps, hear_all=self._hear_all),
                heartbeat=_HEARTBEAT_S,
                autoclose=True,
                max_msg_size=0,
            )
        self._up()
        try:
            await self._read(socket)
        finally:
            self._lost_at = self._clock.monotonic()
            self._on_down()
            await socket.close()
        return True

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        count = 0
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._take(message.data)
            if self.replaced:
                return
            count += 1
            if count % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)
        reason = socket.exception() or "closed by Asterisk"
        self._note(ConnectionError(str(reason)))

    def _take(self, content: str) -> None:
        try:
            event = parse_event(json.loads(content))
        except (AriMalformed, ValueError) as error:
            self.malformed += 1
            log.error("ARI event refused, the stream goes on: %s; message: %.500s", error, content)
            return
        if isinstance(event, str):
            self.unknown[event] += 1
            return
        if isinstance(event, ApplicationReplaced) and event.app in self._apps:
            self.replaced = True
            log.error("another program connected as ARI application %s: this one stops", event.app)
        self._on_event(event)

    def _up(self) -> None:
        gap = None if self._lost_at is None else Gap(self._lost_at, self._clock.monotonic())
        self.failure, self._failing = None, False
        log.info("ARI events connected%s", f" after {gap.back_at - gap.lost_at:.2f} s" if gap else "")
        self._on_up(gap)

    def _note(self, error: Exception) -> None:
        self.failure = error
        if not self._failing:
            log.warning("ARI events not connected, trying on: %s", str(error) or type(error).__name__)
        self._failing = True


def _refused(status: int, reason: str) -> AriRefused:
    hint = {401: "user or password is wrong", 403: "this user may not"}.get(status, reason)
    return AriRefused(hint, method="GET", path="/events", status=status)
