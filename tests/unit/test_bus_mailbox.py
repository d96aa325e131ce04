"""The bus's protocol without a socket: nothing durable is lost, nothing is handled twice, nonsense is refused."""

from datetime import UTC, datetime

import pytest

from telephony.bus import BusError, Message
from telephony.bus.address import checked
from telephony.bus.envelope import Envelope, unpacked
from telephony.bus.errors import BusAddressError, MalformedEnvelopeError, OutboxFullError
from telephony.bus.mailbox import Delivery, Mailbox
from telephony.bus.outbox import OUTBOX_LIMIT, Outbox, Seen


class Rang(Message):
    number: str


class HandClock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def utc(self) -> datetime:
        return datetime.fromtimestamp(1_700_000_000 + self.now, UTC)

    def monotonic(self) -> float:
        return self.now


def pair() -> tuple[Mailbox, Mailbox, HandClock, list[str]]:
    clock = HandClock()
    heard: list[str] = []
    brain, worker = Mailbox("brain", clock), Mailbox("callers-1", clock)
    brain.on(Rang, lambda message, sender: heard.append(f"{sender}:{message.number}"))
    return brain, worker, clock, heard


def handle(mailbox: Mailbox, envelope: Envelope) -> Envelope | None:
    """What a client does with an envelope: run the handler and give back what goes on the wire."""
    result = mailbox.incoming(unpacked(envelope.packed()))
    if not isinstance(result, Delivery):
        return result
    result.handler(result.message, result.envelope.sender)
    return mailbox.handled(result)


def messages(envelopes: list[Envelope]) -> list[Envelope]:
    return [envelope for envelope in envelopes if envelope.type == "message"]


def test_a_durable_message_is_repeated_until_acknowledged_and_handled_once() -> None:
    brain, worker, clock, heard = pair()
    sent = worker.outgoing("brain", Rang(number="163"), durable=True)
    assert messages(worker.due()) == []
    clock.now += 0.6
    assert messages(worker.due()) == [sent]

    first, second = handle(brain, sent), handle(brain, sent)
    assert heard == ["callers-1:163"]
    assert first == second
    assert first is not None
    assert (first.type, first.to) == ("ack", "callers-1")

    worker.incoming(first)
    worker.incoming(first)
    clock.now += 60
    assert messages(worker.due()) == []
    assert len(worker.outbox) == 0


def test_a_handler_that_fails_gets_the_durable_message_again() -> None:
    brain, worker, _, _ = pair()
    sent = worker.outgoing("brain", Rang(number="163"), durable=True)
    delivery = brain.incoming(sent)
    assert isinstance(delivery, Delivery)
    assert brain.incoming(sent) is None, "not twice at the same time"
    brain.failed(delivery, ValueError("database locked"))
    assert isinstance(brain.incoming(sent), Delivery)
    assert brain.counts["failed"] == 1


def test_an_ordinary_message_is_sent_once_and_not_acknowledged() -> None:
    brain, worker, clock, heard = pair()
    assert handle(brain, worker.outgoing("brain", Rang(number="164"))) is None
    clock.now += 60
    assert heard == ["callers-1:164"]
    assert messages(worker.due()) == []


def test_a_body_that_does_not_fit_is_refused_and_not_repeated_for_ever() -> None:
    brain, worker, clock, heard = pair()
    sent = worker.outgoing("brain", Rang(number="163"), durable=True)
    refusal = handle(brain, sent.model_copy(update={"body": '{"number":"163","evil":1}'}))
    assert refusal is not None
    assert refusal.type == "refusal"
    assert "evil" in refusal.body
    worker.incoming(refusal)
    clock.now += 60
    assert (messages(worker.due()), heard) == ([], [])
    assert (brain.counts["malformed"], worker.counts["refused"]) == (1, 1)


def test_a_message_nobody_handles_yet_waits_for_its_handler() -> None:
    clock = HandClock()
    brain, worker, heard = Mailbox("brain", clock), Mailbox("callers-1", clock), []
    sent = worker.outgoing("brain", Rang(number="163"), durable=True)
    assert brain.incoming(sent) is None
    assert brain.counts["unknown kind"] == 1
    brain.on(Rang, lambda message, sender: heard.append(message.number))
    assert handle(brain, sent) is not None
    assert heard == ["163"]


def test_pauses_between_repeats_grow_and_a_new_hub_hurries_them() -> None:
    _, worker, clock, _ = pair()
    worker.outgoing("brain", Rang(number="163"), durable=True)
    repeats = 0
    for _ in range(600):
        clock.now += 0.1
        repeats += len(messages(worker.due()))
    assert 15 <= repeats <= 25, "a minute of absence"
    welcome = Envelope(type="welcome", id="x", sender="hub", to="callers-1", incarnation="2")
    worker.incoming(welcome)
    assert len(messages(worker.due())) == 1
    assert worker.connected
    clock.now += 3
    assert not worker.connected


def test_hello_names_every_topic_at_once_after_a_change() -> None:
    _, worker, clock, _ = pair()
    worker.due()
    worker.subscribe("contact/1")
    worker.subscribe("contact/2")
    worker.unsubscribe("contact/1")
    assert [envelope.topics for envelope in worker.due() if envelope.type == "hello"] == [("contact/2",)]
    assert worker.due() == []
    clock.now += 0.5
    assert [envelope.type for envelope in worker.due()] == ["hello"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "envelope"),
        (b"\xff\xfe", "envelope"),
        (b"[]", "envelope"),
        (b'{"type":"message"}', "id"),
        (b'{"type":"order","id":"1","sender":"a","to":"b"}', "type"),
        (b'{"type":"message","id":"1","sender":"a","to":"b","admin":true}', "admin"),
        (b'{"type":"message","id":"1","sender":"a\\n","to":"b"}', "sender"),
        (b"x" * ((1 << 20) + 1), "bytes"),
    ],
)
def test_nonsense_is_refused_with_the_field_at_fault(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedEnvelopeError, match=reason):
        unpacked(data)


def test_topics_are_never_durable_and_giants_never_travel() -> None:
    _, worker, _, _ = pair()
    with pytest.raises(BusError, match="topic"):
        worker.outgoing("contact/1", Rang(number="1"), durable=True)
    with pytest.raises(BusError, match="characters"):
        worker.outgoing("brain", Rang(number="1" * 300_000))


def test_the_outbox_says_when_it_is_full() -> None:
    outbox = Outbox()
    envelope = Envelope(type="message", id="0", sender="a", to="brain", durable=True)
    for number in range(OUTBOX_LIMIT):
        outbox.add(envelope.model_copy(update={"id": str(number)}), 0.0)
    with pytest.raises(OutboxFullError, match="brain"):
        outbox.add(envelope, 0.0)


def test_what_was_seen_is_remembered_up_to_a_limit() -> None:
    seen = Seen(limit=2)
    for name in "abc":
        assert seen.take(name)
        seen.done(name)
    assert [seen.is_done(name) for name in "abc"] == [False, True, True]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ipc://run/bus", "absolute"),
        ("ipc:///" + "a" * 107, "108 bytes"),
        ("ipc:///" + "班" * 36, "109 bytes"),
        ("tcp://127.0.0.1", "expected"),
        ("tcp://127.0.0.1:70000", "expected"),
        ("", "expected"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_the_reason(address: str, reason: str) -> None:
    with pytest.raises(BusAddressError, match=reason):
        checked(address)
    assert checked("ipc:///" + "a" * 106)


@pytest.mark.parametrize("name", ["", "Brain", "a b", "../x", "a" * 41])
def test_a_process_name_is_plain(name: str) -> None:
    with pytest.raises(BusError, match="name"):
        Mailbox(name, HandClock())
