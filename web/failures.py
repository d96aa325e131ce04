"""What cannot be answered, as a page or, for programs, as JSON. The cause goes to the log, never to the reader."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from lab_server.desk.errors import DeskError
from lab_server.store.errors import StoreError
from web.access import NotSignedInError, Visitor
from web.frame import Frame
from web.paths import local
from web.refusals import sentence, status_of

log = logging.getLogger(__name__)

_FOR_PROGRAMS = ("/api/", "/healthz")


def add_failures(app: FastAPI, frame: Frame) -> None:
    """Answer every error of the application with a page, or with `{"error": …}` below /api."""

    def answer(request: Request, status: int, error_id: str, said: str = "") -> Response:
        if request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse({"error": error_id}, status)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if said:
            return frame.page(request, "refused.html", visitor, status=status, said=said)
        return frame.page(request, "failed.html", visitor, status=status, code=status)

    @app.exception_handler(NotSignedInError)
    async def not_signed_in(request: Request, error: NotSignedInError) -> Response:
        """Pages lead to signing in and back; htmx is told to go there as a whole."""
        if request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse({"error": "http.401"}, 401, error.headers)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        there = local(asked) if request.method == "GET" else "/"
        signing_in = "/signin" if there == "/" else f"/signin?next={quote(there, safe='')}"
        if request.headers.get("hx-request") == "true":
            return Response(status_code=401, headers={"HX-Redirect": signing_in})
        return RedirectResponse(signing_in, 303)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return answer(request, error.status_code, f"http.{error.status_code}")

    @app.exception_handler(DeskError)
    async def not_to_be_done(request: Request, error: DeskError) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        return answer(request, status_of(error), error.error_id, sentence(frame.say(request, visitor), error))

    @app.exception_handler(StoreError)
    async def database_away(request: Request, error: StoreError) -> Response:
        log.error("%s: %s", request.url.path, error)
        return answer(request, 503, error.error_id)
