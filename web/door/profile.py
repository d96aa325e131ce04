"""The own profile: language, password or PIN."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import sign_in, tries
from lab_server.desk.passwords import LONGEST, SHORTEST, hashed
from lab_server.desk.rights import Right
from web.access import Access, Visitor, fields, signed_in
from web.door.first import fault
from web.frame import Frame


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/profile`."""
    router = APIRouter()
    Own = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]  # noqa: N806 (a type)

    def page(request: Request, visitor: Visitor, status: int = 200, wrong: str = "", wait_s: float = 0.0) -> Response:
        done = request.query_params.get("done") == "password"
        return frame.page(
            request, "door/profile.html", visitor, status=status, wrong=wrong, done=done, wait_s=round(wait_s),
            shortest=SHORTEST, longest=LONGEST,
        )  # fmt: skip

    @router.get("/profile")
    async def show(request: Request, visitor: Own) -> Response:
        return page(request, visitor)

    @router.post("/profile/password")
    async def change(request: Request, visitor: Own) -> Response:
        """A new password needs the present one: who finds a PC signed in can't lock its user out."""
        form, user, clock = await fields(request), visitor.user, access.clock
        if wrong := fault(form.get("password", ""), form.get("again", "")):
            return page(request, visitor, 422, wrong)
        wait_s = await access.writer.run(
            lambda session: tries.begin(session, clock, user.site_id, user.login, visitor.source)
        )
        if wait_s > 0:
            return page(request, visitor, 429, wait_s=wait_s)
        if not await access.fits(form.get("present", ""), user.password):
            return page(request, visitor, 422, "present")
        kept = await access.hashed(lambda: hashed(form["password"]))
        ended = await access.writer.run(
            lambda session: sign_in.set_password(
                session, clock, user.id, kept, but=visitor.session_id, source=visitor.source
            )
        )
        access.ended(ended)
        return RedirectResponse("/profile?done=password", 303)

    return router
