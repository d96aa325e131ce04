"""`/forms`: the school's templates listed, made, copied, taken in and out as files; one edited, published, retired."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, TemplateError
from lab_server.desk.rights import Right
from lab_server.desk.templates import library, transfer
from lab_server.desk.templates.model import FieldKind, Template, TemplateField
from lab_server.ids import is_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of
from web.setup import words
from web.setup.fields import Sheet
from web.setup.fields import routes as field_routes
from web.setup.head_form import Head, head_of, key_of, typed_head
from web.setup.preview import previewed

PATH = "/forms"


def routes(access: Access, frame: Frame) -> list[APIRouter]:  # noqa: PLR0915 (one statement more a route)
    """`/forms` and all below it."""
    router = APIRouter(prefix=PATH)
    Sets = Annotated[Visitor, Depends(signed_in(Right.DESK_SETUP))]  # noqa: N806 (a type)

    async def listing(
        request: Request, visitor: Visitor, said: str = "", status: int = 200, detail: str = "", **typed: str
    ) -> Response:
        cards = await access.read(visitor, lambda desk: library.listed(desk, retired=True))
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        newest = {card.key: card for card in reversed(cards)}
        asked = {card.key: card for card in cards if card.state == "published"}
        return frame.page(
            request, "setup/forms.html", visitor, status=status,
            cards=sorted(newest.values(), key=lambda one: one.key),
            asked=asked, said=said, detail=detail, forms=words.forms(say), states=words.states(say),
            typed={"title_zh": "", "title_en": "", "form": "ticket"} | typed,
            text=lambda one: words.in_words(one, language),
        )  # fmt: skip

    async def show(
        request: Request, visitor: Visitor, key: str, said: str = "", status: int = 200,
        undo: dict[str, str] | None = None, head: Head | None = None,
    ) -> Response:  # fmt: skip
        card, template, versions = await access.read(
            visitor, lambda desk: (*library.newest(desk, key), library.listed(desk, key=key))
        )
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        return frame.page(
            request, "setup/form.html", visitor, status=status, said=said, card=card, whole=template,
            versions=versions, undo=undo, head=head or typed_head(template), kinds=words.kinds(say), sheet=sheet,
            forms=words.forms(say), states=words.states(say), queues=access.settings.queues,
            faults={name: words.fault(say, word) for name, word in (head.faults if head else {}).items()},
            text=lambda one: words.in_words(one, language), counts=_counts(template),
        )  # fmt: skip

    sheet = Sheet(PATH, lambda desk, key: library.newest(desk, key)[1], library.save_draft, show)

    async def changed(request: Request, visitor: Visitor, key: str, work: object) -> Response:
        try:
            await access.write(visitor, work)  # type: ignore[arg-type]
        except DeskError as error:
            return await show(request, visitor, key, sentence(frame.say(request, visitor), error), status_of(error))
        return RedirectResponse(f"{PATH}/{key}", 303)

    @router.get("")
    async def every(request: Request, visitor: Sets) -> Response:
        return await listing(request, visitor)

    @router.post("")
    async def make(request: Request, visitor: Sets) -> Response:
        form, say = await fields(request), frame.say(request, visitor)
        head = head_of(form)
        if head.faults:
            return await listing(
                request, visitor, words.fault(say, next(iter(head.faults.values()))), 422, **head.typed
            )
        first = TemplateField(
            key="content", kind=FieldKind.LONG_TEXT, title={"zh-CN": "内容", "en": "What it is about"}
        )
        try:
            made = await access.write(
                visitor,
                lambda desk: library.make(
                    desk, Template(key=key_of(head, _keys(desk)), form=head.form, title=head.title, fields=(first,))
                ),
            )
        except DeskError as error:
            return await listing(request, visitor, sentence(say, error), status_of(error), **head.typed)
        return RedirectResponse(f"{PATH}/{made.key}", 303)

    @router.post("/import")
    async def take_in(request: Request, visitor: Sets) -> Response:
        """A template as a file; of a key that is there already it becomes the draft."""
        say = frame.say(request, visitor)
        try:
            template = transfer.imported(await _uploaded(request))
            await access.write(visitor, lambda desk: library.save_draft(desk, template))
        except TemplateError as error:
            said = say.gettext("The file is no template that can be taken in. Nothing was changed.")
            return await listing(request, visitor, said, 422, str(error)[:2000])
        return RedirectResponse(f"{PATH}/{template.key}", 303)

    @router.get("/{key}")
    async def one(request: Request, key: str, visitor: Sets) -> Response:
        return await show(request, visitor, key)

    @router.post("/{key}/head")
    async def save_head(request: Request, key: str, visitor: Sets) -> Response:
        head = head_of(await fields(request))
        if head.faults:
            return await show(request, visitor, key, status=422, head=head)

        def work(desk: Desk) -> None:
            _card, template = library.newest(desk, key)
            new = {"title": head.title, "form": head.form, "queues": head.queues}
            library.save_draft(desk, transfer.checked(template.model_copy(update=new).model_dump()))

        return await changed(request, visitor, key, work)

    @router.post("/{key}/publish")
    async def publish(request: Request, key: str, visitor: Sets) -> Response:
        return await changed(request, visitor, key, lambda desk: library.publish(desk, key))

    @router.post("/{key}/retire")
    async def retire(request: Request, key: str, visitor: Sets) -> Response:
        return await changed(request, visitor, key, lambda desk: library.retire(desk, key))

    @router.post("/{key}/back")
    async def bring_back(request: Request, key: str, visitor: Sets) -> Response:
        """An earlier version becomes the draft."""
        version = (await fields(request)).get("version", "")
        return await changed(request, visitor, key, lambda desk: library.bring_back(desk, version))

    @router.post("/{key}/copy")
    async def copy(request: Request, key: str, visitor: Sets) -> Response:
        mark = frame.say(request, visitor).gettext("copy")

        def work(desk: Desk) -> str:
            _card, template = library.newest(desk, key)
            there = _keys(desk)
            new = next(name for at in range(2, 500) if (name := f"{key[:34]}_{at}") not in there)
            title = {name: f"{text[:180]} ({mark})" for name, text in template.title.items()}
            return library.make(desk, template.model_copy(update={"key": new, "title": title})).key

        made = await access.write(visitor, work)
        return RedirectResponse(f"{PATH}/{made}", 303)

    @router.get("/{key}/file")
    async def give_out(request: Request, key: str, visitor: Sets) -> Response:
        """The template as a file that `import` reads."""
        template = await _template(access, visitor, key, request.query_params.get("version", ""))
        as_json = request.query_params.get("as") == "json"
        text = transfer.exported(template, "json" if as_json else "yaml")
        name = f"{template.key}.{'json' if as_json else 'yaml'}"
        return Response(
            text,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @router.get("/{key}/preview")
    async def preview(request: Request, key: str, visitor: Sets) -> Response:
        version = request.query_params.get("version", "")
        template = await _template(access, visitor, key, version)
        language = frame.language(request, visitor)
        seen = previewed(template, _joined(request), language, access.clock.utc())
        return frame.page(
            request, "setup/preview.html", visitor, part="form", key=key, version=version, sheet=sheet, **seen
        )

    return [router, field_routes(access, frame, sheet)]


async def _template(access: Access, visitor: Visitor, key: str, version: str) -> Template:
    """One version by its row's id, else the newest."""
    if is_id(version):
        found = await access.read(visitor, lambda desk: library.read(desk, version))
        if found.key != key:
            raise HTTPException(404)
        return found
    return (await access.read(visitor, lambda desk: library.newest(desk, key)))[1]


async def _uploaded(request: Request) -> str:
    async with request.form(max_files=1, max_fields=20) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise TemplateError("no file was chosen")
        content = await upload.read(4 * transfer.LONGEST + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError("the file is not UTF-8 text") from error


def _joined(request: Request) -> dict[str, str]:
    """The query, several answers to one question with commas between them."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        found[name] = f"{found[name]},{value}" if found.get(name) and name.startswith("f.") else value
    return found


def _keys(desk: Desk) -> set[str]:
    return {card.key for card in library.listed(desk, retired=True)}


def _counts(template: Template) -> list[tuple[int, int]]:
    """Lesson → how many questions it has."""
    return [(number, len(template.at(number).fields)) for number in sorted({one.lesson for one in template.fields})]
