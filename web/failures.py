"""What cannot be answered, as a page or, for programs, as JSON. The cause goes to the log, never to the reader."""

import logging

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from lab_server.store.errors import StoreError
from web.pages import Pages

log = logging.getLogger(__name__)

_FOR_PROGRAMS = ("/api/", "/healthz")


def add_failures(app: FastAPI, pages: Pages) -> None:
    """Answer every error of the application with `pages.failed`, or with `{"error": …}` below /api."""

    def answer(request: Request, status: int, error_id: str) -> Response:
        if request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse({"error": error_id}, status)
        wish, asked = request.headers.get("accept-language", ""), request.query_params.get("lang")
        return HTMLResponse(pages.failed(wish, asked, status), status)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return answer(request, error.status_code, f"http.{error.status_code}")

    @app.exception_handler(StoreError)
    async def database_away(request: Request, error: StoreError) -> Response:
        log.error("%s: %s", request.url.path, error)
        return answer(request, 503, error.error_id)
