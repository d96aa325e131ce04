"""One process's side of the bus as a state machine without I/O: the clients bring the socket, this the protocol."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from telephony.bus.envelope import MAX_BYTES, PROCESS_NAME, Envelope
from telephony.bus.errors import BusError
from telephony.bus.message import Message
from telephony.bus.outbox import Answers, Outbox, Seen
from telephony.clock import Clock
from telephony.ulids import new_ulid

HELLO_S = 0.5
KNOCK_S = 0.1  # until somebody opens
LOST_S = 2.0
BODY_LIMIT = MAX_BYTES // 4  # a character may take four bytes and more when it is quoted
log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)
Handler = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Delivery:
    """A message that is to be handled now, by this handler."""

    envelope: Envelope
    message: Message
    handler: Handler


class Mailbox:
    """Who listens to what, what waits for an answer, what was handled. Never blocks, owns no socket."""

    def __init__(self, name: str, clock: Clock) -> None:
        if not PROCESS_NAME.fullmatch(name):
            raise BusError(f"process name {name!r}: lower-case letters, digits and dashes, at most 40")
        self.name = name
        self.counts: Counter[str] = Counter()
        self.outbox = Outbox()
        self._clock = clock
        self._seen = Seen()
        self._answers = Answers()
        self._handlers: dict[str, tuple[type[Message], Handler]] = {}
        self._topics: set[str] = set()
        self._hub = ""
        self._hub_seen = float("-inf")
        self._hello_due = float("-inf")

    def on(self, message_type: type[M], handler: Handler) -> None:
        self._handlers[message_type.kind()] = (message_type, handler)

    def subscribe(self, topic: str) -> None:
        self._topics.add(topic)
        self._hello_due = float("-inf")

    def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)
        self._hello_due = float("-inf")

    @property
    def connected(self) -> bool:
        """Whether the hub has answered lately."""
        return self._clock.monotonic() - self._hub_seen < LOST_S

    def outgoing(self, to: str, message: Message, durable: bool = False, reply_to: str = "") -> Envelope:
        if durable and "/" in to:
            raise BusError(
                f"a message to the topic {to!r} cannot be durable: nobody in particular would acknowledge it"
            )
        body = message.model_dump_json()
        if len(body) > BODY_LIMIT:
            raise BusError(f"a {message.kind()} of {len(body)} characters; at most {BODY_LIMIT} travel on the bus")
        envelope = Envelope(
            type="message",
            id=self._new_id(),
            sender=self.name,
            to=to,
            kind=message.kind(),
            body=body,
            durable=durable,
            reply_to=reply_to,
        )
        if durable:
            self.outbox.add(envelope, self._clock.monotonic())
        return envelope

    def due(self) -> list[Envelope]:
        """What must go out now: the sign of life, and durable messages nobody acknowledged."""
        now = self._clock.monotonic()
        again = self.outbox.due(now)
        self.counts["sent again"] += len(again)
        if now < self._hello_due:
            return again
        self._hello_due = now + (HELLO_S if self.connected else KNOCK_S)
        return [self.hello(), *again]

    def hello(self) -> Envelope:
        return Envelope(
            type="hello",
            id=self._new_id(),
            sender=self.name,
            to="hub",
            topics=tuple(sorted(self._topics)),
        )

    def incoming(self, envelope: Envelope) -> Delivery | Envelope | None:
        """A delivery to handle, an envelope to send back, or None when there is nothing to do."""
        if envelope.type == "message":
            return self._message(envelope)
        if envelope.type == "welcome":
            self._welcomed(envelope)
        elif envelope.type == "ack":
            self.outbox.settled(envelope.id)
        elif envelope.type == "refusal":
            self._refused(envelope)
        return None

    def handled(self, delivery: Delivery) -> Envelope | None:
        """The handler has finished: the acknowledgement to send, if one is due."""
        if not delivery.envelope.durable:
            self._seen.forget(delivery.envelope.id)
            return None
        self._seen.done(delivery.envelope.id)
        return self._answer(delivery.envelope)

    def reply(self, delivery: Delivery, message: Message) -> Envelope:
        """The answer to send. It is kept a while: who did not get it asks again."""
        answer = self.outgoing(delivery.envelope.sender, message, reply_to=delivery.envelope.id)
        self._answers.add(delivery.envelope, answer)
        return answer

    def failed(self, delivery: Delivery, error: BaseException) -> None:
        """The handler raised: a durable message is not acknowledged and so comes again."""
        self.counts["failed"] += 1
        self._seen.forget(delivery.envelope.id)
        log.error("%s: handling %s failed", self.name, delivery.envelope.kind, exc_info=error)

    def _message(self, envelope: Envelope) -> Delivery | Envelope | None:
        if envelope.durable and self._seen.is_done(envelope.id):
            return self._answer(envelope)
        if (answered := self._answers.to(envelope)) is not None:
            return answered
        known = self._handlers.get(envelope.kind)
        if known is None:
            self.counts["unknown kind"] += 1
            log.warning("%s: nobody here handles %r from %s", self.name, envelope.kind[:60], envelope.sender)
            return None
        message_type, handler = known
        try:
            message = message_type.model_validate_json(envelope.body)
        except ValidationError as error:
            return self._malformed(envelope, error)
        if not self._seen.take(envelope.id):
            return None
        return Delivery(envelope, message, handler)

    def _malformed(self, envelope: Envelope, error: ValidationError) -> Envelope | None:
        self.counts["malformed"] += 1
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{envelope.kind}.{'.'.join(map(str, first['loc']))}: {first['msg']}"
        log.warning("%s: refused a message from %s: %s", self.name, envelope.sender, reason)
        return (
            envelope.answered("refusal", reason).model_copy(update={"sender": self.name}) if envelope.durable else None
        )

    def _answer(self, envelope: Envelope) -> Envelope:
        return envelope.answered("ack").model_copy(update={"sender": self.name})

    def _refused(self, envelope: Envelope) -> None:
        if self.outbox.settled(envelope.id):
            self.counts["refused"] += 1
            log.error("%s: %s refused our message: %s", self.name, envelope.sender, envelope.body[:500])

    def _welcomed(self, envelope: Envelope) -> None:
        now = self._clock.monotonic()
        if envelope.incarnation != self._hub or not self.connected:
            self.outbox.hurry(now)  # a new hub, or an old one after a gap
        self._hub, self._hub_seen = envelope.incarnation, now

    def _new_id(self) -> str:
        return new_ulid(self._clock.utc())
