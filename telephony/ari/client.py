"""The ARI client: events in order, requests with exact errors, and a connection that comes back by itself."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from telephony.ari import declared
from telephony.ari.applications import Applications
from telephony.ari.bridges import Bridges
from telephony.ari.channels import Channels
from telephony.ari.endpoints import Endpoints
from telephony.ari.errors import AriRefused, AriReplaced, AriUnreachable
from telephony.ari.events import Event
from telephony.ari.operations import Operation
from telephony.ari.playbacks import Playbacks
from telephony.ari.recordings import Recordings
from telephony.ari.rest import Rest
from telephony.ari.server import Server
from telephony.ari.stream import EventStream
from telephony.ari.waiter import Expectations, Waiter
from telephony.clock import Clock
from telephony.reconnect import Gap

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)
Handler = Callable[[Event], None]


class AriClient:
    """One program's connection to one Asterisk.

    While the event stream is down every request raises `AriUnreachable` at once, or, with `patience_s`, after having
    waited so long for it to come back. After another program took the application every request raises `AriReplaced`.
    `watch_app` is a second application on the same connection, for phones' registrations: subscribing `app` itself to
    endpoints would bring the events of its own channels twice (`watch_phones`). `hear_all` brings the events of every
    channel and bridge, each once: a channel that is originated and rejected at once is not missed.
    """

    def __init__(
        self,
        base_url: str,
        user: str,
        password: str,
        app: str,
        clock: Clock,
        *,
        patience_s: float = 0.0,
        timeout_s: float = 5.0,
        watch_app: str | None = None,
        hear_all: bool = False,
    ) -> None:
        """`base_url` is like `http://127.0.0.1:8088/ari`."""
        self.app = app
        self.watch_app = watch_app
        self._patience_s = patience_s
        self._rest = Rest(base_url, user, password, timeout_s=timeout_s)
        self._handlers: list[Handler] = []
        self._on_connected: list[Callable[[Gap | None], None]] = []
        self._on_lost: list[Callable[[], None]] = []
        self._expectations = Expectations()
        self._up = asyncio.Event()
        apps = (app,) if watch_app is None else (app, watch_app)
        self._stream = EventStream(
            self._rest,
            apps,
            clock,
            on_event=self._dispatch,
            on_up=self._connected,
            on_down=self._lost,
            hear_all=hear_all,
        )
        self._task: asyncio.Task[None] | None = None
        self.channels = Channels(self, app)
        self.bridges = Bridges(self)
        self.playbacks = Playbacks(self)
        self.recordings = Recordings(self)
        self.endpoints = Endpoints(self)
        self.applications = Applications(self, app)
        self.server = Server(self)

    # -- connection

    async def connect(self, timeout_s: float = 10.0) -> None:
        """Start, and return when the event stream is up (`on_connected(None)` has then been told).

        Raises `AriRefused` if the server does not accept us, `AriUnreachable` if it did not answer in time. The first
        connection only: once connected it reconnects without end.
        """
        if self._task is not None:
            raise RuntimeError("connect() was called before")
        self._task = asyncio.create_task(self._stream.run(), name="ari-events")
        try:
            await self.wait_connected(timeout_s)
        except AriUnreachable as error:
            failure = self._stream.failure
            await self.close()
            if isinstance(failure, AriRefused) and failure.status in (401, 403):
                raise failure from None
            raise AriUnreachable(f"no event stream within {timeout_s:g} s: {failure or error.reason}") from failure

    async def wait_connected(self, timeout_s: float) -> None:
        """Return when connected; raises `AriUnreachable` after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            raise AriUnreachable(f"not connected after {timeout_s:g} s") from None

    async def close(self) -> None:
        """Let go of the connection; channels and bridges stay as they are. No handler is called any more."""
        self._handlers, self._on_connected, self._on_lost = [], [], []
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._up.clear()
        self._expectations.fail_all("the client was closed")
        await self._rest.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    @property
    def replaced(self) -> bool:
        """Another program took our application."""
        return self._stream.replaced

    @property
    def unknown_events(self) -> Counter[str]:
        """How many events of each type came that we do not use."""
        return self._stream.unknown

    @property
    def malformed_events(self) -> int:
        """How many messages were refused (each is in the log)."""
        return self._stream.malformed

    # -- events

    def subscribe(self, handler: Handler) -> Callable[[], None]:
        """Call `handler` with every event, in order; returns what ends it. It must not block; its faults are logged."""
        self._handlers.append(handler)
        return lambda: _discard(self._handlers, handler)

    def on_connected(self, handler: Callable[[Gap | None], None]) -> Callable[[], None]:
        """Call `handler` each time the stream is up, before its first event: with `None` first, then with the gap."""
        self._on_connected.append(handler)
        return lambda: _discard(self._on_connected, handler)

    def on_lost(self, handler: Callable[[], None]) -> Callable[[], None]:
        """Call `handler` when the stream has broken. If `replaced` is true, it will not come back."""
        self._on_lost.append(handler)
        return lambda: _discard(self._on_lost, handler)

    def expect(self, kind: type[E], matches: Callable[[E], bool] | None = None) -> Waiter[E]:
        """Register for the next event of this very type, *before* the act that brings it; then `waiter.wait()`."""
        return self._expectations.expect(kind, matches)

    async def watch_phones(self) -> None:
        """Hear when phones register and vanish (ContactStatusChange, PeerStatusChange). To be repeated after a gap."""
        if self.watch_app is None:
            raise RuntimeError("watch_phones() needs a watch_app: events of our own channels would come twice")
        await self.applications.only(("ContactStatusChange", "PeerStatusChange"), self.watch_app)
        await self.applications.subscribe("endpoint:PJSIP", self.watch_app)

    # -- requests

    async def call(self, operation: Operation, path: dict[str, str] | None = None, **params: Any) -> Any:
        """One request (see `Rest.call`), if we are connected."""
        if self.replaced:
            raise AriReplaced(f"another program is application {self.app} now", method=operation.method)
        if not self.connected:
            await self._wait_patiently(operation)
        return await self._rest.call(operation, path, **params)

    async def resources(self) -> declared.Declared:
        """What the running server declares: (method, path) → parameter names."""
        return await declared.resources(self._rest)

    async def missing(self) -> list[str]:
        """What we use and the running server lacks, in sentences; empty if all is well."""
        return await declared.missing(self._rest)

    async def _wait_patiently(self, operation: Operation) -> None:
        if self._patience_s <= 0:
            raise AriUnreachable("the event stream is down", method=operation.method, path=operation.path)
        await self.wait_connected(self._patience_s)

    # -- from the stream

    def _dispatch(self, event: Event) -> None:
        for handler in tuple(self._handlers):
            _guarded(handler, event)
        self._expectations.offer(event)

    def _connected(self, gap: Gap | None) -> None:
        self._up.set()
        for handler in tuple(self._on_connected):
            _guarded(handler, gap)

    def _lost(self) -> None:
        self._up.clear()
        self._expectations.fail_all("the event stream broke while waiting")
        for handler in tuple(self._on_lost):
            try:
                handler()
            except Exception:
                log.exception("on_lost handler failed; the others are called all the same")


A = TypeVar("A")


def _guarded(handler: Callable[[A], None], argument: A) -> None:
    """A fault in one handler is its owner's: the stream and the other handlers must go on."""
    try:
        handler(argument)
    except Exception:
        log.exception("ARI handler failed on %s; the stream goes on", type(argument).__name__)


def _discard(items: list[A], item: A) -> None:
    if item in items:
        items.remove(item)
