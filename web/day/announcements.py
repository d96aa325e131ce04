"""`/announcements`: read by all, until when they say; written and withdrawn by supervisors and teachers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import classes
from lab_server.desk.day import notices
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from lab_server.ids import is_id
from lab_server.store.tables import Role
from web.access import Access, Visitor, fields, signed_in
from web.day.told import told
from web.day.when import moment
from web.frame import Frame
from web.refusals import sentence, status_of

FIELDS = ("title", "text", "until", "role", "klass")
ROLES: tuple[Role, ...] = ("student", "supervisor", "instructor", "grader")


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/announcements`."""
    router = APIRouter(prefix="/announcements")
    Reads = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]  # noqa: N806 (a type)
    Writes = Annotated[Visitor, Depends(signed_in(Right.ANNOUNCE))]  # noqa: N806

    async def page(request: Request, visitor: Visitor, fault: str = "", status: int = 200, **typed: str) -> Response:
        found = await access.read(visitor, lambda desk: _read(desk, writes=visitor.may(Right.ANNOUNCE)))
        return frame.page(
            request, "day/announcements.html", visitor, part="lines", status=status, fault=fault,
            typed=dict.fromkeys(FIELDS, "") | typed,
            roles=ROLES, rights=Right, now=access.clock.utc(), told=told(frame.say(request, visitor), request),
            **found,
        )  # fmt: skip

    @router.get("")
    async def every(request: Request, visitor: Reads) -> Response:
        return await page(request, visitor)

    @router.post("")
    async def announce(request: Request, visitor: Writes) -> Response:
        form = await fields(request)
        typed = {name: form.get(name, "")[:4000] for name in FIELDS}
        until = moment(typed["until"], access.settings.zone) if typed["until"].strip() else None
        say = frame.say(request, visitor)
        if until is None and typed["until"].strip():
            return await page(request, visitor, say.gettext("That is no time."), 422, **typed)
        roles = [one for one in ROLES if one == typed["role"]]
        klass = typed["klass"] if is_id(typed["klass"]) else None
        try:
            await access.write(
                visitor,
                lambda desk: notices.announce(
                    desk, typed["title"], typed["text"], roles=roles, klass_id=klass, until=until
                ),
            )
        except DeskError as error:
            return await page(request, visitor, sentence(say, error), status_of(error), **typed)
        return RedirectResponse("/announcements?done=an_made", 303)

    @router.post("/{announcement_id}/read")
    async def read(announcement_id: str, visitor: Reads) -> Response:
        await access.write(visitor, lambda desk: notices.mark_announcement(desk, _known(announcement_id)))
        return RedirectResponse("/announcements", 303)

    @router.post("/{announcement_id}/withdraw")
    async def withdraw(announcement_id: str, visitor: Writes) -> Response:
        await access.write(visitor, lambda desk: notices.withdraw(desk, _known(announcement_id)))
        return RedirectResponse(f"/announcements?done=an_withdrawn&of={announcement_id}", 303)

    @router.post("/{announcement_id}/back")
    async def back(announcement_id: str, visitor: Writes) -> Response:
        await access.write(visitor, lambda desk: notices.withdraw(desk, _known(announcement_id), back=True))
        return RedirectResponse("/announcements?done=an_back", 303)

    return router


def _known(announcement_id: str) -> str:
    if not is_id(announcement_id):
        raise HTTPException(404)
    return announcement_id


def _read(desk: Desk, *, writes: bool) -> dict[str, Any]:
    return {
        "announcements": notices.announcements(desk),
        "all": notices.announced(desk) if writes else (),
        "klasses": [klass for klass, _count in classes.listed(desk)] if writes else [],
    }
