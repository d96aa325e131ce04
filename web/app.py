"""The web application. `create_app` wires all of it; what it serves is in the modules whose `routes` it takes."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from datasets.origins import origin_of
from lab_server.config import Settings
from lab_server.desk import web_sessions
from lab_server.desk.search import words
from lab_server.seat_pass import SeatPasses
from lab_server.store.engine import open_engine
from lab_server.store.errors import StoreError
from lab_server.store.migrate import upgrade
from lab_server.store.writer import Reader, Writer
from lab_server.tls.names import machine_names
from lab_server.webhooks.sender import Sender
from telephony.clock import Clock
from web import day, floor_api, knowledge, records, setup, start
from web.access import Access
from web.api import routes as api
from web.desk import contact as desk_contact
from web.desk import page as desk_page
from web.door import corner, first, profile, seat, signin, sip_phone
from web.encrypted import Encrypted
from web.failures import add_failures
from web.floor_api import FloorDoor
from web.frame import Frame
from web.instructor import alerts, audit, class_import, classes, people
from web.limits import Limited
from web.live import Live
from web.pages import Pages
from web.phone_pages import pass_routes, phone_routes
from web.practice import call as practice_call
from web.practice import guest as practice_guest
from web.practice import score as practice_score
from web.seats import Seating, SeatingByPass
from web.security import Secured
from web.session_seats import SeatingBySession
from web.sip_relay import SipRelay
from web.trust_pages import trust_routes

log = logging.getLogger(__name__)

_HERE = Path(__file__).parent
SWEEP_S = 30.0
"""So often sessions that have run out are ended, and their seats free."""


def create_app(settings: Settings, clock: Clock, seating: Seating | None = None) -> FastAPI:
    """The application. Nothing connects before it is started; then the tables are brought up to date.

    `seating` says who sits where; None: who has signed in there, or was given a seat's link on this machine.
    """
    engine = open_engine(settings.database)
    reader = Reader(engine)
    writer = Writer(engine, clock=clock, name="web-writer")
    access = Access(settings, reader, writer, clock)
    live = Live(settings.bus_address, f"web-{os.getpid()}", clock)
    door = FloorDoor(settings.bus_address, clock)
    access.floor_reads_changed = door.data_changed
    sender = Sender(reader, writer, clock, settings.secrets, settings.webhook_hosts, access.site)
    door.told.append(sender.heard)
    pages = Pages(settings.language, settings.zone, settings.site_name)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        upgrade(engine)
        warming = asyncio.create_task(asyncio.to_thread(_warm, settings), name="warms up")
        sweeping = asyncio.create_task(_sweep(access), name="ends sessions that have run out")
        try:
            async with live.connected(), door.connected(), sender.at_work():
                yield
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, warming, return_exceptions=True)
            await asyncio.to_thread(writer.close)
        reader.close()
        engine.dispose()

    app = FastAPI(title="Ringside", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    settings.reports.mkdir(parents=True, exist_ok=True)
    app.state.access = access
    frame = Frame(pages, access)
    app.add_middleware(Limited)
    # A foreign name for our address is refused: another site's page could make its own name lead here.
    names = ["127.0.0.1", "localhost", "[::1]", settings.web_address]
    if settings.https_served:
        names += machine_names().hosts
        if not settings.web_open:
            app.add_middleware(Encrypted, https_port=settings.https_port)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["*"] if settings.web_open else names)
    app.add_middleware(Secured)  # the last one added is the outermost: refusals carry the headers, too
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _add_health(app, reader)
    for router in (
        start.routes(access, frame, live), signin.routes(access, frame), corner.routes(access),
        first.routes(access, frame),
        seat.routes(access, frame), sip_phone.routes(access, frame), profile.routes(access, frame),
        class_import.routes(access, frame),
        classes.routes(access, frame), people.routes(access, frame), audit.routes(access, frame),
        alerts.routes(access, frame),
        floor_api.routes(door, access), *api.routes(access, frame, door, sender.look),
        desk_page.routes(access, frame, door),
        desk_contact.routes(access, frame, door), *day.routes(access, frame, door),
        *records.routes(access, frame), *knowledge.routes(access, frame), *setup.routes(access, frame),
        practice_guest.routes(access, frame), practice_call.routes(access, frame, door),
        practice_score.routes(access, frame),
    ):  # fmt: skip
        app.include_router(router)
    _add_phone(app, access, frame, seating)
    add_failures(app, frame)
    return app


def _add_phone(app: FastAPI, access: Access, frame: Frame, seating: Seating | None) -> None:
    settings, clock = access.settings, access.clock
    if seating is None:
        passes = SeatPasses(settings.secrets, clock)
        seating = SeatingBySession(access, SeatingByPass(passes, frozenset(settings.seat_numbers)))
        app.include_router(pass_routes(settings, passes))
    relay = SipRelay(f"ws://127.0.0.1:{settings.http_port}/ws", seating, clock)
    app.include_router(phone_routes(settings, access, frame, seating, relay))
    app.include_router(trust_routes(settings, access, frame))


def _add_health(app: FastAPI, reader: Reader) -> None:
    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 if the database answers, else 503: for whoever watches the process."""
        await reader.answers()
        return JSONResponse({"status": "ok"})


def _warm(settings: Settings) -> None:
    """The first number looked up and the first search read tables: nobody's screen pop is to wait for that."""
    origin_of("+8613805711234", settings.language)
    words.warm()


async def _sweep(access: Access) -> None:
    while True:
        try:
            if site := await access.site():
                await access.writer.run(lambda session, site=site: web_sessions.sweep(session, access.clock, site))  # type: ignore[misc]
        except StoreError as error:  # the next round comes soon, and a session that has run out opens nothing anyway
            log.warning("sessions that have run out could not be ended: %s", error)
        await asyncio.sleep(SWEEP_S)
