"""`/answer`: a survey asked during a call, on the desk beside the pop or as a page of its own."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import polls
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, FormFaultsError, StateError
from lab_server.desk.rights import Right
from lab_server.desk.templates.faults import faults
from lab_server.desk.templates.jumps import asked
from lab_server.ids import is_id
from web.access import Access, Visitor, signed_in
from web.desk.showing import fault_texts
from web.frame import Frame
from web.refusals import sentence, status_of
from web.setup.words import in_words

_FIELD = "f."


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/answer/{contact_id}/{survey_id}`."""
    router = APIRouter(prefix="/answer/{contact_id}/{survey_id}")
    Asks = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]  # noqa: N806 (a type)

    async def page(
        request: Request, visitor: Visitor, contact: str, survey: str, typed: dict[str, str] | None = None,
        *, final: bool = False, said: str = "", kept: bool = False, status: int = 200,
    ) -> Response:  # fmt: skip
        known, values = await access.read(visitor, lambda desk: _read(desk, contact, survey))
        values = values if typed is None else typed
        language = frame.language(request, visitor)
        found = faults(known.questions, values, final=final)
        return frame.page(
            request, "setup/answer.html", visitor, part="survey", status=status, survey=known, contact=contact,
            values=values, asked=[one.key for one in asked(known.questions, values)], said_here=said, kept=kept,
            faults=fault_texts(found, language), text=lambda text: in_words(text, language),
            full=bool(polls.full_quotas(known, values)),
        )  # fmt: skip

    @router.get("")
    async def ask(request: Request, contact_id: str, survey_id: str, visitor: Asks) -> Response:
        """Answers in the query (`f.<key>`) are shown, and what is asked after them: nothing is kept."""
        kept = request.query_params.get("kept") == "1"
        typed = _joined(request.query_params.multi_items())
        return await page(request, visitor, _known(contact_id), _known(survey_id), typed or None, kept=kept)

    @router.post("")
    async def answer(request: Request, contact_id: str, survey_id: str, visitor: Asks) -> Response:
        """Keep the answers; `act=look`: keep nothing, show what is asked now."""
        contact, survey = _known(contact_id), _known(survey_id)
        typed, act = await _typed(request)
        if act == "look":
            return await page(request, visitor, contact, survey, typed)
        say = frame.say(request, visitor)
        try:
            await access.write(visitor, lambda desk: polls.finish(desk, contact, survey, typed))
        except FormFaultsError as error:
            return await page(
                request, visitor, contact, survey, typed, final=True, said=sentence(say, error), status=422
            )
        except StateError as error:
            _ = say.gettext
            said = _("Enough customers have answered so, or it is asked no more: thank the customer and end.")
            return await page(request, visitor, contact, survey, typed, said=said, status=status_of(error))
        except DeskError as error:
            return await page(
                request, visitor, contact, survey, typed, said=sentence(say, error), status=status_of(error)
            )
        if request.headers.get("hx-request") == "true":
            return await page(request, visitor, contact, survey, kept=True)
        return RedirectResponse(f"/answer/{contact}/{survey}?kept=1", 303)

    return router


def _known(row_id: str) -> str:
    if not is_id(row_id):
        raise HTTPException(404)
    return row_id


def _read(desk: Desk, contact: str, survey: str) -> tuple[Any, dict[str, str]]:
    answers = polls.answers_of(desk, contact, survey)  # who may not see the contact is refused here
    return polls.read(desk, survey), answers


async def _typed(request: Request) -> tuple[dict[str, str], str]:
    """The answers, and which button was pressed."""
    form = await request.form(max_files=0, max_fields=300)
    act = form.get("act")
    return _joined(form.multi_items()), act if isinstance(act, str) else ""


def _joined(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The answers, several to one question with commas between them."""
    found: dict[str, str] = {}
    for name, value in items:
        if isinstance(value, str) and name.startswith(_FIELD) and len(name) < 60:
            key = name.removeprefix(_FIELD)
            found[key] = f"{found[key]},{value}" if found.get(key) else value[:2001]
    return found
