"""Webhooks arrive at a real receiver: signed, repeated until they do, to nowhere but where they may go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select
from web_receiver import Receiver, receiving

from lab_server.desk.alerts import open_alerts
from lab_server.floor.api.messages import FloorEvent
from lab_server.store.engine import reading
from lab_server.store.tables import Webhook, WebhookDelivery
from lab_server.store.writer import Reader, Writer
from lab_server.webhooks import addresses
from lab_server.webhooks.errors import WebhookError
from lab_server.webhooks.sender import Sender
from lab_server.webhooks.signing import signed


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path, webhook_hosts=("127.0.0.1", "desk.school.edu")) as made:
        yield made


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest_asyncio.fixture
async def teacher(door: DoorLab) -> AsyncIterator[httpx.AsyncClient]:
    async with door.program(door.person("teacher", "instructor")) as client:
        yield client


async def registered(teacher: httpx.AsyncClient, url: str, *events: str) -> tuple[str, str]:
    """Id and secret."""
    new = {"name": "wall", "url": url + "/hook?a=1", "events": events}
    answer = await teacher.post("/api/v1/webhooks", json=new)
    assert answer.status_code == 200, answer.text
    return answer.json()["webhook"]["id"], answer.json()["secret"]


async def ticket(client: httpx.AsyncClient, title: str = "锅坏了") -> httpx.Response:
    return await client.post("/api/v1/tickets", json={"kind": "fault", "title": title})


async def finds(ask: Callable[[], Awaitable[Any]], what: str) -> Any:
    async with asyncio.timeout(20):
        while not (found := await ask()):  # noqa: ASYNC110 (the answer is another program's)
            await asyncio.sleep(0.02)
    return found


async def told(teacher: httpx.AsyncClient, webhook: str, state: str, count: int = 1) -> list[dict[str, Any]]:
    """The receiver's deliveries, once so many are in that state."""

    async def look() -> list[dict[str, Any]]:
        items = (await teacher.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()["items"]
        return items if sum(one["state"] == state for one in items) >= count else []

    found: list[dict[str, Any]] = await finds(look, state)
    return found


def test_the_signature_is_that_of_the_scheme() -> None:
    """The example of the Standard Webhooks specification."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}',
    )  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_ticket_is_told_signed_and_once(door: DoorLab, teacher: httpx.AsyncClient, receiver: Receiver) -> None:
    webhook, secret = await registered(teacher, receiver.url, "ticket")
    made = (await ticket(teacher)).json()
    assert (await ticket(teacher, "")).status_code == 422
    (came,) = await receiver.has(1)
    assert came.is_signed(secret)
    assert not came.is_signed((await teacher.post(f"/api/v1/webhooks/{webhook}/secret")).json()["secret"])
    assert (came.path, came.headers["host"]) == ("/hook?a=1", receiver.url.removeprefix("http://"))
    assert came.said["type"] == "ticket.opened"
    assert came.said["data"]["ticket"] == made["id"]
    (one,) = await told(teacher, webhook, "delivered")
    assert (one["status"], one["attempts"], one["error"], one["id"]) == (204, 1, "", came.headers["webhook-id"])
    with reading(door.lab.engine) as session:
        assert secret.removeprefix("whsec_") not in str(session.exec(select(Webhook)).one().model_dump())


async def test_it_is_repeated_with_pauses_under_one_id_until_it_arrives(
    door: DoorLab, teacher: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    webhook, secret = await registered(teacher, receiver.url, "ticket")
    await ticket(teacher)
    for tries, pause_s in ((1, 1.5), (2, 3.0)):
        await receiver.has(tries)

        async def tried(tries: int = tries) -> bool:
            items = (await teacher.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()["items"]
            return bool(items[0]["attempts"] == tries and items[0]["state"] == "waiting")

        await finds(tried, "tried")
        door.lab.clock.forward(pause_s)
    (one,) = await told(teacher, webhook, "delivered")
    came = await receiver.has(3)
    assert one["attempts"] == 3
    assert len({request.headers["webhook-id"] for request in came}) == 1
    assert [request.path for request in came] == ["/hook?a=1"] * 3, "nobody follows a redirection"
    assert all(request.is_signed(secret) for request in came)
    again = await teacher.post(f"/api/v1/webhook-deliveries/{one['id']}/send-again")
    assert again.json()["state"] == "waiting"
    assert (await receiver.has(4))[3].headers["webhook-id"] == one["id"]


async def test_who_fails_for_long_is_set_aside_and_somebody_told(
    door: DoorLab, teacher: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 500, 410]
    webhook, _ = await registered(teacher, receiver.url, "ticket")
    await ticket(teacher)
    await receiver.has(1)
    assert (await finds(lambda: failing(teacher, webhook), "failing"))["set_aside_at"] is None
    door.lab.clock.forward(3700)
    await receiver.has(2)
    await finds(lambda: aside(teacher, webhook), "set aside")
    with door.lab.desk(door.lab.staff("admin")) as desk:
        (alert,) = open_alerts(desk)
        assert (alert.kind, alert.args["name"]) == ("webhook_set_aside", "wall")
    await ticket(teacher)
    (one,) = (await teacher.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()["items"]
    refused = await teacher.post(f"/api/v1/webhook-deliveries/{one['id']}/send-again")
    assert (refused.status_code, refused.json()["error"]) == (422, "desk.webhook")
    assert (await teacher.post(f"/api/v1/webhooks/{webhook}/on")).json()["failing_since"] is None
    with door.lab.desk(door.lab.staff("admin")) as desk:
        assert open_alerts(desk) == []
    await ticket(teacher)
    await receiver.has(3)
    await finds(lambda: aside(teacher, webhook), "gone means gone")


async def failing(teacher: httpx.AsyncClient, webhook: str) -> Any:
    one = (await teacher.get(f"/api/v1/webhooks/{webhook}")).json()
    return one if one["failing_since"] else None


async def aside(teacher: httpx.AsyncClient, webhook: str) -> bool:
    return bool((await teacher.get(f"/api/v1/webhooks/{webhook}")).json()["set_aside_at"])


NOWHERE = [
    "http://127.0.0.2/x", "http://localhost/x", "http://2130706433/x", "http://[::1]/", "ftp://127.0.0.1/", "http://",
    "http://169.254.169.254/latest", "http://user:pw@127.0.0.1/", "http://127.0.0.1:99999/", "//127.0.0.1/", "x" * 501,
    "https://desk.school.edu.evil.example/", "https://evil.example/desk.school.edu", "http://127.0.0.1/#x",
    "https://desk.school.edu\n.evil.example/", "http://[127.0.0.1/", "http://127.0.0.1:x/", "https://école.fr/",
]  # fmt: skip


async def test_nothing_goes_where_nobody_said_it_may(teacher: httpx.AsyncClient) -> None:
    for where in NOWHERE:
        answer = await teacher.post("/api/v1/webhooks", json={"name": "x", "url": where, "events": ["pop"]})
        assert answer.status_code == 422, (where, answer.text)
        assert answer.json()["error"] in {"desk.webhook", "bad_request"}


async def test_a_name_that_leads_to_this_machine_is_refused_when_it_is_looked_up() -> None:
    with pytest.raises(WebhookError, match="where webhooks do not go"):
        await addresses.found("http://localhost:8080/", ["localhost"])
    place = await addresses.found("http://localhost:8080/", ["localhost", "127.0.0.0/8", "::1"])
    assert place.host == "localhost"


async def test_what_happens_on_the_floor_is_told_once_though_two_processes_hear_it(
    door: DoorLab, teacher: httpx.AsyncClient, receiver: Receiver, tmp_path: Path
) -> None:
    lab = door.lab
    _, secret = await registered(teacher, receiver.url, "pop", "ended")
    reader, writer = Reader(lab.engine), Writer(lab.engine, clock=lab.clock)
    contact = lab.serve("order")
    number = lab.cases["order"].caller_number
    data = {
        "direction": "in", "number": number, "queue": "order", "stage": "ringing", "offered": ["1001"],
        "legs": [{"leg": "agent-1", "seat": "1001", "answered": False}],
    }  # fmt: skip
    rings = FloorEvent(event="contact", at="2026-11-20T04:00:00+00:00", contact=contact, seats=("1001",), data=data)
    ended = rings.model_copy(update={"event": "ended", "data": {"outcome": "served"}})

    async def site() -> str:
        return lab.site.id

    async with AsyncExitStack() as stack:
        senders = []
        for _ in range(2):
            sender = Sender(reader, writer, lab.clock, tmp_path / "v" / "secrets", ("127.0.0.1",), site)
            await stack.enter_async_context(sender.at_work())
            senders.append(sender)
        await finds(lambda: ready(senders), "they know who wants what")
        for event in (rings, rings, ended):
            for sender in senders:
                sender.heard(event)
        came = await receiver.has(2)
        assert all(one.is_signed(secret) for one in came)
        assert sorted(one.said["type"] for one in came) == ["ended", "pop"]
        pop = next(one.said["data"] for one in came if one.said["type"] == "pop")
        assert (pop["contact"], pop["number"], pop["seat"]) == (contact, number, "1001")
        assert pop["user"]["login"] == lab.student.login
        with reading(lab.engine) as session:
            assert len(session.exec(select(WebhookDelivery)).all()) == 2
    await asyncio.to_thread(writer.close)
    reader.close()


async def ready(senders: list[Sender]) -> bool:
    return all(sender.wants("pop") for sender in senders)
