"""`/ws/sip`: a page's SIP, over our own address and behind our own session, to the switch and back.

The page is bound to its seat: what it says is checked message by message (`telephony.websip.message`). Nothing is kept
here but the connection itself, so a web process may die and the page comes back by another one.
"""

import asyncio
import logging
from dataclasses import dataclass

from fastapi import WebSocket, WebSocketDisconnect

from telephony.asterisk.settings import web_user
from telephony.clock import Clock
from telephony.websip.errors import SipRefused, SwitchAway
from telephony.websip.message import LONGEST, checked
from telephony.websip.socket import SwitchSocket, switch_socket
from web.seats import Seated, Seating, own_origin

log = logging.getLogger(__name__)

NO_SESSION, IDLE, TAKEN, TOO_MUCH, REFUSED, SWITCH_AWAY = 4401, 4408, 4409, 4429, 4400, 1013
"""Why the WebSocket is closed, for the page: it comes back by itself after all but the first and the third."""

PING, PONG = "\r\n\r\n", "\r\n"
"""The keep-alive of RFC 5626; answered here, so that the page knows whether anybody is there."""
IDLE_S = 60.0
LOOK_S = 5.0  # so often we ask whether the session still lasts
BURST, PER_S = 60.0, 20.0


@dataclass
class Allowance:
    """A page may send `BURST` messages at once and `PER_S` a second."""

    left: float = BURST
    at_s: float = 0.0

    def take(self, now_s: float) -> bool:
        self.left = min(BURST, self.left + (now_s - self.at_s) * PER_S) - 1
        self.at_s = now_s
        return self.left >= 0


class _Closed(Exception):  # noqa: N818 - it is no error
    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class SipRelay:
    """One for the application; `url` is the switch's WebSocket."""

    def __init__(self, url: str, seating: Seating, clock: Clock) -> None:
        self._url = url
        self._seating = seating
        self._clock = clock
        self._open: dict[str, asyncio.Event] = {}

    async def serve(self, page: WebSocket) -> None:
        """One page's connection, from its beginning to its end."""
        if not own_origin(page) or "sip" not in page.scope.get("subprotocols", ()):
            await page.close()  # before it is accepted: the browser is told 403
            return
        seated = await self._seating.seated(page)
        await page.accept(subprotocol="sip")
        if seated is None:
            await page.close(NO_SESSION, "no session")
            return
        taken = self._take(seated.seat)
        try:
            async with switch_socket(self._url) as switch:
                await self._pass_on(page, switch, seated, taken)
        except _Closed as closed:
            log.info("seat %s: the page's connection ends: %s", seated.seat, closed)
            await _close(page, closed.code, str(closed))
        except SwitchAway as away:
            log.info("seat %s: %s", seated.seat, away)
            await _close(page, SWITCH_AWAY, "the switch is away")
        except WebSocketDisconnect:
            pass
        finally:
            if self._open.get(seated.seat) is taken:
                del self._open[seated.seat]

    def _take(self, seat: str) -> asyncio.Event:
        """The newest page of a seat has it; an older one is told so."""
        if (older := self._open.get(seat)) is not None:
            older.set()
        self._open[seat] = asyncio.Event()
        return self._open[seat]

    async def _pass_on(self, page: WebSocket, switch: SwitchSocket, seated: Seated, taken: asyncio.Event) -> None:
        """Both ways at once, and watch; the first that ends, ends all."""
        heard = _Heard(self._clock.monotonic())
        tasks = [
            asyncio.create_task(self._from_page(page, switch, web_user(seated.seat), heard)),
            asyncio.create_task(_from_switch(page, switch)),
            asyncio.create_task(self._watch(page, seated, heard)),
            asyncio.create_task(_until_taken(taken)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _from_page(self, page: WebSocket, switch: SwitchSocket, user: str, heard: "_Heard") -> None:
        allowance = Allowance(at_s=self._clock.monotonic())
        while True:
            frame = await page.receive()
            if frame["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(frame.get("code", 1005))
            heard.at_s = self._clock.monotonic()
            text = frame.get("text")
            if text is None or len(text) > LONGEST:
                raise _Closed(REFUSED, "no text, or too long")
            if not allowance.take(heard.at_s):
                raise _Closed(TOO_MUCH, "too many messages")
            if text == PING:
                await page.send_text(PONG)
                continue
            try:
                checked(text, user)
            except SipRefused as refused:
                raise _Closed(REFUSED, str(refused)) from refused
            await switch.send(text)

    async def _watch(self, page: WebSocket, seated: Seated, heard: "_Heard") -> None:
        """Raises `_Closed` when the session has ended or belongs to another seat, or when nobody speaks any more."""
        while True:
            await asyncio.sleep(LOOK_S)
            if await self._seating.seated(page) != seated:
                raise _Closed(NO_SESSION, "the session has ended")
            if self._clock.monotonic() - heard.at_s > IDLE_S:
                raise _Closed(IDLE, "nothing was heard")


@dataclass
class _Heard:
    at_s: float


async def _from_switch(page: WebSocket, switch: SwitchSocket) -> None:
    while True:
        await page.send_text(await switch.receive())


async def _until_taken(taken: asyncio.Event) -> None:
    await taken.wait()
    raise _Closed(TAKEN, "another page has this seat")


async def _close(page: WebSocket, code: int, why: str) -> None:
    try:
        await page.close(code, why)
    except RuntimeError:  # it has gone already
        return
