"""`/ws/sip`: a page speaks to a real switch as its own seat, while its session lasts, and no faster than people do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from private_pbx import free_ports
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from worker_lab import until

from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock
from web import sip_relay
from web.seats import Seated
from web.sip_relay import IDLE, NO_SESSION, PING, PONG, REFUSED, SWITCH_AWAY, TAKEN, TOO_MUCH, SipRelay

pytestmark = pytest.mark.sip
MESSAGE = "\r\n".join(
    [
        "REGISTER sip:lab.local SIP/2.0",
        "Via: SIP/2.0/WS a1b2.invalid;branch=z9hG4bK%(number)s",
        "Max-Forwards: 70",
        "From: <sip:%(user)s@lab.local>;tag=x1",
        "To: <sip:%(user)s@lab.local>",
        "Call-ID: c%(number)s",
        "CSeq: 1 REGISTER",
        "Contact: <sip:%(user)s@a1b2.invalid;transport=ws>;expires=60",
        "Content-Length: 0",
        "",
        "",
    ]
)


@dataclass
class Chair:
    """A `Seating` by hand: who has the cookie `seat=1001` sits there, unless his session has ended."""

    over: bool = False

    async def seated(self, connection: HTTPConnection) -> Seated | None:
        seat = connection.cookies.get("seat")
        return Seated(seat) if seat and not self.over else None


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[tuple[str, Chair]]:
    """The relay behind a real server; its address."""
    app, chair = FastAPI(), Chair()
    relay = SipRelay(url, chair, SystemClock())

    @app.websocket("/ws/sip")
    async def sip(page: WebSocket) -> None:
        await relay.serve(page)

    port = free_ports(1)[0]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="websockets-sansio", lifespan="off"))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the server")
    try:
        yield f"127.0.0.1:{port}", chair
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def page(host: str, seat: str = "1001", origin: str = "") -> AsyncIterator[ClientConnection]:
    async with connect(
        f"ws://{host}/ws/sip",
        subprotocols=["sip"],  # type: ignore[list-item]
        origin=origin or f"http://{host}",  # type: ignore[arg-type]
        additional_headers={"Cookie": f"seat={seat}"} if seat else {},
        proxy=None,
    ) as socket:
        yield socket


async def closing(socket: ClientConnection) -> int:
    """The code with which it is closed, within ten seconds."""
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            return closed.rcvd.code


def register(number: int, user: str = "1001-web") -> str:
    return MESSAGE % {"number": number, "user": user}


async def test_a_page_and_the_switch_hear_each_other(pbx: Pbx) -> None:
    async with relayed(pbx.settings.web_sip_url) as (host, _), page(host) as socket:
        await socket.send(register(1))
        assert str(await socket.recv()).startswith("SIP/2.0 401")  # the switch itself asks for the password
        await socket.send(PING)
        assert await socket.recv() == PONG


async def test_the_relay_adds_little(pbx: Pbx) -> None:
    async def round_trip_ms(socket: ClientConnection, first: int) -> float:
        taken = []
        for number in range(first, first + 40):
            began_s = time.perf_counter()
            await socket.send(register(number))
            await socket.recv()
            taken.append(time.perf_counter() - began_s)
            await asyncio.sleep(0.05)
        return sorted(taken)[20] * 1000

    url = pbx.settings.web_sip_url
    async with (
        relayed(url) as (host, _),
        page(host) as through,
        connect(url, subprotocols=["sip"], proxy=None) as direct,
    ):  # type: ignore[list-item]
        straight, relayed_ms = await round_trip_ms(direct, 100), await round_trip_ms(through, 200)
    print(f"SIP round trip: {straight:.2f} ms straight, {relayed_ms:.2f} ms through the relay")
    assert relayed_ms - straight < 10


async def test_nobody_speaks_for_another_seat(pbx: Pbx) -> None:
    async with relayed(pbx.settings.web_sip_url) as (host, _):
        for text in (register(1, "1002-web"), register(1, "1001"), "rubbish", "x" * 20_000):
            async with page(host) as socket:
                await socket.send(text)
                assert await closing(socket) == REFUSED


async def test_without_a_session_or_from_a_foreign_page_there_is_nothing(pbx: Pbx) -> None:
    async with relayed(pbx.settings.web_sip_url) as (host, _):
        async with page(host, seat="") as socket:
            assert await closing(socket) == NO_SESSION
        with pytest.raises(InvalidStatus, match="403"):
            async with page(host, origin="https://evil.example"):
                pass


async def test_a_session_that_ends_and_a_page_that_is_silent_are_cut(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_relay, "LOOK_S", 0.1)  # time is what is shortened here, nothing else
    async with relayed(pbx.settings.web_sip_url) as (host, chair):
        async with page(host) as socket:
            chair.over = True
            assert await closing(socket) == NO_SESSION
        chair.over = False
        monkeypatch.setattr(sip_relay, "IDLE_S", 0.3)
        async with page(host) as socket:
            assert await closing(socket) == IDLE


async def test_rubbish_in_masses_is_cut(pbx: Pbx) -> None:
    async with relayed(pbx.settings.web_sip_url) as (host, _), page(host) as socket:
        for _ in range(200):
            try:
                await socket.send(PING)
            except ConnectionClosed:
                break
        assert await closing(socket) == TOO_MUCH


async def test_the_newest_page_of_a_seat_has_it_and_others_are_left_alone(pbx: Pbx) -> None:
    async with relayed(pbx.settings.web_sip_url) as (host, _), page(host) as first, page(host, "1002") as other:
        await first.send(PING)
        assert await first.recv() == PONG
        async with page(host) as second:
            assert await closing(first) == TAKEN
            for socket in (second, other):
                await socket.send(PING)
                assert await socket.recv() == PONG


async def test_a_switch_that_is_away_is_told() -> None:
    async with relayed(f"ws://127.0.0.1:{free_ports(1)[0]}/ws") as (host, _), page(host) as socket:
        assert await closing(socket) == SWITCH_AWAY
