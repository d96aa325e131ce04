"""Articles written as drafts and submitted; what one writes on, and what waits for approval."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import LANGUAGES, Language
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.knowledge import articles
from lab_server.desk.knowledge.articles import ArticleView
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.ids import new_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.knowledge.reading import known
from web.knowledge.text import blocks
from web.knowledge.versions import names, states
from web.refusals import sentence, status_of

_FIELDS = ("title", "body", "language", "queues", "tags")


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/knowledge/new`, `/knowledge/work`, `/knowledge/{article_id}/edit`."""
    router = APIRouter(prefix="/knowledge")
    Writes = Annotated[Visitor, Depends(signed_in(Right.ARTICLE_WRITE))]  # noqa: N806 (a type)

    def editor(
        request: Request, visitor: Visitor, article: ArticleView | None, typed: dict[str, str], fault: str = "",
        status: int = 200, field: str = "",
    ) -> Response:  # fmt: skip
        return frame.page(
            request, "knowledge/edit.html", visitor, part="main", status=status, article=article, typed=typed,
            fault=fault,
            field=field, longest=articles.LONGEST_BODY, queues=access.settings.queues, seen=blocks(typed["body"]),
            key=typed.get("key") or (article.key if article is not None else new_id().lower()),
        )  # fmt: skip

    @router.get("/new")
    async def new(request: Request, visitor: Writes) -> Response:
        language = frame.language(request, visitor)
        return editor(request, visitor, None, dict.fromkeys(_FIELDS, "") | {"language": language})

    @router.post("/new")
    async def make(request: Request, visitor: Writes) -> Response:
        return await save(request, visitor, None)

    @router.get("/work")
    async def work(request: Request, visitor: Writes) -> Response:
        """What one writes on, and what waits for one's judgement."""
        mine = await access.read(visitor, articles.unfinished)
        judges = visitor.may(Right.ARTICLE_APPROVE)
        waiting = await access.read(visitor, articles.waiting) if judges else ()
        gone = await access.read(visitor, articles.retired) if judges else ()
        writers = await access.read(visitor, lambda desk: names(desk, (*mine, *waiting)))
        return frame.page(
            request, "knowledge/work.html", visitor, part="main", mine=mine, waiting=waiting, gone=gone, names=writers,
            states=states(frame.say(request, visitor)),
        )  # fmt: skip

    @router.get("/{article_id}/edit")
    async def edit(request: Request, article_id: str, visitor: Writes) -> Response:
        one = await access.read(visitor, lambda desk: articles.newest(desk, known(article_id)))
        return editor(request, visitor, one, _typed(one))

    @router.post("/{article_id}/edit")
    async def change(request: Request, article_id: str, visitor: Writes) -> Response:
        one = await access.read(visitor, lambda desk: articles.newest(desk, known(article_id)))
        return await save(request, visitor, one)

    async def save(request: Request, visitor: Visitor, article: ArticleView | None) -> Response:
        """Keep the draft; `then=submit`: and ask for approval; `then=look`: keep nothing, show it."""
        form = await fields(request)
        typed = {name: form.get(name, "")[:30_000] for name in _FIELDS} | {"key": form.get("key", "")[:60]}
        if form.get("then") == "look":
            return editor(request, visitor, article, typed)
        key = article.key if article is not None else typed["key"] or new_id().lower()
        language: Language = next((one for one in LANGUAGES if one == typed["language"]), "zh-CN")

        def work(desk: Desk) -> ArticleView:
            kept = articles.write(
                desk, key, language, typed["title"], typed["body"], queues=_list(typed["queues"]),
                tags=_list(typed["tags"]),
            )  # fmt: skip
            return articles.submit(desk, kept.id) if form.get("then") == "submit" else kept

        try:
            kept = await access.write(visitor, work)
        except DeskError as error:
            say = frame.say(request, visitor)
            field = str(error).split(":")[0] if isinstance(error, BadValueError) else ""
            return editor(request, visitor, article, typed, _fault(say, error, typed), status_of(error), field)
        if form.get("then") == "submit":
            return RedirectResponse("/knowledge/work", 303)
        return RedirectResponse(f"/knowledge/{kept.id}/edit?kept=1", 303)

    return router


def _typed(one: ArticleView) -> dict[str, str]:
    return {
        "title": one.title, "body": one.body, "language": one.language, "queues": ", ".join(one.queues),
        "tags": ", ".join(one.tags),
    }  # fmt: skip


def _list(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[,，、;；\n]", text) if one.strip()]


def _fault(say: Translator, error: DeskError, typed: dict[str, str]) -> str:
    _ = say.gettext
    if isinstance(error, BadValueError):
        name = str(error).split(":")[0]
        if name in {"title", "body"} and not typed[name].strip():
            return _("Please fill this in.")
        return _("This is too long, or has a character that cannot be kept.")
    return sentence(say, error)
