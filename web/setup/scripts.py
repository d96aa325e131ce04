"""`/scripts`: talk scripts by queue and language, their steps with blanks, every version."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import LANGUAGES, Language
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.knowledge import blanks, scripts
from lab_server.desk.knowledge.scripts import ScriptStep
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.ids import is_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of

_EXAMPLE: Mapping[Language, Mapping[str, str]] = {
    "zh-CN": {
        "caller": "王女士", "name": "王芳", "surname": "王", "number": "13800000000", "agent": "李雷", "seat": "1001",
        "company": "本公司", "queue": "order", "daytime": "下午好", "order": "8F3K2M", "order_state": "shipped",
        "ticket": "退换货", "member_number": "M1001",
    },
    "en": {
        "caller": "Ms. Jones", "name": "Mary Jones", "surname": "Jones", "number": "13800000000", "agent": "Lee",
        "seat": "1001", "company": "our company", "queue": "order", "daytime": "Good afternoon", "order": "8F3K2M",
        "order_state": "shipped", "ticket": "a return", "member_number": "M1001",
    },
}  # fmt: skip
"""A customer to show a script with."""


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list, the editor with its versions."""
    router = APIRouter(prefix="/scripts")
    Sets = Annotated[Visitor, Depends(signed_in(Right.DESK_SETUP))]  # noqa: N806 (a type)

    @router.get("")
    async def every(request: Request, visitor: Sets) -> Response:
        found = await access.read(visitor, scripts.listed)
        return frame.page(request, "setup/scripts.html", visitor, scripts=found, queues=access.settings.queues)

    async def editor(
        request: Request, visitor: Visitor, queue: str, language: Language, title: str, steps: list[dict[str, str]],
        fault: str = "", status: int = 200, at: int = -1,
    ) -> Response:  # fmt: skip
        versions = await access.read(visitor, lambda desk: scripts.history(desk, queue, language))
        example = _EXAMPLE[language]
        seen = [(one["title"], blanks.filled(one["text"], example)) for one in steps]
        return frame.page(
            request, "setup/script.html", visitor, status=status, queue=queue, in_language=language, title=title,
            steps=steps, fault=fault, at=at, versions=versions, seen=seen, blanks=sorted(blanks.KNOWN), example=example,
            most=scripts.MOST_STEPS,
        )  # fmt: skip

    @router.get("/edit")
    async def edit(request: Request, visitor: Sets) -> Response:
        asked = request.query_params
        queue, language = asked.get("queue", "")[:40], _language(asked.get("language", ""))
        versions = await access.read(visitor, lambda desk: scripts.history(desk, queue, language))
        wanted = asked.get("version", "")
        chosen = [one for one in versions if str(one.version) == wanted] or list(versions)
        steps = [{"key": one.key, "title": one.title, "text": one.text} for one in chosen[0].steps] if chosen else []
        title = chosen[0].title if chosen else ""
        return await editor(request, visitor, queue, language, title, steps or [_empty(1)])

    @router.post("/edit")
    async def change(request: Request, visitor: Sets) -> Response:
        """`act=save` keeps it as a new version; the other acts change what stands in the page, and keep nothing."""
        form = await fields(request)
        queue, language = form.get("queue", "")[:40], _language(form.get("language", ""))
        title, steps = form.get("title", "")[:300], _steps(form)
        act, _, place = form.get("act", "save").partition("-")
        at = int(place) if place.isdecimal() and len(place) < 4 else -1
        if act != "save":
            return await editor(request, visitor, queue, language, title, _changed(steps, act, at), at=at)
        kept = [ScriptStep(**one) for one in steps if one["title"].strip() or one["text"].strip()]
        try:
            await access.write(visitor, lambda desk: scripts.save(desk, queue, language, title, kept))
        except DeskError as error:
            fault = _fault(frame.say(request, visitor), error, title, kept)
            return await editor(request, visitor, queue, language, title, steps, fault, status_of(error))
        return RedirectResponse(_editor(queue, language), 303)

    @router.post("/{script_id}/back")
    async def bring_back(script_id: str, visitor: Sets) -> Response:
        if not is_id(script_id):
            raise HTTPException(404)
        kept = await access.write(visitor, lambda desk: scripts.bring_back(desk, script_id))
        return RedirectResponse(_editor(kept.queue, kept.language), 303)

    return router


def _editor(queue: str, language: Language) -> str:
    return f"/scripts/edit?{urlencode({'queue': queue, 'language': language, 'kept': '1'})}"


def _language(text: str) -> Language:
    return next((one for one in LANGUAGES if one == text), "zh-CN")


def _empty(number: int) -> dict[str, str]:
    return {"key": f"step{number}", "title": "", "text": ""}


def _steps(form: Mapping[str, str]) -> list[dict[str, str]]:
    found = []
    for at in range(scripts.MOST_STEPS + 1):
        if f"text-{at}" in form:
            one = {name: form.get(f"{name}-{at}", "")[:4000] for name in ("key", "title", "text")}
            found.append(one | {"key": one["key"] or f"step{at + 1}"})
    return found


def _changed(steps: list[dict[str, str]], act: str, at: int) -> list[dict[str, str]]:
    """With a step moved, taken away, or an empty one after `at`."""
    steps = list(steps)
    if act == "up" and 0 < at < len(steps):
        steps[at - 1], steps[at] = steps[at], steps[at - 1]
    elif act == "down" and 0 <= at < len(steps) - 1:
        steps[at + 1], steps[at] = steps[at], steps[at + 1]
    elif act == "drop" and 0 <= at < len(steps):
        del steps[at]
    elif act == "add" and len(steps) < scripts.MOST_STEPS:
        known = {one["key"] for one in steps}
        number = next(one for one in range(1, 100) if f"step{one}" not in known)
        steps.insert(at + 1 if 0 <= at < len(steps) else len(steps), _empty(number))
    return steps or [_empty(1)]


def _fault(say: Translator, error: DeskError, title: str, steps: list[ScriptStep]) -> str:
    _ = say.gettext
    if not isinstance(error, BadValueError):
        return sentence(say, error)
    if not title.strip():
        return _("Give the script a title.")
    if not steps:
        return _("Write at least one step.")
    for number, one in enumerate(steps, start=1):
        if not one.text.strip():
            return _("Step {number} says nothing yet.").format(number=number)
        try:
            blanks.checked(one.text)
        except BadValueError:
            return _("Step {number} has a blank that nobody can fill. These can be: {blanks}.").format(
                number=number, blanks=" ".join(f"{{{name}}}" for name in sorted(blanks.KNOWN))
            )
    return _("Something is too long, or has a character that cannot be kept.")
