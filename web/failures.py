"""What cannot be answered, as a page or, for programs, as JSON. The cause goes to the log, never to the reader."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
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
BAD_REQUEST = "bad_request"
_SAID = {
    401: "Sign in, or show a token that is still valid.",
    403: "Your role may not do this, or the request does not come from a page of ours.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "That is too much at once.",
}


def add_failures(app: FastAPI, frame: Frame) -> None:
    """Answer every error of the application with a page, or with `{error, message, details}` below /api."""

    def answer(
        request: Request, status: int, error_id: str, said: str = "", *, message: str = "", details: Any = ()
    ) -> Response:
        if request.url.path.startswith(_FOR_PROGRAMS):
            return refusal(status, error_id, message, details)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if said:
            return frame.page(
                request,
                "refused.html",
                visitor,
                status=status,
                part="main",
                said=said,
                part_only=request.headers.get("hx-request") == "true",
            )
        return frame.page(request, "failed.html", visitor, status=status, part="main", code=status)

    @app.exception_handler(NotSignedInError)
    async def not_signed_in(request: Request, error: NotSignedInError) -> Response:
        """Pages lead to signing in and back; htmx is told to go there as a whole."""
        if request.url.path.startswith(_FOR_PROGRAMS):
            told = refusal(401, "http.401", _SAID[401])
            told.headers.update(error.headers or {})
            return told
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        there = local(asked) if request.method == "GET" else "/"
        signing_in = "/signin" if there == "/" else f"/signin?next={quote(there, safe='')}"
        if request.headers.get("hx-request") == "true":
            return Response(status_code=401, headers={"HX-Redirect": signing_in})
        return RedirectResponse(signing_in, 303)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        code = error.status_code
        told = answer(request, code, f"http.{code}", message=_SAID.get(code) or HTTPStatus(code).phrase)
        if error.headers:  # which methods there are, when to come again
            told.headers.update(error.headers)
        return told

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        """Programs are told the first thing that is wrong, without repeating what they sent."""
        if not request.url.path.startswith(_FOR_PROGRAMS):
            return await request_validation_exception_handler(request, error)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return refusal(422, BAD_REQUEST, f"{place}: {first['msg']}.")

    @app.exception_handler(DeskError)
    async def not_to_be_done(request: Request, error: DeskError) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        said = sentence(frame.say(request, visitor), error)
        details = getattr(error, "conflicts", None) or getattr(error, "faults", ())
        return answer(
            request, status_of(error), error.error_id, said, message=f"{error}.".replace("..", "."), details=details
        )

    @app.exception_handler(StoreError)
    async def database_away(request: Request, error: StoreError) -> Response:
        log.error("%s: %s", request.url.path, error)
        return answer(request, 503, error.error_id, message="The database does not answer just now: try again.")


def refusal(status: int, error_id: str, message: str = "", details: Any = ()) -> JSONResponse:
    """What a program is told. What it sent may be in the message: made fit for UTF-8."""
    told = {"error": error_id, "message": message[:1000].encode("utf-8", "replace").decode(), "details": list(details)}
    return JSONResponse(jsonable_encoder(told), status)
