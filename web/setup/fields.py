"""The questions of a form or survey: one edited at a time, added, moved by keys, taken away and brought back."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk.desk import Desk
from lab_server.desk.errors import TemplateError
from lab_server.desk.rights import Right
from lab_server.desk.templates.hanging import hanging, renamed
from lab_server.desk.templates.model import MOST_FIELDS, FieldKind, Template, TemplateField
from lab_server.desk.templates.transfer import checked
from lab_server.desk.typed import odd
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.setup import field_form, words

_NEW = TemplateField(key="new", kind=FieldKind.TEXT, title={"en": "New"})


@dataclass(frozen=True)
class Sheet:
    """What has questions: where its pages are, how it is read and its draft kept, and its own page.

    `show(request, visitor, key, said, status, undo)` draws that page; `undo`: a question that was just taken away.
    """

    path: str
    read: Callable[[Desk, str], Template]
    keep: Callable[[Desk, Template], Any]
    show: Callable[[Request, Visitor, str, str, int, dict[str, str] | None], Awaitable[Response]]


def routes(access: Access, frame: Frame, sheet: Sheet) -> APIRouter:  # noqa: PLR0915 (one statement more a route)
    """Below `{path}/{key}`: `fields/{field}`, `add`, `put`."""
    router = APIRouter(prefix=sheet.path)
    Sets = Annotated[Visitor, Depends(signed_in(Right.DESK_SETUP))]  # noqa: N806 (a type)

    def page(
        request: Request, visitor: Visitor, template: Template, field: TemplateField | None, typed: dict[str, str],
        faults: dict[str, str] | None = None, after: str = "",
    ) -> Response:  # fmt: skip
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        place = template.fields.index(field) if field is not None else _after(template, after)
        kind = next((one for one in FieldKind if one == typed["kind"]), FieldKind.TEXT)
        choices = field_form.parsed(typed, field, set())[0]["choices"]
        codes = [(one["code"], words.in_words(one["title"], language)) for one in choices]
        if kind is FieldKind.YES_NO:
            codes = [("yes", say.gettext("Yes")), ("no", say.gettext("No"))]
        return frame.page(
            request, "setup/field.html", visitor, status=422 if faults else 200, sheet=sheet, whole=template,
            field=field, typed=typed, after=after, kinds=words.kinds(say), operators=words.operators(say),
            faults={name: words.fault(say, word) for name, word in (faults or {}).items()}, codes=codes,
            before=template.fields[:place], behind=template.fields[place + (field is not None) :],
            rules=field_form.RULES,
            text=lambda one: words.in_words(one, language), chooses=kind in {FieldKind.CHOICE, FieldKind.MULTI_CHOICE},
        )  # fmt: skip

    async def template_of(visitor: Visitor, key: str) -> Template:
        return await access.read(visitor, lambda desk: sheet.read(desk, key))

    async def kept(request: Request, visitor: Visitor, template: Template, found: Sequence[TemplateField]) -> str:
        """Keep these fields; or why they cannot be so."""
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        if broken := hanging(found):
            return " ".join(words.hangs(say, one, [*template.fields, *found], language) for one in broken[:3])
        try:
            whole = checked(template.model_copy(update={"fields": tuple(found)}).model_dump())
        except TemplateError as error:
            return f"{say.gettext('The form cannot be kept as it is.')} ({error})"
        await access.write(visitor, lambda desk: sheet.keep(desk, whole))
        return ""

    async def save(
        request: Request, visitor: Visitor, template: Template, field: TemplateField | None, form: dict[str, str]
    ) -> Response:
        typed = field_form.from_page(form)
        if form.get("act") == "look":  # another kind has other boxes
            return page(request, visitor, template, field, typed, after=form.get("after", ""))
        others = {one.key for one in template.fields} - {field.key if field is not None else ""}
        plain, faults = field_form.parsed(typed, field, others)
        if not faults and any(odd(text) is not None for text in typed.values()):
            faults = {"title_zh": "text"}
        if not faults and field is None and len(template.fields) >= MOST_FIELDS:
            faults = {"key": frame.say(request, visitor).gettext("A form has at most 80 questions.")}
        if not faults:
            try:
                made = TemplateField.model_validate(plain)
                there = list(renamed(template.fields, field.key, made.key) if field is not None else template.fields)
                if field is not None:
                    there[template.fields.index(field)] = made
                else:
                    there.insert(_after(template, form.get("after", "")), made)
                if why := await kept(request, visitor, template, there):
                    faults = {"whole": why}
            except ValueError as error:  # what no box of ours says
                faults = {"whole": str(error)[:300]}
        if faults:
            return page(request, visitor, template, field, typed, faults, form.get("after", ""))
        return RedirectResponse(f"{sheet.path}/{template.key}#f-{plain['key']}", 303)

    @router.get("/{key}/fields/{field}")
    async def edit(request: Request, key: str, field: str, visitor: Sets) -> Response:
        template = await template_of(visitor, key)
        one = _field(template, field)
        return page(request, visitor, template, one, field_form.as_typed(one))

    @router.post("/{key}/fields/{field}")
    async def change(request: Request, key: str, field: str, visitor: Sets) -> Response:
        template = await template_of(visitor, key)
        return await save(request, visitor, template, _field(template, field), await fields(request))

    @router.get("/{key}/add")
    async def new(request: Request, key: str, visitor: Sets) -> Response:
        typed = field_form.as_typed(_NEW) | {"key": "", "title_en": ""}
        after = request.query_params.get("after", "")[:40]
        return page(request, visitor, await template_of(visitor, key), None, typed, after=after)

    @router.post("/{key}/add")
    async def add(request: Request, key: str, visitor: Sets) -> Response:
        return await save(request, visitor, await template_of(visitor, key), None, await fields(request))

    @router.post("/{key}/fields/{field}/move")
    async def move(request: Request, key: str, field: str, visitor: Sets) -> Response:
        """One place `way=up` or down."""
        template, way = await template_of(visitor, key), (await fields(request)).get("way", "")
        there = list(template.fields)
        place = there.index(_field(template, field))
        to = place - 1 if way == "up" else place + 1
        if 0 <= to < len(there):
            there[place], there[to] = there[to], there[place]
            if why := await kept(request, visitor, template, there):
                return await sheet.show(request, visitor, key, why, 409, None)
        return RedirectResponse(f"{sheet.path}/{key}#f-{field}", 303)

    @router.post("/{key}/fields/{field}/drop")
    async def drop(request: Request, key: str, field: str, visitor: Sets) -> Response:
        template = await template_of(visitor, key)
        one, say = _field(template, field), frame.say(request, visitor)
        there = [other for other in template.fields if other is not one]
        if not there:
            return await sheet.show(request, visitor, key, say.gettext("A form asks at least one thing."), 409, None)
        if why := await kept(request, visitor, template, there):
            return await sheet.show(request, visitor, key, why, 409, None)
        undo = {
            "field": one.model_dump_json(), "at": str(template.fields.index(one)),
            "title": words.in_words(one.title, frame.language(request, visitor)),
        }  # fmt: skip
        return await sheet.show(request, visitor, key, "", 200, undo)

    @router.post("/{key}/put")
    async def put(request: Request, key: str, visitor: Sets) -> Response:
        """Undo `drop`: what was taken away comes back with the form."""
        form, template = await fields(request), await template_of(visitor, key)
        at = form.get("at", "")
        try:
            one = TemplateField.model_validate(json.loads(form.get("field", "")))
        except (ValueError, RecursionError) as error:
            raise HTTPException(422) from error
        there = list(template.fields)
        there.insert(int(at) if at.isdecimal() and len(at) < 4 else len(there), one)
        if why := await kept(request, visitor, template, there):
            return await sheet.show(request, visitor, key, why, 409, None)
        return RedirectResponse(f"{sheet.path}/{key}#f-{one.key}", 303)

    return router


def _field(template: Template, key: str) -> TemplateField:
    if (found := template.field(key)) is None:
        raise HTTPException(404)
    return found


def _after(template: Template, key: str) -> int:
    """Where a new one goes: after that field, else at the end."""
    places = {field.key: place for place, field in enumerate(template.fields)}
    return places.get(key, len(places) - 1) + 1
