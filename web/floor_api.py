"""`/api/v1/floor`: commands to the floor and its events, for who is signed in and for programs with a token."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import TypeAdapter, ValidationError

from lab_server.classroom.messages import StartSession
from lab_server.desk.rights import Right
from lab_server.floor.api.answers import BAD_COMMAND, FAILED, NO_RIGHT, NOT_YOURS, SWITCH_AWAY, Answer
from lab_server.floor.api.hearing import may_hear
from lab_server.floor.api.messages import EVENTS_TOPIC, DoOnFloor, FloorAnswer, FloorDataChanged, FloorEvent
from lab_server.ids import new_id
from lab_server.store.errors import DatabaseBusyError
from telephony.bus import BusClient, BusError
from telephony.clock import Clock
from web.access import Access, Visitor, signed_in
from web.own_group import of_own_group
from web.pops import Pops

ANSWER_S = 8.0
KEEP_ALIVE_S = 15.0
MOST_BYTES, LONGEST_KEY = 16_384, 64
SLOW_READER = 500  # so many events may wait for one reader before it is told to begin anew
NOBODY = "floor_away"
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
STATUS = {
    BAD_COMMAND: 422, NO_RIGHT: 403, NOT_YOURS: 403, SWITCH_AWAY: 503, NOBODY: 503, DatabaseBusyError.error_id: 503,
    FAILED: 500,
}  # fmt: skip


class FloorDoor:
    """Asks the brain over the bus, and hears what happens on the floor while `connected`."""

    def __init__(self, address: str, clock: Clock) -> None:
        self._bus = BusClient(address, f"web-api-{os.getpid()}", clock)
        self._listening: set[asyncio.Queue[FloorEvent | None]] = set()
        self.told: list[Callable[[FloorEvent], None]] = []
        """Who else hears every event, whoever listens; neither waits nor fails."""

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

    def data_changed(self) -> None:
        """Rows that the floor reads were changed here: it reads them now, not with its next look."""
        self._bus.post("brain", FloorDataChanged(), durable=True)

    async def begin(self, session_id: str) -> None:
        """Have the classroom run a session whose rows are written: told as soon as there is a brain that hears it."""
        await self._bus.send("brain", StartSession(session=session_id), durable=True)

    async def events(self, visitor: Visitor) -> AsyncIterator[FloorEvent | None]:
        """What the visitor may hear: a student of own contacts, of agents' states and of queues. None: it is quiet.

        Ends for who reads too slowly: he comes again and asks for the state anew.
        """
        queue: asyncio.Queue[FloorEvent | None] = asyncio.Queue(SLOW_READER)
        self._listening.add(queue)
        try:
            yield None
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        event = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                if may_hear(visitor.user.role, visitor.seat, event):
                    yield event
        finally:
            self._listening.discard(queue)

    async def _happened(self, event: FloorEvent, _sender: str) -> None:
        for tell in self.told:
            tell(event)
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
    pops = Pops(access)

    @router.post("")
    async def do(request: Request, who: Watches, idempotency_key: Annotated[str, Header()] = "") -> Response:
        try:
            command = await command_of(request, idempotency_key)
        except _NoCommandError as wrong:
            answer = Answer(error=BAD_COMMAND, message=str(wrong))
        else:
            answer = await door.ask(who, command, idempotency_key)
        return JSONResponse(answer.model_dump(mode="json"), status_of(answer))

    @router.get("/events")
    async def events(who: Watches) -> StreamingResponse:
        """What happens on the floor from now on; first of all `pop`, when one's own phone rings."""
        told = sent(of_own_group(access, who, pops.among(who, door.events(who))))
        return StreamingResponse(access.while_signed_in(who, told), media_type="text/event-stream")

    return router


class _NoCommandError(Exception):
    """What was sent cannot be a command; the text is for people."""


async def command_of(request: Request, key: str) -> dict[str, Any]:
    """The body as the bus can carry it. Nothing large is read twice, and nothing large goes to the brain."""
    if len(key) > LONGEST_KEY:
        raise _NoCommandError(f"Idempotency-Key: at most {LONGEST_KEY} characters.")
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise _NoCommandError(f"command: this is too large: at most {MOST_BYTES // 1024} kB are taken.")
    try:
        return _OBJECT.validate_json(body)
    except ValidationError:
        raise _NoCommandError('command: this is no object in JSON: expected {"do": "…", …}.') from None


def status_of(answer: Answer) -> int:
    """200 if done, else what HTTP calls the reason."""
    if answer.ok:
        return 200
    return STATUS.get(answer.error, 404 if answer.error.startswith("unknown_") else 409)


async def sent(events: AsyncIterator[FloorEvent | None]) -> AsyncIterator[str]:
    """As server-sent events; comments while it is quiet."""
    async with aclosing(events):  # type: ignore[type-var]
        async for event in events:
            yield ": quiet\n\n" if event is None else f"event: {event.event}\ndata: {event.model_dump_json()}\n\n"
