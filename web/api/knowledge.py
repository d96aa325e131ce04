"""Knowledge: articles found by their words, read, kept as favourites, written and judged."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from lab_server.desk.desk import Desk
from lab_server.desk.knowledge import articles
from lab_server.desk.knowledge.articles import ArticleLine, ArticleView
from lab_server.desk.rights import Right
from lab_server.store.tables import Language
from web.access import Access, Visitor, signed_in
from web.api.kinds import Asked, Body, Done, Id, Listed, Most, listed

Reads = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_READ))]
Writes = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_WRITE))]
Approves = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_APPROVE))]
Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=20)]


class Draft(Body):
    """Plain text with empty lines between paragraphs. `key` names the article in all its versions."""

    key: Annotated[str, Field(min_length=1, max_length=60)]
    language: Language
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)
    queues: Words = ()
    tags: Words = ()


class Judgement(Body):
    """A reason; needed to refuse."""

    reason: str = Field(default="", max_length=500)


class Favourite(Body):
    favourite: bool


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/articles`."""
    router = APIRouter(prefix="/api/v1/articles", tags=["knowledge"])

    @router.get("")
    async def find(
        visitor: Reads, q: Asked = "", language: Language | None = None, favourites: bool = False, most: Most = 20
    ) -> Listed[ArticleLine]:
        """Published articles with the words of `q`, the best first; without it the newest."""
        found = await access.read(
            visitor,
            lambda desk: articles.find(desk, q, language=language, favourites=favourites, most=min(most + 1, 100)),
        )
        return listed(found, most)

    @router.get("/waiting")
    async def waiting(visitor: Approves) -> Listed[ArticleView]:
        """What waits to be approved, the oldest first."""
        return Listed(items=await access.read(visitor, articles.waiting))

    @router.get("/{article_id}")
    async def read(article_id: Id, visitor: Reads) -> ArticleView:
        """What readers see."""
        return await access.read(visitor, lambda desk: articles.read(desk, article_id))

    @router.put("/{article_id}/favourite")
    async def favour(article_id: Id, wish: Favourite, visitor: Reads) -> Done:
        await access.write(visitor, lambda desk: articles.mark(desk, article_id, wish.favourite))
        return Done()

    @router.post("")
    async def write(draft: Draft, visitor: Writes) -> ArticleView:
        """Keep a draft, which no reader sees."""

        def work(desk: Desk) -> ArticleView:
            return articles.write(
                desk, draft.key, draft.language, draft.title, draft.body, queues=draft.queues, tags=draft.tags
            )

        return await access.write(visitor, work)

    @router.get("/{article_id}/versions")
    async def versions(article_id: Id, visitor: Writes) -> Listed[ArticleView]:
        """Every version, the newest first."""
        return Listed(items=await access.read(visitor, lambda desk: articles.history(desk, article_id)))

    @router.post("/{article_id}/submit")
    async def submit(article_id: Id, visitor: Writes) -> ArticleView:
        """Ask for approval of one's own draft."""
        return await access.write(visitor, lambda desk: articles.submit(desk, article_id))

    @router.post("/{article_id}/approve")
    async def approve(article_id: Id, judged: Judgement, visitor: Approves) -> ArticleView:
        """Readers see it from now on. Nobody approves what is his own, but for an administrator."""
        return await access.write(visitor, lambda desk: articles.approve(desk, article_id, judged.reason))

    @router.post("/{article_id}/refuse")
    async def refuse(article_id: Id, judged: Judgement, visitor: Approves) -> ArticleView:
        """Give it back with a reason."""
        return await access.write(visitor, lambda desk: articles.refuse(desk, article_id, judged.reason))

    return router
