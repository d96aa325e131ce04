"""`python -m bench.served.empty PORT`: FastAPI with a page and a stream of events that hold nothing, for comparison."""

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse

QUIET_S = 15.0


def create_app() -> FastAPI:
    """`/`, `/healthz`, `/events`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    @app.get("/healthz")
    async def page() -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>empty</title>")

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(_events(), media_type="text/event-stream")

    return app


async def _events() -> AsyncIterator[str]:
    while True:
        yield ": quiet\n\n"
        await asyncio.sleep(QUIET_S)


if __name__ == "__main__":
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
