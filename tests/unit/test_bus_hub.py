"""The bus over its real (unix) sockets: routing, topics, restarts of either side."""

import asyncio
import contextlib
import stat
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import zmq

from telephony.bus import BusAddressError, BusClient, Heartbeat, Hub, Message, RequestTimeoutError, SyncBus
from telephony.bus.envelope import Envelope
from telephony.clock import SystemClock

CLOCK = SystemClock()


class Rang(Message):
    number: str


class Ask(Message):
    number: str


class Answer(Message):
    port: int


async def until(condition: Callable[[], object], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.005)


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"ipc://{tmp_path}/bus"


@contextlib.asynccontextmanager
async def running(*parts: Hub | BusClient) -> AsyncIterator[None]:
    for part in parts:
        await part.start()
    try:
        clients = [part for part in parts if isinstance(part, BusClient)]
        await until(lambda: all(client.connected for client in clients))
        yield
    finally:
        for part in reversed(parts):
            await part.close()


async def test_a_message_reaches_the_process_it_names_and_no_other(address: str) -> None:
    hub = Hub(address, CLOCK)
    brain, web, worker = (BusClient(address, name, CLOCK) for name in ("brain", "web", "callers-1"))
    heard: list[tuple[str, str, str]] = []
    for client in (brain, web):
        client.on(Rang, lambda message, sender, at=client.name: heard.append((at, sender, message.number)))
    async with running(hub, brain, web, worker):
        for number in range(200):
            await worker.send("brain", Rang(number=str(number)))
        await until(lambda: len(heard) == 200)
    assert heard == [("brain", "callers-1", str(number)) for number in range(200)]


async def test_a_topic_reaches_those_who_subscribed_until_they_leave(address: str) -> None:
    hub = Hub(address, CLOCK)
    floor, one, two = (BusClient(address, name, CLOCK) for name in ("brain", "callers-1", "robots-1"))
    heard: list[str] = []
    local = hub.endpoint("fleet")
    for end in (one, two, local):
        end.on(Rang, lambda message, sender, at=end.name: heard.append(f"{at}:{message.number}"))
    async with running(hub, floor, one, two):
        one.subscribe("contact/1")
        two.subscribe("contact/2")
        local.subscribe("contact/1")
        one_asked = Ask(number="")
        with contextlib.suppress(RequestTimeoutError):  # a round trip through the hub: the subscriptions are there
            await one.request("fleet", one_asked, Answer, 0.05)
        await floor.send("contact/1", Rang(number="a"))
        await until(lambda: sorted(heard) == ["callers-1:a", "fleet:a"])
        one.unsubscribe("contact/1")
        await until(lambda: "callers-1" not in hub._listeners.get("contact/1", ()))
        await floor.send("contact/1", Rang(number="b"))
        await until(lambda: "fleet:b" in heard)
    assert "callers-1:b" not in heard
    assert not [line for line in heard if line.startswith("robots")]


async def test_durable_reports_survive_the_hub(address: str) -> None:
    brain, worker = BusClient(address, "brain", CLOCK), SyncBus(address, "callers-1", CLOCK)
    heard: list[str] = []
    brain.on(Rang, lambda message, _: heard.append(message.number))
    first, second = Hub(address, CLOCK), Hub(address, CLOCK)
    await first.start()
    await brain.start()

    async def poll() -> None:
        while True:
            worker.poll()
            await asyncio.sleep(0.005)

    polling = asyncio.create_task(poll())
    worker.subscribe("contact/1")
    worker.send("brain", Rang(number="1"), durable=True)
    await until(lambda: heard == ["1"])
    await first.close()
    for number in ("2", "3"):
        worker.send("brain", Rang(number=number), durable=True)
    await second.start()
    await until(lambda: sorted(heard) == ["1", "2", "3"])
    await until(lambda: worker.unacknowledged == 0)
    await until(lambda: "callers-1" in second._listeners.get("contact/1", ()))
    polling.cancel()
    worker.close()
    await brain.close()
    await second.close()


async def test_durable_reports_wait_for_a_receiver_that_is_away(address: str) -> None:
    hub, worker = Hub(address, CLOCK), BusClient(address, "callers-1", CLOCK)
    heard: list[str] = []
    async with running(hub, worker):
        for number in range(50):
            await worker.send("brain", Rang(number=str(number)), durable=True)
        for _ in range(2):  # the brain restarts: the same name again, which the hub hands over
            brain = BusClient(address, "brain", CLOCK)
            brain.on(Rang, lambda message, _: heard.append(message.number))
            await brain.start()
            await until(lambda: worker.unacknowledged == 0)
            await worker.send("brain", Rang(number="again"), durable=True)
            await until(lambda: worker.unacknowledged == 0)
            await brain.close()
    assert sorted(heard) == sorted([*map(str, range(50)), "again", "again"])


async def test_a_failing_handler_is_tried_again_and_stops_nobody(address: str) -> None:
    hub = Hub(address, CLOCK)
    brain, worker = BusClient(address, "brain", CLOCK), BusClient(address, "callers-1", CLOCK)
    tried: list[str] = []

    async def handle(message: Rang, _: str) -> None:
        tried.append(message.number)
        if tried == ["1"]:
            raise RuntimeError("the database is locked")

    brain.on(Rang, handle)
    async with running(hub, brain, worker):
        await worker.send("brain", Rang(number="1"), durable=True)
        await worker.send("brain", Rang(number="2"), durable=True)
        await until(lambda: worker.unacknowledged == 0)
    assert sorted(tried) == ["1", "1", "2"]
    assert brain.counts["failed"] == 1


async def test_a_request_finds_its_answer_in_the_hubs_own_process(address: str) -> None:
    hub, trunk = Hub(address, CLOCK), BusClient(address, "brain", CLOCK)
    hub.endpoint("fleet").on(Ask, lambda message, _: Answer(port=int(message.number)))
    async with running(hub, trunk):
        answers = await asyncio.gather(*(trunk.request("fleet", Ask(number=str(n)), Answer) for n in range(20)))
        assert [answer.port for answer in answers] == list(range(20))
        with pytest.raises(RequestTimeoutError, match="nobody"):
            await trunk.request("nobody", Ask(number="1"), Answer, timeout_s=0.1)


async def test_what_may_take_long_keeps_nobody_waiting(address: str) -> None:
    """A command that waits for the switch must not hold up what the same page says next."""
    hub = Hub(address, CLOCK)
    brain, web = BusClient(address, "brain", CLOCK), BusClient(address, "web", CLOCK)
    go_on = asyncio.Event()

    async def slow(message: Ask, _sender: str) -> Answer:
        if message.number == "slow":
            await go_on.wait()
        return Answer(port=len(message.number))

    brain.on(Ask, slow, in_turn=False)
    async with running(hub, brain, web):
        waiting = asyncio.create_task(web.request("brain", Ask(number="slow"), Answer))
        assert (await web.request("brain", Ask(number="quick"), Answer)).port == 5
        assert not waiting.done()
        go_on.set()
        assert (await waiting).port == 4


async def test_what_takes_long_is_done_once_and_whoever_missed_the_answer_gets_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question is sent again until it is answered. It may be a command, which would be refused the second time."""
    monkeypatch.setattr("telephony.bus.endpoint.ASK_AGAIN_S", 0.02)
    hub = Hub(address, CLOCK)
    brain, web = BusClient(address, "brain", CLOCK), BusClient(address, "web", CLOCK)
    go_on = asyncio.Event()
    handled: list[str] = []

    async def slow(message: Ask, _sender: str) -> Answer:
        handled.append(message.number)
        await go_on.wait()
        return Answer(port=len(handled))

    async with running(hub, brain, web):
        for in_turn in (True, False):
            brain.on(Ask, slow, in_turn=in_turn)
            go_on.clear()
            handled.clear()
            sent = asked_of(brain)
            waiting = asyncio.create_task(web.request("brain", Ask(number="1"), Answer))
            await until(lambda sent=sent: len(sent) >= 3)
            go_on.set()
            assert (await waiting).port == 1
            answers = said_by(brain)
            brain._received(sent[0])
            assert (len(handled), [one.reply_to for one in answers]) == (1, [sent[0].id])


def asked_of(client: BusClient) -> list[Envelope]:
    """The questions that reach it from now on."""
    found: list[Envelope] = []
    receive = client._received

    def received(envelope: Envelope) -> None:
        if envelope.kind == Ask.kind():
            found.append(envelope)
        receive(envelope)

    client._received = received  # type: ignore[method-assign]
    return found


def said_by(client: BusClient) -> list[Envelope]:
    """The messages it sends from now on."""
    found: list[Envelope] = []
    transmit = client._transmit

    def transmitted(envelope: Envelope) -> None:
        if envelope.type == "message":
            found.append(envelope)
        transmit(envelope)

    client._transmit = transmitted  # type: ignore[method-assign]
    return found


async def test_heartbeats_reach_the_supervisor(address: str) -> None:
    hub = Hub(address, CLOCK)
    beats: list[str] = []
    hub.endpoint("supervisor").on(Heartbeat, lambda beat, _: beats.append(beat.process))
    async with running(hub, BusClient(address, "brain", CLOCK, heartbeat=True)):
        await until(lambda: len(beats) >= 2)
    assert set(beats) == {"brain"}


async def test_hostile_bytes_are_counted_and_dropped_while_others_go_on(address: str) -> None:
    hub = Hub(address, CLOCK)
    brain, worker = BusClient(address, "brain", CLOCK), BusClient(address, "callers-1", CLOCK)
    heard: list[str] = []
    brain.on(Rang, lambda message, _: heard.append(message.number))
    with zmq.Context() as context, context.socket(zmq.DEALER) as enemy:
        enemy.setsockopt(zmq.IDENTITY, b"enemy")
        enemy.setsockopt(zmq.LINGER, 0)
        enemy.connect(address)
        async with running(hub, brain, worker):
            forged = b'{"type":"message","id":"1","sender":"callers-1","to":"brain","kind":"Rang","body":"{}"}'
            for data in (b"", b"\x00\xff", b"[" * 5000, forged, forged.replace(b"callers-1", b"enemy")):
                enemy.send(data)
            enemy.send_multipart([b"two", b"frames"])
            await until(lambda: hub.counts["malformed"] == 5 and brain.counts.get("malformed") == 1)
            await worker.send("brain", Rang(number="1"))
            await until(lambda: heard == ["1"])


def mode(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.is_socket() else None


async def test_the_socket_is_its_owners_and_a_living_hub_keeps_it(address: str) -> None:
    path = Path(address.removeprefix("ipc://"))
    hub, thief = Hub(address, CLOCK), Hub(address, CLOCK)
    async with running(hub):
        assert mode(path) == 0o600
        with pytest.raises(BusAddressError, match="another hub"):
            await thief.start()
        await thief.close()
        assert mode(path) == 0o600, "who never listened takes nobody's socket away"
    assert mode(path) is None
    path.parent.joinpath("bus").write_text("left behind")
    async with running(thief):
        assert mode(path) == 0o600


async def test_a_folder_one_may_not_write_to_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(BusAddressError, match="file"):
        await Hub(f"ipc://{tmp_path}/file/bus", CLOCK).start()


def test_polling_without_a_hub_never_blocks_and_loses_nothing(address: str) -> None:
    bus = SyncBus(address, "callers-1", CLOCK, heartbeat=True)
    began = time.monotonic()
    for number in range(100):
        bus.send("brain", Rang(number=str(number)), durable=True)
        bus.poll()
    assert time.monotonic() - began < 1
    assert bus.unacknowledged == 100
    bus.close()
