"""A floor that only stands there: fifty agents on a break. It answers a page that asks for its state."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.served.full import AGENTS
from lab_server.floor.api.answers import Answer
from lab_server.floor.api.messages import DoOnFloor, FloorAnswer
from telephony.bus.hub import Hub
from telephony.clock import SystemClock

_STATE = {
    "agents": [
        {"seat": str(1001 + at), "state": "not_ready", "reason": "", "contact": None, "for_s": 60.0}
        for at in range(AGENTS)
    ],
    "queues": [], "contacts": [], "conferences": [], "mailboxes": [], "callbacks": [],
}  # fmt: skip


@contextmanager
def still_floor(address: str) -> Iterator[None]:
    """Stands on the bus at that address, in a thread of its own."""
    stop, up = asyncio.Event(), threading.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_stand(address, up, stop)), name="floor")
    thread.start()
    try:
        if not up.wait(10):
            raise RuntimeError("the bus does not come up")
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _stand(address: str, up: threading.Event, stop: asyncio.Event) -> None:
    hub = Hub(address, SystemClock())
    brain = hub.endpoint("brain")
    brain.on(DoOnFloor, lambda _order, _sender: FloorAnswer(answer=Answer(result=_STATE)))
    await hub.start()
    try:
        up.set()
        await stop.wait()
    finally:
        await hub.close()
