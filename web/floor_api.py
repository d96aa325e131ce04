"""`/api/v1/floor`: commands to the floor and its events, for who is signed in and for programs with a token."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Response
from fastapi.responses import JSONResponse, StreamingResponse

from lab_server.desk.rights import Right
from lab_server.floor.api.answers import BAD_COMMAND, NO_RIGHT, NOT_YOURS, SWITCH_AWAY, Answer
from lab_server.floor.api.hearing import may_hear
from lab_server.floor.api.messages import EVENTS_TOPIC, DoOnFloor, FloorAnswer, FloorEvent
from lab_server.ids import new_id
from lab_server.store.errors import DatabaseBusyError
from telephony.bus import BusClient, BusError
from telephony.clock import Clock
from web.access import Access, Visitor, signed_in

ANSWER_S = 8.0
KEEP_ALIVE_S = 15.0
SLOW_READER = 500  # so many events may wait for one reader before it is told to begin anew
NOBODY = "floor_away"
STATUS = {
    BAD_COMMAND: 422, NO_RIGHT: 403, NOT_YOURS: 403, SWITCH_AWAY: 503, NOBODY: 503, DatabaseBusyError.error_id: 503,
}  # fmt: skip


class FloorDoor:
    """Asks the brain over the bus, and hears what happens on the floor while `connected`."""

    def __init__(self, address: str, clock: Clock) -> None:
        self._bus = BusClient(address, f"web-api-{os.getpid()}", clock)
        self._listening: set[asyncio.Queue[FloorEvent | None]] = set()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        self._bus.on(FloorEvent, self._happened)
        await self._bus.start()
        self._bus.subscribe(EVENTS_TOPIC)
        try:
            yield
        finally:
            await self._bus.close()

    async def ask(self, visitor: Visitor, command: dict[str, Any], key: str) -> Answer:
        """The floor's answer; `floor_away` if it gives none in time."""
        user = visitor.user
        message = DoOnFloor(
            user_id=user.id, name=user.name, role=user.role, site_id=user.site_id, seat=visitor.seat,
            key=key or new_id(), command=command,
        )  # fmt: skip
        try:
            return (await self._bus.request("brain", message, FloorAnswer, ANSWER_S)).answer
        except BusError:
            return Answer(error=NOBODY, message="The exchange does not answer just now: try again in a moment.")

    async def events(self, visitor: Visitor) -> AsyncIterator[str]:
        """Server-sent events; a student hears of own contacts, of agents' states and of queues."""
        queue: asyncio.Queue[FloorEvent | None] = asyncio.Queue(SLOW_READER)
        self._listening.add(queue)
        try:
            yield ": the floor\n\n"
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        event = await queue.get()
                except TimeoutError:
                    yield ": quiet\n\n"
                    continue
                if event is None:
                    return  # too slow: the browser comes again and asks for the state anew
                if _may_hear(visitor, event):
                    yield f"event: {event.event}\ndata: {event.model_dump_json()}\n\n"
        finally:
            self._listening.discard(queue)

    async def _happened(self, event: FloorEvent, _sender: str) -> None:
        for queue in list(self._listening):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._listening.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)


def routes(door: FloorDoor, access: Access) -> APIRouter:
    """The two routes below `/api/v1/floor`. Which right a command needs is for the floor to say: these ask for the
    least that everybody has who works on it."""
    router = APIRouter(prefix="/api/v1/floor")
    Watches = Annotated[Visitor, Depends(signed_in(Right.QUEUE_READ))]  # noqa: N806 (a type)

    @router.post("")
    async def do(
        command: Annotated[dict[str, Any], Body()],
        who: Watches,
        idempotency_key: Annotated[str, Header(max_length=64)] = "",
    ) -> Response:
        answer = await door.ask(who, command, idempotency_key)
        return JSONResponse(answer.model_dump(mode="json"), status_of(answer))

    @router.get("/events")
    async def events(who: Watches) -> StreamingResponse:
        return StreamingResponse(access.while_signed_in(who, door.events(who)), media_type="text/event-stream")

    return router


def status_of(answer: Answer) -> int:
    """200 if done, else what HTTP calls the reason."""
    if answer.ok:
        return 200
    return STATUS.get(answer.error, 404 if answer.error.startswith("unknown_") else 409)


def _may_hear(visitor: Visitor, event: FloorEvent) -> bool:
    return may_hear(visitor.user.role, visitor.seat, event)
