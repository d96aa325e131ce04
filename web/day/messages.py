"""`/messages`: what colleagues write each other, and how much waits to be read."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from lab_server.desk.day import notices
from lab_server.desk.day.notices import Colleague, MessageView, Talk
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from lab_server.ids import is_id, new_id
from lab_server.store.tables import User
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/messages`, one colleague's below it, and `/messages/unread`."""
    router = APIRouter(prefix="/messages")
    Writes = Annotated[Visitor, Depends(signed_in(Right.MESSAGE_SEND))]  # noqa: N806 (a type)

    async def page(
        request: Request, visitor: Visitor, user_id: str = "", refused: DeskError | None = None, typed: str = ""
    ) -> Response:
        if user_id and visitor.session_id is not None and refused is None:
            read = await access.write(visitor, lambda desk: notices.mark_read(desk, user_id))
            visitor = replace(visitor, unread=max(0, visitor.unread - read))
        talks, people, messages, name = await access.read(visitor, lambda desk: _read(desk, user_id))
        if user_id and not name:
            raise HTTPException(404)
        say = frame.say(request, visitor)
        return frame.page(
            request, "day/messages.html", visitor, part="talk", status=status_of(refused) if refused else 200,
            talks=talks, people=people, messages=messages, with_id=user_id, with_name=name, key=new_id(), typed=typed,
            fault=sentence(say, refused) if refused else "",
        )  # fmt: skip

    @router.get("")
    async def every(request: Request, visitor: Writes) -> Response:
        wanted = request.query_params.get("to", "")
        if is_id(wanted):
            return RedirectResponse(f"/messages/{wanted}", 303)
        return await page(request, visitor)

    @router.get("/unread")
    async def unread(visitor: Writes) -> JSONResponse:
        """For the count in the bar, asked now and then."""
        count = await access.read(visitor, lambda desk: sum(notices.unread(desk).values()))
        return JSONResponse({"unread": count})

    @router.get("/{user_id}")
    async def one(request: Request, user_id: str, visitor: Writes) -> Response:
        return await page(request, visitor, _known(user_id))

    @router.post("/{user_id}")
    async def send(request: Request, user_id: str, visitor: Writes) -> Response:
        form, to = await fields(request), _known(user_id)
        text = form.get("text", "")
        try:
            await access.write(visitor, lambda desk: notices.send(desk, to, text, form.get("key") or new_id()))
        except DeskError as error:
            return await page(request, visitor, to, error, text[:4000])
        return RedirectResponse(f"/messages/{to}#newest", 303)

    return router


def _known(user_id: str) -> str:
    if not is_id(user_id):
        raise HTTPException(404)
    return user_id


def _read(desk: Desk, user_id: str) -> tuple[tuple[Talk, ...], tuple[Colleague, ...], tuple[MessageView, ...], str]:
    user = desk.session.get(User, user_id) if user_id else None
    name = user.name if user is not None and user.site_id == desk.actor.site_id and not user.is_robot else ""
    messages = notices.with_colleague(desk, user_id) if name else ()
    return notices.talks(desk), notices.colleagues(desk), messages, name
