"""Signing out, and the language: what is in the corner of every page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from datasets.language import LANGUAGES
from lab_server.desk import sign_in
from lab_server.desk.rights import Right
from lab_server.store.tables import User
from web.access import Access, Visitor, demand_own_origin, demand_own_page, fields, signed_in
from web.cookies import LANGUAGE
from web.paths import local


def routes(access: Access) -> APIRouter:
    """`/signout` and `/language`."""
    router = APIRouter()

    @router.post("/signout")
    async def leave(request: Request, visitor: Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]) -> Response:
        session_id = visitor.session_id or ""
        await access.writer.run(lambda session: sign_in.out(session, access.clock, session_id))
        access.ended([session_id])
        answer = RedirectResponse("/signin", 303)
        access.cookies.drop_session(request, answer)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    @router.post("/language")
    async def language(request: Request) -> Response:
        form = await fields(request)
        wish = next((one for one in LANGUAGES if one == form.get("language")), None)
        visitor = await access.visitor(request)
        if visitor is not None:
            await demand_own_page(request, visitor.csrf)
        else:
            demand_own_origin(request)
        answer = RedirectResponse(local(form.get("next", "/")), 303)
        if wish is not None:
            access.cookies.keep_plain(request, answer, LANGUAGE, wish)
            if visitor is not None:
                user_id = visitor.user.id
                await access.writer.run(lambda session: _choose(session, user_id, wish))
        return answer

    return router


def _choose(session: Session, user_id: str, language: str) -> None:
    user = session.get_one(User, user_id)
    user.language = language
    session.add(user)
