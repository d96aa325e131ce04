"""The asyncio end of the bus that client and hub share: handlers in order for each sender, replies to requests."""

import asyncio
import inspect
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from pydantic import ValidationError

from telephony.bus.envelope import Envelope
from telephony.bus.errors import BusError, RequestTimeoutError
from telephony.bus.mailbox import Delivery, Mailbox
from telephony.bus.message import Message
from telephony.clock import Clock

PENDING_LIMIT = 5_000
ASK_AGAIN_S = 0.5
log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)
R = TypeVar("R", bound=Message)


class Endpoint(ABC):
    """Send, hear, subscribe. A handler takes (message, sender); what it returns, if a message, is sent as the reply.

    Messages of one sender are handled one after the other in the order of their arrival, those of different senders at
    the same time. (A durable message that had to be sent again may come after a younger one.) A handler that may take
    long can be taken out of that order, so that what its sender says next need not wait for it.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._mailbox = Mailbox(name, clock)
        self._pending: dict[str, deque[Delivery]] = {}
        self._requests: dict[str, asyncio.Future[Envelope]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._out_of_turn: set[str] = set()

    @property
    def name(self) -> str:
        return self._mailbox.name

    @property
    def counts(self) -> dict[str, int]:
        """How often something was dropped, refused, repeated: for the operator and the tests."""
        return dict(self._mailbox.counts)

    @property
    def unacknowledged(self) -> int:
        """Durable messages still on their way."""
        return len(self._mailbox.outbox)

    def on(
        self,
        message_type: type[M],
        handler: Callable[[M, str], Awaitable[Message | None] | Message | None],
        *,
        in_turn: bool = True,
    ) -> None:
        """Hand every message of this type to `handler`; a second call replaces the first.

        Not `in_turn`: each at once, in a task of its own, whatever else its sender has said.
        """
        self._mailbox.on(message_type, handler)
        kind = message_type.kind()
        self._out_of_turn = self._out_of_turn - {kind} if in_turn else self._out_of_turn | {kind}

    def subscribe(self, topic: str) -> None:
        self._mailbox.subscribe(topic)
        self._tend()

    def unsubscribe(self, topic: str) -> None:
        self._mailbox.unsubscribe(topic)
        self._tend()

    async def send(self, to: str, message: Message, durable: bool = False) -> None:
        """Send to a process or a topic. Durable: again and again until its handler has finished there."""
        self.post(to, message, durable)

    def post(self, to: str, message: Message, durable: bool = False) -> None:
        """`send` for those who cannot wait: it never has to."""
        self._transmit(self._mailbox.outgoing(to, message, durable))

    def withdraw(self, to: str) -> int:
        """Send no durable message to that process again: what it was told does not hold for its successor."""
        return self._mailbox.outbox.withdraw(to)

    async def request(self, to: str, message: Message, reply: type[R], timeout_s: float = 2.0) -> R:
        """Ask and wait for the answer; asked again meanwhile, as either way may lose it. Whoever is asked handles it
        once, however long that takes. `RequestTimeoutError`."""
        envelope = self._mailbox.outgoing(to, message)
        future: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._requests[envelope.id] = future
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._asked(envelope, future)
        except TimeoutError as error:
            raise RequestTimeoutError(f"{to!r} did not answer {message.kind()} in {timeout_s:g} s") from error
        finally:
            del self._requests[envelope.id]
        if answer.kind != reply.kind():
            raise BusError(f"{to!r} answered {message.kind()} with {answer.kind}, expected {reply.kind()}")
        try:
            return reply.model_validate_json(answer.body)
        except ValidationError as error:
            raise BusError(f"{to!r} answered {message.kind()} with a malformed {answer.kind}") from error

    async def _asked(self, envelope: Envelope, future: asyncio.Future[Envelope]) -> Envelope:
        while True:
            self._transmit(envelope)
            try:
                return await asyncio.wait_for(asyncio.shield(future), ASK_AGAIN_S)
            except TimeoutError:
                continue

    @abstractmethod
    def _transmit(self, envelope: Envelope) -> None:
        """Put it on the wire now, or drop it if there is none."""

    def _tend(self) -> None:
        """Send what is due: signs of life, repeats."""
        for envelope in self._mailbox.due():
            self._transmit(envelope)

    def _received(self, envelope: Envelope) -> None:
        if envelope.reply_to:
            waiting = self._requests.get(envelope.reply_to)
            if waiting is not None and not waiting.done():
                waiting.set_result(envelope)
            return
        result = self._mailbox.incoming(envelope)
        if isinstance(result, Envelope):
            self._transmit(result)
        elif result is not None:
            self._queue(result)

    def _queue(self, delivery: Delivery) -> None:
        sender = delivery.envelope.sender
        queue = self._pending.get(sender)
        if delivery.envelope.kind in self._out_of_turn:
            self._spawn(self._handle(delivery))
        elif queue is None:
            self._pending[sender] = deque([delivery])
            self._spawn(self._handle_all(sender))
        elif len(queue) < PENDING_LIMIT:
            queue.append(delivery)
        else:
            self._mailbox.failed(delivery, BusError(f"{PENDING_LIMIT} messages of {sender} wait to be handled"))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle_all(self, sender: str) -> None:
        queue = self._pending[sender]
        try:
            while queue:
                await self._handle(queue.popleft())
        finally:
            del self._pending[sender]

    async def _handle(self, delivery: Delivery) -> None:
        try:
            result = delivery.handler(delivery.message, delivery.envelope.sender)
            if inspect.isawaitable(result):
                result = await result
        except Exception as error:  # one bad handler must not stop the others; the mailbox logs it with its cause
            self._mailbox.failed(delivery, error)
            return
        answer = self._mailbox.reply(delivery, result) if isinstance(result, Message) else None
        for envelope in (self._mailbox.handled(delivery), answer):
            if envelope is not None:
                self._transmit(envelope)

    async def _stop_handling(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
