"""The middle of the bus: one ROUTER socket that knows every process by name and every topic's listeners."""

import asyncio
import contextlib
import logging
import os
from collections import Counter

import zmq
import zmq.asyncio
from ulid import ULID

from telephony.bus.address import checked, ipc_path, refuse_if_in_use
from telephony.bus.client import QUEUE_LIMIT, TEND_S, sent_now
from telephony.bus.endpoint import Endpoint
from telephony.bus.envelope import MAX_BYTES, PROCESS_NAME, Envelope, unpacked
from telephony.bus.errors import BusAddressError, MalformedEnvelopeError
from telephony.bus.mailbox import HELLO_S
from telephony.clock import Clock

FORGET_S = 30 * HELLO_S
log = logging.getLogger(__name__)


class Hub:
    """Routes envelopes; keeps none. What cannot be delivered now is dropped: durable senders send it again.

    `endpoint(name)` gives this very process an end of its own (for `supervisor` and `fleet`). The unix socket is
    readable by its owner only; a `tcp://` address is not authenticated, so bind it to a network of your own.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self._address = checked(address)
        self._clock = clock
        self._incarnation = str(ULID.from_datetime(clock.utc()))
        self._peers: dict[str, float] = {}
        self._topics: dict[str, frozenset[str]] = {}
        self._listeners: dict[str, set[str]] = {}
        self._local: dict[str, LocalEndpoint] = {}
        self._context: zmq.asyncio.Context | None = None
        self._socket: zmq.asyncio.Socket | None = None
        self._loops: list[asyncio.Task[None]] = []
        self.counts: Counter[str] = Counter()

    @property
    def peers(self) -> frozenset[str]:
        """Processes that have shown a sign of life lately."""
        return frozenset(self._peers)

    def endpoint(self, name: str) -> Endpoint:
        """This process's own end under `name`; the same one each time."""
        if name not in self._local:
            self._local[name] = LocalEndpoint(name, self._clock, self)
        return self._local[name]

    async def start(self) -> None:
        """Listen. `BusAddressError` if the address is taken or cannot be made."""
        refuse_if_in_use(self._address)
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.ROUTER_HANDOVER, 1)  # a restarted process takes its name over
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # tell us of unknown names and full queues
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.SNDHWM, QUEUE_LIMIT)
        self._socket.setsockopt(zmq.RCVHWM, QUEUE_LIMIT)
        self._socket.setsockopt(
            zmq.MAXMSGSIZE, 2 * MAX_BYTES
        )  # past it the connection is cut; in between, one envelope is dropped
        try:
            self._bind(self._socket)
        except OSError as error:
            self._socket.close()
            self._context.term()
            self._socket = self._context = None
            raise BusAddressError(
                f"bus address {self._address!r}: {error}; is it free and its folder writable?"
            ) from error
        self._loops = [asyncio.create_task(self._receive()), asyncio.create_task(self._live())]

    async def close(self) -> None:
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for endpoint in self._local.values():
            await endpoint.stop()
        if self._socket is None or self._context is None:
            return  # it never listened: the socket file, if there is one, is another hub's
        self._socket.close()
        self._context.term()
        self._socket = self._context = None
        path = ipc_path(self._address)
        if path is not None:
            path.unlink(missing_ok=True)

    def route(self, envelope: Envelope) -> None:
        """Hand it to the process of that name, else to whoever listens to the topic of that name."""
        if envelope.to in self._local or envelope.to in self._peers:
            self._hand(envelope.to, envelope)
            return
        listeners = self._listeners.get(envelope.to, set())
        if not listeners:
            self.counts["nobody there"] += 1
        for name in tuple(listeners):
            self._hand(name, envelope)

    def listen(self, name: str, topics: frozenset[str]) -> None:
        """From now on `name` listens to exactly these topics."""
        before = self._topics.get(name, frozenset())
        for topic in before - topics:
            self._listeners[topic].discard(name)
            if not self._listeners[topic]:
                del self._listeners[topic]
        for topic in topics - before:
            self._listeners.setdefault(topic, set()).add(name)
        self._topics[name] = topics

    def _bind(self, socket: zmq.asyncio.Socket) -> None:
        path = ipc_path(self._address)
        if path is None:
            socket.bind(self._address)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        before = os.umask(0o177)
        try:
            socket.bind(self._address)
        finally:
            os.umask(before)
        path.chmod(0o600)

    def _hand(self, name: str, envelope: Envelope) -> None:
        local = self._local.get(name)
        if local is not None:
            local.deliver(envelope)
            return
        if self._socket is None:
            return
        error = sent_now(self._socket, [name.encode(), envelope.packed()])
        if isinstance(error, zmq.ZMQError) and error.errno == zmq.EHOSTUNREACH:
            self.counts["nobody there"] += 1
            self._forget(name)
        elif error is not None:
            self.counts["queue full"] += 1

    def _forget(self, name: str) -> None:
        self._peers.pop(name, None)
        self.listen(name, frozenset())
        self._topics.pop(name, None)

    async def _receive(self) -> None:
        assert self._socket is not None  # noqa: S101 (for the type checker; `start` has made it)
        while True:
            frames = await self._socket.recv_multipart()
            try:
                self._arrived(frames)
            except MalformedEnvelopeError as error:
                self.counts["malformed"] += 1
                log.warning("dropped an envelope: %s", error)
            except Exception:  # the hub outlives whatever a peer sends; the cause is in the log
                self.counts["malformed"] += 1
                log.exception("an envelope could not be routed")

    def _arrived(self, frames: list[bytes]) -> None:
        name = frames[0].decode("ascii", "replace")
        if len(frames) != 2 or not PROCESS_NAME.fullmatch(name):
            raise MalformedEnvelopeError(f"{len(frames)} frames from {name[:60]!r}")
        envelope = unpacked(frames[1])
        if envelope.sender != name or name in self._local:
            raise MalformedEnvelopeError(f"{name!r} speaks as {envelope.sender!r}")
        if envelope.type == "hello":
            self._greeted(envelope)
        elif envelope.type == "welcome":
            raise MalformedEnvelopeError(f"{name!r} sent a welcome: only the hub does")
        else:
            self.route(envelope)

    def _greeted(self, envelope: Envelope) -> None:
        name = envelope.sender
        self._peers[name] = self._clock.monotonic()
        self.listen(name, frozenset(envelope.topics))
        welcome = Envelope(type="welcome", id=envelope.id, sender="hub", to=name, incarnation=self._incarnation)
        self._hand(name, welcome)

    async def _live(self) -> None:
        while True:
            for endpoint in self._local.values():
                endpoint.tend()
            limit = self._clock.monotonic() - FORGET_S
            for name in [name for name, seen in self._peers.items() if seen < limit]:
                self._forget(name)
            await asyncio.sleep(TEND_S)


class LocalEndpoint(Endpoint):
    """An end of the bus inside the hub's own process."""

    def __init__(self, name: str, clock: Clock, hub: Hub) -> None:
        super().__init__(name, clock)
        self._hub = hub

    def deliver(self, envelope: Envelope) -> None:
        self._received(envelope)

    def tend(self) -> None:
        self._tend()

    async def stop(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._stop_handling()

    def _transmit(self, envelope: Envelope) -> None:
        if envelope.type == "hello":
            self._hub.listen(self.name, frozenset(envelope.topics))
        else:
            self._hub.route(envelope)
