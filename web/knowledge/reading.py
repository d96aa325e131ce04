"""`/knowledge`: search, favourites, one article."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import LANGUAGES
from lab_server.desk.knowledge import articles
from lab_server.desk.rights import Right
from lab_server.ids import is_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.knowledge.text import blocks

_MOST = 50


def known(article_id: str) -> str:
    """404 for what is no id."""
    if not is_id(article_id):
        raise HTTPException(404)
    return article_id


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list, an article, the mark of a favourite."""
    router = APIRouter(prefix="/knowledge")
    Reads = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_READ))]  # noqa: N806 (a type)

    @router.get("")
    async def find(request: Request, visitor: Reads) -> Response:
        asked = request.query_params
        query = " ".join(asked.get("q", "").replace("\0", "").split())[:100]
        language = next((one for one in LANGUAGES if one == asked.get("in")), None)
        mine = asked.get("mine") == "1"
        lines = await access.read(
            visitor, lambda desk: articles.find(desk, query, language=language, favourites=mine, most=_MOST)
        )
        waits = 0
        if visitor.may(Right.ARTICLE_APPROVE):
            waits = len(await access.read(visitor, articles.waiting))
        return frame.page(
            request, "knowledge/list.html", visitor, lines=lines, query=query, only=language or "",
            mine=mine, waits=waits, rights=Right, beside=request.headers.get("hx-request") == "true",
            part="lines" if request.headers.get("hx-target") == "lines" else "main",
        )  # fmt: skip

    @router.get("/{article_id}")
    async def read(request: Request, article_id: str, visitor: Reads) -> Response:
        one = known(article_id)
        article, favourite = await access.read(
            visitor, lambda desk: (articles.read(desk, one), articles.is_favourite(desk, one))
        )
        return frame.page(
            request, "knowledge/article.html", visitor, part="article", article=article, blocks=blocks(article.body),
            favourite=favourite, rights=Right,
        )  # fmt: skip

    @router.post("/{article_id}/favourite")
    async def favour(request: Request, article_id: str, visitor: Reads) -> Response:
        one, on = known(article_id), (await fields(request)).get("on") == "1"
        await access.write(visitor, lambda desk: articles.mark(desk, one, on))
        return RedirectResponse(f"/knowledge/{one}", 303)

    return router
