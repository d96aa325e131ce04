"""The phone's page, the account its script registers with, and its WebSocket."""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from lab_server.config import Settings
from lab_server.desk.rights import Right
from lab_server.seat_pass import SITTING_S, SeatPasses
from telephony.asterisk.render import ECHO_NUMBER
from telephony.asterisk.secrets import load_secrets
from telephony.asterisk.settings import web_user
from web.access import Access
from web.frame import Frame
from web.phone_words import phone_words
from web.seats import COOKIE, Seating, demand, from_here
from web.sip_relay import SipRelay

BUILT = Path(__file__).parent / "static" / "built" / "jssip.js"


def phone_routes(settings: Settings, access: Access, frame: Frame, seating: Seating, relay: SipRelay) -> APIRouter:
    """`/phone`, `/api/v1/phone` and `/ws/sip`, for whoever `seating` knows."""
    router = APIRouter()

    @router.get("/phone", response_class=HTMLResponse)
    async def phone(request: Request) -> Response:
        seated, visitor = await seating.seated(request), await access.visitor(request)
        if seated is None and visitor is not None and visitor.may(Right.SEAT_TAKE):
            return RedirectResponse("/seat?next=/phone", 303)
        words = phone_words(frame.say(request, visitor))
        return frame.page(
            request, "phone.html", visitor, status=200 if seated else 401, seated=seated, built=BUILT.is_file(),
            words=words,
        )  # fmt: skip

    @router.get("/api/v1/phone")
    async def account(request: Request) -> JSONResponse:
        """What the page registers as. Good for nothing but `/ws/sip` with the same session."""
        seated = await demand(seating, request)
        name = f"web-{seated.seat}"
        password = load_secrets(settings.secrets / "pbx.json", [name])[name]
        user = web_user(seated.seat)
        return JSONResponse(
            {"seat": seated.seat, "name": seated.name, "user": user, "password": password, "echo": ECHO_NUMBER}
        )

    @router.websocket("/ws/sip")
    async def sip(page: WebSocket) -> None:
        await relay.serve(page)

    return router


def pass_routes(settings: Settings, passes: SeatPasses) -> APIRouter:
    """`/phone/open?pass=…`: a seat's link becomes its cookie. Not needed once people sign in."""
    router = APIRouter()

    @router.get("/phone/open")
    async def open_seat(request: Request) -> Response:
        if not from_here(request):
            raise HTTPException(403)
        cookie = passes.redeem(request.query_params.get("pass", ""))
        if cookie is None:
            return RedirectResponse("/phone", 303)  # which says what to do
        answer = RedirectResponse("/phone", 303)
        answer.set_cookie(
            COOKIE, cookie, max_age=int(SITTING_S), httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    return router
