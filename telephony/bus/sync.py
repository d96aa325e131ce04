"""A process's end of the bus without asyncio: `poll` it from a loop that has other things to do."""

import logging
import os
import time
from collections.abc import Callable
from typing import TypeVar

import zmq

from telephony.bus.address import checked
from telephony.bus.client import TEND_S, tune
from telephony.bus.envelope import Envelope, unpacked
from telephony.bus.errors import MalformedEnvelopeError
from telephony.bus.mailbox import HELLO_S, Delivery, Mailbox
from telephony.bus.message import Heartbeat, Message
from telephony.clock import Clock

BATCH = 100
log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)


class SyncBus:
    """The same protocol as `BusClient`. Handlers run inside `poll`, in its thread; nothing here ever blocks."""

    def __init__(self, address: str, name: str, clock: Clock, heartbeat: bool = False) -> None:
        self._mailbox = Mailbox(name, clock)
        self._clock = clock
        self._heartbeat = heartbeat
        self._heartbeat_due = float("-inf")
        self._tend_at = float("-inf")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        tune(self._socket, name)
        self._socket.connect(checked(address))

    @property
    def name(self) -> str:
        return self._mailbox.name

    @property
    def counts(self) -> dict[str, int]:
        return dict(self._mailbox.counts)

    @property
    def connected(self) -> bool:
        return self._mailbox.connected

    @property
    def unacknowledged(self) -> int:
        return len(self._mailbox.outbox)

    def on(self, message_type: type[M], handler: Callable[[M, str], Message | None]) -> None:
        self._mailbox.on(message_type, handler)

    def subscribe(self, topic: str) -> None:
        self._mailbox.subscribe(topic)
        self._tend(self._clock.monotonic())  # at once: what it is about may begin now

    def unsubscribe(self, topic: str) -> None:
        self._mailbox.unsubscribe(topic)

    def send(self, to: str, message: Message, durable: bool = False) -> None:
        """Send to a process or a topic. Durable: again and again, from `poll`, until its handler has finished there."""
        self._transmit(self._mailbox.outgoing(to, message, durable))

    def poll(self) -> None:
        """Handle what has come, at most a hundred messages a time, and send what is due."""
        now = self._clock.monotonic()
        if now >= self._tend_at:
            self._tend(now)
        for _ in range(BATCH):
            if not int(self._socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:  # ten times cheaper than zmq.Again
                return
            self._received(self._socket.recv(zmq.DONTWAIT))

    def close(self, flush_s: float = 0.0) -> None:
        """End it; poll up to `flush_s` for durable messages to be acknowledged first."""
        until = self._clock.monotonic() + flush_s
        while self.unacknowledged and self._clock.monotonic() < until:
            self.poll()
            time.sleep(0.005)
        self._socket.close()
        self._context.term()

    def _tend(self, now: float) -> None:
        self._tend_at = now + TEND_S
        if self._heartbeat and now >= self._heartbeat_due:
            self._heartbeat_due = now + HELLO_S
            self.send("supervisor", Heartbeat(process=self.name, pid=os.getpid()))
        for envelope in self._mailbox.due():
            self._transmit(envelope)

    def _received(self, data: bytes) -> None:
        try:
            result = self._mailbox.incoming(unpacked(data))
        except MalformedEnvelopeError as error:
            self._mailbox.counts["malformed"] += 1
            log.warning("%s: dropped: %s", self.name, error)
            return
        if isinstance(result, Envelope):
            self._transmit(result)
        elif result is not None:
            self._handle(result)

    def _handle(self, delivery: Delivery) -> None:
        try:
            reply = delivery.handler(delivery.message, delivery.envelope.sender)
        except Exception as error:  # one bad handler must not stop the calls; the mailbox logs it with its cause
            self._mailbox.failed(delivery, error)
            return
        answer = self._mailbox.reply(delivery, reply) if isinstance(reply, Message) else None
        for envelope in (self._mailbox.handled(delivery), answer):
            if envelope is not None:
                self._transmit(envelope)

    def _transmit(self, envelope: Envelope) -> None:
        try:
            self._socket.send(envelope.packed(), zmq.DONTWAIT)
        except zmq.Again:
            self._mailbox.counts["not connected"] += 1  # a durable one is repeated, any other was worth one try
