"""`/surveys`: listed, made, their questions and quotas edited, asked and stopped; what they came to, also as CSV."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import poll_results, polls
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.polls import SurveyView
from lab_server.desk.rights import Right
from lab_server.desk.templates.model import FieldKind, Template, TemplateField
from lab_server.ids import is_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of
from web.setup import quota_form, words
from web.setup.fields import Sheet
from web.setup.fields import routes as field_routes
from web.setup.head_form import head_of, key_of
from web.setup.preview import previewed

PATH = "/surveys"


def routes(access: Access, frame: Frame) -> list[APIRouter]:  # noqa: PLR0915 (one statement more a route)
    """`/surveys` and all below it."""
    router = APIRouter(prefix=PATH)
    Sets = Annotated[Visitor, Depends(signed_in(Right.DESK_SETUP))]  # noqa: N806 (a type)

    async def listing(request: Request, visitor: Visitor, said: str = "", status: int = 200) -> Response:
        found = await access.read(visitor, polls.listed)
        return frame.page(
            request, "setup/surveys.html", visitor, status=status, surveys=found, said=said,
            states=words.states(frame.say(request, visitor)),
        )  # fmt: skip

    async def show(
        request: Request, visitor: Visitor, key: str, said: str = "", status: int = 200,
        undo: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        versions = await access.read(visitor, lambda desk: polls.history(desk, key))
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        one = versions[0]
        return frame.page(
            request, "setup/survey.html", visitor, status=status, said=said, survey=one, whole=one.questions,
            versions=versions, undo=undo, kinds=words.kinds(say), states=words.states(say), sheet=sheet,
            offered=quota_form.offered(one.questions, language),
            quotas=quota_form.as_typed([state.quota for state in one.quotas]),
            counts=[state.count for state in one.quotas], text=lambda text: words.in_words(text, language),
        )  # fmt: skip

    sheet = Sheet(PATH, lambda desk, key: _newest(desk, key).questions, _keep, show)

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
        title = form.get("title", "")
        head = head_of({"title_en": title, "form": "survey"})
        if head.faults:
            return await listing(request, visitor, words.fault(say, next(iter(head.faults.values()))), 422)
        first = TemplateField(
            key="content", kind=FieldKind.YES_NO, title={"zh-CN": "您满意吗？", "en": "Are you satisfied?"}
        )  # fmt: skip

        def work(desk: Desk) -> str:
            return polls.save(desk, key_of(head, {one.name for one in polls.listed(desk)}), title, [first]).name

        try:
            name = await access.write(visitor, work)
        except DeskError as error:
            return await listing(request, visitor, sentence(say, error), status_of(error))
        return RedirectResponse(f"{PATH}/{name}", 303)

    @router.get("/{key}")
    async def one(request: Request, key: str, visitor: Sets) -> Response:
        return await show(request, visitor, key)

    @router.post("/{key}/head")
    async def save_head(request: Request, key: str, visitor: Sets) -> Response:
        """The title and the quotas."""
        form = await fields(request)
        quotas, fault = quota_form.parsed(form)
        if fault:
            return await show(request, visitor, key, words.fault(frame.say(request, visitor), fault), 422)

        def work(desk: Desk) -> SurveyView:
            return polls.save(desk, key, form.get("title", ""), _newest(desk, key).questions.fields, quotas)

        return await changed(request, visitor, key, work)

    @router.post("/{key}/start")
    async def start(request: Request, key: str, visitor: Sets) -> Response:
        return await changed(request, visitor, key, lambda desk: polls.start(desk, key))

    @router.post("/{key}/stop")
    async def stop(request: Request, key: str, visitor: Sets) -> Response:
        return await changed(request, visitor, key, lambda desk: polls.stop(desk, key))

    @router.post("/{key}/back")
    async def bring_back(request: Request, key: str, visitor: Sets) -> Response:
        version = (await fields(request)).get("version", "")
        return await changed(request, visitor, key, lambda desk: polls.bring_back(desk, version))

    @router.get("/{key}/preview")
    async def preview(request: Request, key: str, visitor: Sets) -> Response:
        one = await _version(access, visitor, key, request.query_params.get("version", ""))
        language = frame.language(request, visitor)
        asked = {name: ",".join(request.query_params.getlist(name)) for name in request.query_params}
        seen = previewed(one.questions, asked, language, access.clock.utc())
        return frame.page(
            request, "setup/preview.html", visitor, part="form", key=key, sheet=sheet,
            version=request.query_params.get("version", "")[:26], **seen,
        )  # fmt: skip

    @router.get("/{key}/results")
    async def results(request: Request, key: str, visitor: Sets) -> Response:
        one = await _version(access, visitor, key, request.query_params.get("version", ""))
        found = await access.read(visitor, lambda desk: poll_results.results(desk, one.id))
        versions = await access.read(visitor, lambda desk: polls.history(desk, key))
        language = frame.language(request, visitor)
        return frame.page(
            request, "setup/results.html", visitor, results=found, survey=one, versions=versions,
            text=lambda text: words.in_words(text, language),
        )  # fmt: skip

    @router.get("/{key}/results.csv")
    async def sheet_of(request: Request, key: str, visitor: Sets) -> Response:
        one = await _version(access, visitor, key, request.query_params.get("version", ""))
        language = frame.language(request, visitor)
        content = await access.write(visitor, lambda desk: poll_results.sheet(desk, one.id, language))
        name = f"{one.name}-{one.version}.csv"
        return Response(
            content, media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )  # fmt: skip

    return [router, field_routes(access, frame, sheet)]


async def _version(access: Access, visitor: Visitor, key: str, version: str) -> SurveyView:
    """The version of that row's id; else the one that is asked now, else the newest."""
    found = await access.read(visitor, lambda desk: polls.history(desk, key))
    if is_id(version):
        chosen = next((one for one in found if one.id == version), None)
        if chosen is None:
            raise HTTPException(404)
        return chosen
    return next((one for one in found if one.state == "running"), found[0])


def _newest(desk: Desk, key: str) -> SurveyView:
    return polls.history(desk, key)[0]


def _keep(desk: Desk, template: Template) -> SurveyView:
    """Its questions changed; of quotas those that still count something stay."""
    one = _newest(desk, template.key)
    quotas = [state.quota for state in one.quotas if _counts(template, state.quota)]
    return polls.save(desk, one.name, one.title, template.fields, quotas)


def _counts(template: Template, quota: polls.Quota) -> bool:
    field = template.field(quota.key)
    return field is not None and (not field.choices or set(quota.answers) <= {one.code for one in field.choices})
