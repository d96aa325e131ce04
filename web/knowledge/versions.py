"""An article's versions: looked at, approved or given back, published again; taken out and brought back."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk.desk import Desk
from lab_server.desk.knowledge import articles
from lab_server.desk.knowledge.articles import ArticleView
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.store.tables import User
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.knowledge.reading import known
from web.knowledge.text import blocks


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/knowledge/{article_id}/versions`, and what who approves does to one."""
    router = APIRouter(prefix="/knowledge")
    Writes = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_WRITE))]  # noqa: N806 (a type)
    Judges = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_APPROVE))]  # noqa: N806

    @router.get("/{article_id}/versions")
    async def versions(request: Request, article_id: str, visitor: Writes) -> Response:
        found = await access.read(visitor, lambda desk: articles.history(desk, known(article_id)))
        wanted = request.query_params.get("version", "")
        shown = next((one for one in found if str(one.version) == wanted), found[0] if found else None)
        if shown is None:
            raise HTTPException(404)
        writers = await access.read(visitor, lambda desk: names(desk, found))
        return frame.page(
            request, "knowledge/versions.html", visitor, part="main", versions=found, shown=shown,
            blocks=blocks(shown.body),
            names=writers, rights=Right, states=states(frame.say(request, visitor)),
        )  # fmt: skip

    async def judged(visitor: Visitor, work: Callable[[Desk], Any], to: str) -> Response:
        await access.write(visitor, work)
        return RedirectResponse(to, 303)

    @router.post("/{article_id}/approve")
    async def approve(article_id: str, visitor: Judges) -> Response:
        return await judged(visitor, lambda desk: articles.approve(desk, known(article_id)), f"/knowledge/{article_id}")

    @router.post("/{article_id}/refuse")
    async def refuse(request: Request, article_id: str, visitor: Judges) -> Response:
        why = (await fields(request)).get("why", "")
        return await judged(visitor, lambda desk: articles.refuse(desk, known(article_id), why), "/knowledge/work")

    @router.post("/{article_id}/back")
    async def bring_back(request: Request, article_id: str, visitor: Judges) -> Response:
        wanted = (await fields(request)).get("version", "")
        version = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
        back = f"/knowledge/{article_id}/versions"
        return await judged(visitor, lambda desk: articles.bring_back(desk, known(article_id), version), back)

    @router.post("/{article_id}/retire")
    async def retire(request: Request, article_id: str, visitor: Judges) -> Response:
        """Readers find it no more; `back=1` undoes it."""
        back = (await fields(request)).get("back") == "1"
        to = f"/knowledge/{article_id}" if back else "/knowledge/work"
        return await judged(visitor, lambda desk: articles.retire(desk, known(article_id), back=back), to)

    return router


def states(say: Translator) -> dict[str, str]:
    """A version's state in words."""
    _ = say.gettext
    return {
        "draft": _("draft"), "submitted": _("waits for approval"), "approved": _("approved"),
        "refused": _("given back"),
    }  # fmt: skip


def names(desk: Desk, found: tuple[ArticleView, ...]) -> dict[str, str]:
    """Who wrote and judged them, by id."""
    ids = {one for view in found for one in (view.user_id, view.judged_by) if one}
    return {one: user.name for one in ids if (user := desk.session.get(User, one)) is not None}
