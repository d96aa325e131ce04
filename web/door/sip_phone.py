"""`/seat/sip-phone`: what a SIP phone or softphone at one's seat registers with, shown once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import sip_phones
from lab_server.desk.errors import DeskError, UnknownSeatError
from lab_server.desk.rights import Right
from telephony.asterisk.secrets import load_secrets
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.listen import is_loopback
from web.refusals import sentence, status_of


def routes(access: Access, frame: Frame) -> APIRouter:
    """The page says what it is about; its button shows the password and writes down to whom."""
    router = APIRouter()
    settings = access.settings
    Sits = Annotated[Visitor, Depends(signed_in(Right.SEAT_TAKE))]  # noqa: N806 (a type)

    def page(
        request: Request, visitor: Visitor, *, seat: str, password: str = "", refused: DeskError | None = None
    ) -> Response:
        return frame.page(
            request, "door/sip_phone.html", visitor, status=status_of(refused) if refused is not None else 200,
            seat=seat, password=password, host=settings.sip_address, port=settings.sip_port,
            alone=is_loopback(settings.sip_address), every=settings.seat_numbers if _assigns(visitor) else (),
            wrong=sentence(frame.say(request, visitor), refused) if refused is not None else "",
        )  # fmt: skip

    @router.get("/seat/sip-phone")
    async def ask(request: Request, visitor: Sits) -> Response:
        if visitor.seat is None and not _assigns(visitor):
            return RedirectResponse("/seat?next=/seat/sip-phone", 303)
        return page(request, visitor, seat=visitor.seat or "")

    @router.post("/seat/sip-phone")
    async def show(request: Request, visitor: Sits) -> Response:
        wanted = (await fields(request)).get("seat", "") if _assigns(visitor) else ""
        seat = wanted or visitor.seat or ""
        if seat not in settings.seat_numbers:
            return page(request, visitor, seat="", refused=UnknownSeatError(f"there is no seat {seat[:16]!r}"))
        name = f"seat-{seat}"
        password = load_secrets(settings.secrets / "pbx.json", [name])[name]
        try:
            await access.write(visitor, lambda desk: sip_phones.show(desk, seat, password))
        except DeskError as error:
            return page(request, visitor, seat=seat, refused=error)
        return page(request, visitor, seat=seat, password=password)

    return router


def _assigns(visitor: Visitor) -> bool:
    return visitor.may(Right.SEAT_ASSIGN)
