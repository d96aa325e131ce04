"""A process's end of the bus in asyncio."""

import asyncio
import contextlib
import logging
import os
from typing import cast

import zmq
import zmq.asyncio

from telephony.bus.address import checked
from telephony.bus.endpoint import Endpoint
from telephony.bus.envelope import MAX_BYTES, Envelope, unpacked
from telephony.bus.errors import MalformedEnvelopeError
from telephony.bus.mailbox import HELLO_S
from telephony.bus.message import Heartbeat
from telephony.clock import Clock

TEND_S = 0.1
QUEUE_LIMIT = 5_000
log = logging.getLogger(__name__)


def tune(socket: zmq.Socket[bytes] | zmq.asyncio.Socket, name: str) -> None:
    """The options both clients use: its name, bounded queues, quick reconnection, nothing queued for an absent hub."""
    socket.setsockopt(zmq.IDENTITY, name.encode())
    socket.setsockopt(zmq.IMMEDIATE, 1)
    socket.setsockopt(zmq.LINGER, 200)
    socket.setsockopt(zmq.SNDHWM, QUEUE_LIMIT)
    socket.setsockopt(zmq.RCVHWM, QUEUE_LIMIT)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
    socket.setsockopt(zmq.MAXMSGSIZE, 2 * MAX_BYTES)


def sent_now(socket: zmq.asyncio.Socket, frames: list[bytes]) -> BaseException | None:
    """Send without waiting; why it could not be sent, or None. (With DONTWAIT the future is settled on return.)"""
    future = cast("asyncio.Future[None]", socket.send_multipart(frames, flags=zmq.DONTWAIT))
    return future.exception() if future.done() else None


class BusClient(Endpoint):
    """Connects when it can: `start` does not wait for the hub, and a hub that comes back is found by itself.

    `heartbeat`: also send `Heartbeat` to `supervisor` every half second, as long as this loop turns.
    """

    def __init__(self, address: str, name: str, clock: Clock, heartbeat: bool = False) -> None:
        super().__init__(name, clock)
        self._address = checked(address)
        self._heartbeat = heartbeat
        self._context: zmq.asyncio.Context | None = None
        self._socket: zmq.asyncio.Socket | None = None
        self._loops: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether the hub has answered in the last two seconds."""
        return self._mailbox.connected

    async def start(self) -> None:
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.DEALER)
        tune(self._socket, self.name)
        self._socket.connect(self._address)
        self._loops = [asyncio.create_task(self._receive()), asyncio.create_task(self._live())]

    async def close(self, flush_s: float = 0.0) -> None:
        """End it; wait up to `flush_s` for durable messages to be acknowledged first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(flush_s):
                while self.unacknowledged:  # noqa: ASYNC110 (an acknowledgement is seen by the mailbox, which has no events)
                    await asyncio.sleep(0.01)
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._stop_handling()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._context is not None:
            self._context.term()
            self._context = None

    def _transmit(self, envelope: Envelope) -> None:
        if self._socket is None:
            return
        if sent_now(self._socket, [envelope.packed()]) is not None:
            self._mailbox.counts["not connected"] += 1  # a durable one is repeated, any other was worth one try

    async def _receive(self) -> None:
        assert self._socket is not None  # noqa: S101 (for the type checker; `start` has made it)
        while True:
            data = await self._socket.recv()
            try:
                envelope = unpacked(data)
            except MalformedEnvelopeError as error:
                self._mailbox.counts["malformed"] += 1
                log.warning("%s: dropped: %s", self.name, error)
                continue
            self._received(envelope)

    async def _live(self) -> None:
        rounds = 0
        while True:
            self._tend()
            if self._heartbeat and rounds % round(HELLO_S / TEND_S) == 0:
                await self.send("supervisor", Heartbeat(process=self.name, pid=os.getpid()))
            rounds += 1
            await asyncio.sleep(TEND_S)
