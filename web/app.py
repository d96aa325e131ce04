"""The web application: the start page, reports, the sessions' JSON, live events. `create_app` wires all of it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lab_server.config import Settings
from lab_server.ids import is_id
from lab_server.overview import REPORT, SessionView, sessions
from lab_server.store.engine import open_engine
from lab_server.store.migrate import upgrade
from lab_server.store.writer import Reader
from telephony.clock import Clock
from web.failures import add_failures
from web.floor_api import FloorDoor, routes
from web.live import Live
from web.pages import Pages
from web.security import Secured

_HERE = Path(__file__).parent


def create_app(settings: Settings, clock: Clock) -> FastAPI:
    """The application. Nothing connects before it is started; then the tables are brought up to date."""
    engine = open_engine(settings.database)
    reader = Reader(engine)
    live = Live(settings.bus_address, f"web-{os.getpid()}", clock)
    door = FloorDoor(settings.bus_address, reader, clock)
    pages = Pages(settings.language, settings.zone, settings.site_name)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        upgrade(engine)
        async with live.connected(), door.connected():
            yield
        reader.close()
        engine.dispose()

    app = FastAPI(title="Ringside", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    settings.reports.mkdir(parents=True, exist_ok=True)
    # No login: who may ask is decided by where the question comes from, so a foreign name for our address is refused.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", settings.web_address])
    app.add_middleware(Secured)  # the last one added is the outermost: refusals carry the headers, too
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _add_routes(app, settings, reader, live, pages)
    app.include_router(routes(door))
    add_failures(app, pages)
    app.mount("/reports", StaticFiles(directory=settings.reports), name="reports")
    return app


def _add_routes(app: FastAPI, settings: Settings, reader: Reader, live: Live, pages: Pages) -> None:
    async def known() -> list[SessionView]:
        return await reader.run(lambda session: sessions(session, settings.reports))

    @app.get("/", response_class=HTMLResponse)
    async def start_page(request: Request, lang: str | None = None) -> str:
        return pages.start(request.headers.get("accept-language", ""), lang, await known())

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 if the database answers, else 503: for whoever watches the process."""
        await reader.answers()
        return JSONResponse({"status": "ok"})

    @app.get("/api/sessions")
    async def api_sessions() -> list[SessionView]:
        return await known()

    @app.get("/api/floor/events")
    async def floor_events() -> StreamingResponse:
        return StreamingResponse(live.events(), media_type="text/event-stream")

    @app.get("/reports/{session_id}/", include_in_schema=False)
    async def report(session_id: str) -> RedirectResponse:
        if not is_id(session_id):
            raise HTTPException(404)
        return RedirectResponse(f"/reports/{session_id}/{REPORT}")
