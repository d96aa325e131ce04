"""One click each: unlock, sign out, a link for a password, has left, is back. And the site's staff."""

from collections.abc import Callable
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import people
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.rights import Right
from lab_server.store.tables import Role
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.instructor.said import said
from web.paths import local
from web.refusals import sentence, status_of


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/people/<id>/…` and `/staff`."""
    router = APIRouter()
    LooksAfter = Annotated[Visitor, Depends(signed_in(Right.STUDENT_MANAGE))]  # noqa: N806 (a type)
    Admins = Annotated[Visitor, Depends(signed_in(Right.USER_MANAGE))]  # noqa: N806

    async def done(request: Request, visitor: Visitor, work: Callable[[Desk], list[str]], word: str) -> Response:
        access.ended(await access.write(visitor, work))
        back = local((await fields(request)).get("next", "/classes"), "/classes").partition("?")[0]
        return RedirectResponse(f"{back}?done={word}", 303)

    @router.post("/people/{user_id}/unlock")
    async def unlock(request: Request, user_id: str, visitor: LooksAfter) -> Response:
        def work(desk: Desk) -> list[str]:
            people.unlock(desk, user_id)
            return []

        return await done(request, visitor, work, "unlocked")

    @router.post("/people/{user_id}/signout")
    async def sign_out(request: Request, user_id: str, visitor: LooksAfter) -> Response:
        return await done(request, visitor, lambda desk: people.sign_out(desk, user_id), "signed_out")

    @router.post("/people/{user_id}/disable")
    async def disable(request: Request, user_id: str, visitor: Admins) -> Response:
        return await done(request, visitor, lambda desk: people.disable(desk, user_id), "disabled")

    @router.post("/people/{user_id}/enable")
    async def enable(request: Request, user_id: str, visitor: Admins) -> Response:
        def work(desk: Desk) -> list[str]:
            people.enable(desk, user_id)
            return []

        return await done(request, visitor, work, "enabled")

    @router.post("/people/{user_id}/link")
    async def link(request: Request, user_id: str, visitor: Admins) -> Response:
        """A one-time link for a user's password, shown this once."""
        user, key = await access.write(visitor, lambda desk: people.give_link(desk, user_id))
        address = f"{request.url.scheme}://{request.headers['host']}/first?key={key}"
        return frame.page(request, "instructor/link.html", visitor, user=user, address=address)

    async def staff(request: Request, visitor: Visitor, refused: DeskError | None = None) -> Response:
        found, say = await access.read(visitor, people.listed), frame.say(request, visitor)
        return frame.page(
            request, "instructor/staff.html", visitor, status=status_of(refused) if refused else 200, staff=found,
            roles=people.STAFF,
            said=sentence(say, refused) if refused else said(say, request.query_params.get("done", "")),
        )  # fmt: skip

    @router.get("/staff")
    async def show(request: Request, visitor: Admins) -> Response:
        return await staff(request, visitor)

    @router.post("/staff")
    async def make(request: Request, visitor: Admins) -> Response:
        form = await fields(request)
        try:
            role = _role(form.get("role", ""))
            await access.write(
                visitor, lambda desk: people.make_staff(desk, form.get("login", ""), form.get("name", ""), role).id
            )
        except DeskError as error:
            return await staff(request, visitor, error)
        return RedirectResponse("/staff?done=made", 303)

    return router


def _role(word: str) -> Role:
    known: tuple[Role, ...] = get_args(Role)
    for role in known:
        if role == word:
            return role
    raise BadValueError(f"{word!r} is no role")
