"""The floor as it is now, from the bus to the browsers: who is slow gets the newest picture, no queue of old ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture
from telephony.bus import BusClient
from telephony.clock import Clock

KEEP_ALIVE_S = 15.0


class Live:
    """Hears the floor's pictures while `connected`; `events` is one browser's stream."""

    def __init__(self, address: str, name: str, clock: Clock) -> None:
        self._bus = BusClient(address, name, clock)
        self._picture: FloorPicture | None = None
        self._count = 0
        self._news = asyncio.Condition()

    @property
    def picture(self) -> FloorPicture | None:
        """The newest, None before the first."""
        return self._picture

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Listen on the bus. Works without a hub: nothing comes until there is one."""
        self._bus.on(FloorPicture, self._show)
        await self._bus.start()
        self._bus.subscribe(FLOOR_TOPIC)
        try:
            yield
        finally:
            await self._bus.close()

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events named `floor`: the newest picture at once, then each change; comments when it is quiet."""
        seen = 0
        yield ": the floor\n\n"
        while True:
            if self._picture is not None and self._count > seen:
                seen = self._count
                yield f"event: floor\nid: {seen}\ndata: {self._picture.model_dump_json()}\n\n"
            try:
                async with asyncio.timeout(KEEP_ALIVE_S), self._news:
                    await self._news.wait_for(lambda: self._count > seen)  # noqa: B023 (waited for right here)
            except TimeoutError:
                yield ": quiet\n\n"

    async def _show(self, picture: FloorPicture, _sender: str) -> None:
        async with self._news:
            self._picture = picture
            self._count += 1
            self._news.notify_all()
