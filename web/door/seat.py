"""The seat: chosen among the free ones, changed in mid-lesson; which seat this PC is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select

from lab_server.desk import audit, seating, web_sessions
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, UnknownSeatError
from lab_server.desk.rights import Right
from lab_server.store.tables import Seat, User, WebSession
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.paths import local
from web.refusals import sentence, status_of

_LONGEST = 16


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/seat`."""
    router = APIRouter()
    Sits = Annotated[Visitor, Depends(signed_in(Right.SEAT_TAKE))]  # noqa: N806 (a type)
    Assigns = Annotated[Visitor, Depends(signed_in(Right.SEAT_ASSIGN))]  # noqa: N806

    async def page(request: Request, visitor: Visitor, refused: DeskError | None = None) -> Response:
        site = await access.site()
        free = await access.reader.run(lambda session: seating.free(session, access.clock, site))
        every = await access.reader.run(lambda session: _numbers(session, site))
        said = sentence(frame.say(request, visitor), refused) if refused is not None else ""
        return frame.page(
            request, "door/seat.html", visitor, status=status_of(refused) if refused is not None else 200, free=free,
            every=every, said=said, next=local(request.query_params.get("next", "/")),
        )  # fmt: skip

    @router.get("/seat")
    async def show(request: Request, visitor: Sits) -> Response:
        return await page(request, visitor)

    @router.post("/seat")
    async def sit(request: Request, visitor: Sits) -> Response:
        form = await fields(request)
        number, here = form.get("seat", "").strip()[:_LONGEST], access.cookies.seat(request)
        try:
            await access.writer.run(
                lambda session: _take(session, access, visitor, number, here=bool(here) and number == here)
            )
        except DeskError as error:
            return await page(request, visitor, error)
        answer = RedirectResponse(local(form.get("next", "/")), 303)
        if form.get("keep") == "1" and not here:
            access.cookies.keep_seat(request, answer, number)
        return answer

    @router.post("/seat/leave")
    async def get_up(visitor: Sits) -> Response:
        await access.writer.run(lambda session: _get_up(session, visitor))
        return RedirectResponse("/", 303)

    @router.post("/seat/pc")
    async def assign(request: Request, visitor: Assigns) -> Response:
        """This PC is that seat from now on; "" for none."""
        number = (await fields(request)).get("seat", "").strip()[:_LONGEST]
        try:
            await access.write(visitor, lambda desk: _assigned(desk, number))
        except DeskError as error:
            return await page(request, visitor, error)
        answer = RedirectResponse("/seat", 303)
        access.cookies.keep_seat(request, answer, number)
        return answer

    return router


def _numbers(session: Session, site_id: str) -> list[str]:
    return list(session.exec(select(Seat.number).where(Seat.site_id == site_id).order_by(Seat.number)))


def _take(session: Session, access: Access, visitor: Visitor, number: str, *, here: bool) -> None:
    row = session.get_one(WebSession, visitor.session_id)
    seating.take(session, access.clock, row, session.get_one(User, visitor.user.id), number, here=here)


def _get_up(session: Session, visitor: Visitor) -> None:
    row = session.get_one(WebSession, visitor.session_id)
    web_sessions.get_up(session, row)
    row.seat = ""
    session.add(row)


def _assigned(desk: Desk, number: str) -> None:
    desk.check(Right.SEAT_ASSIGN)
    if number and number not in _numbers(desk.session, desk.actor.site_id):
        raise UnknownSeatError(f"there is no seat {number}")
    audit.note(desk, "seat.assigned", named=number or "-")
