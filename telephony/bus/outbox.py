"""A mailbox's memories: what was sent and not acknowledged, what was handled already, how it was answered."""

from collections import OrderedDict
from dataclasses import dataclass

from telephony.bus.envelope import Envelope
from telephony.bus.errors import OutboxFullError

RESEND_S = 0.5
RESEND_MAX_S = 4.0
OUTBOX_LIMIT = 20_000
SEEN_LIMIT = 20_000
ANSWERS_LIMIT = 200  # who asks again does so within a second


@dataclass
class _Waiting:
    envelope: Envelope
    due: float
    pause_s: float = RESEND_S


class Outbox:
    """Durable envelopes until they are acknowledged. Pauses between repeats grow: a long absence stays cheap."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, envelope: Envelope, now: float) -> None:
        if len(self._waiting) >= OUTBOX_LIMIT:
            raise OutboxFullError(f"{OUTBOX_LIMIT} messages wait to be acknowledged; is {envelope.to!r} running?")
        self._waiting[envelope.id] = _Waiting(envelope, now + RESEND_S)

    def settled(self, message_id: str) -> Envelope | None:
        """Take out what was acknowledged or refused; None if it was settled before."""
        waiting = self._waiting.pop(message_id, None)
        return waiting.envelope if waiting else None

    def due(self, now: float) -> list[Envelope]:
        """What to send again now, oldest first."""
        again = [waiting for waiting in self._waiting.values() if waiting.due <= now]
        for waiting in again:
            waiting.pause_s = min(waiting.pause_s * 1.5, RESEND_MAX_S)
            waiting.due = now + waiting.pause_s
        return [waiting.envelope for waiting in again]

    def withdraw(self, to: str) -> int:
        """Forget what is on its way to that process; how many there were."""
        gone = [message_id for message_id, waiting in self._waiting.items() if waiting.envelope.to == to]
        for message_id in gone:
            del self._waiting[message_id]
        return len(gone)

    def hurry(self, now: float) -> None:
        """The hub is back: send everything again at once."""
        for waiting in self._waiting.values():
            waiting.due, waiting.pause_s = now, RESEND_S


class Seen:
    """Ids of messages: in hand (being handled), or, of durable ones, done; the oldest of these are forgotten."""

    def __init__(self, limit: int = SEEN_LIMIT) -> None:
        self._limit = limit
        self._in_hand: set[str] = set()
        self._done: OrderedDict[str, None] = OrderedDict()

    def is_done(self, message_id: str) -> bool:
        return message_id in self._done

    def take(self, message_id: str) -> bool:
        """False if it is being handled at this moment."""
        if message_id in self._in_hand:
            return False
        self._in_hand.add(message_id)
        return True

    def done(self, message_id: str) -> None:
        self._in_hand.discard(message_id)
        self._done[message_id] = None
        while len(self._done) > self._limit:
            self._done.popitem(last=False)

    def forget(self, message_id: str) -> None:
        """It is in hand no more: whatever comes under this id is to be handled."""
        self._in_hand.discard(message_id)


class Answers:
    """What was answered lately, by who asked and the question's id: a question that comes again is not handled again,
    for what it asked for has been done."""

    def __init__(self, limit: int = ANSWERS_LIMIT) -> None:
        self._limit = limit
        self._answers: OrderedDict[tuple[str, str], Envelope] = OrderedDict()

    def add(self, asked: Envelope, answer: Envelope) -> None:
        self._answers[asked.sender, asked.id] = answer
        while len(self._answers) > self._limit:
            self._answers.popitem(last=False)

    def to(self, asked: Envelope) -> Envelope | None:
        return self._answers.get((asked.sender, asked.id))
