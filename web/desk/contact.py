"""One contact on the desk: its pop as data, its form and note saved as one types, submitted, finished."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lab_server.desk import drafts, entries, notes
from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownContactError
from lab_server.desk.forms import form_of
from lab_server.desk.ownership import agent_legs
from lab_server.desk.pop import Pop, pop
from lab_server.desk.rights import Right
from lab_server.desk.templates import library
from lab_server.ids import is_id, new_id
from lab_server.store.tables import Form
from web.access import Access, Visitor, fields, signed_in
from web.desk import showing
from web.floor_api import FloorDoor
from web.frame import Frame

_FIELD = "f."
"""Before the name of each of the form's own fields."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Typed(_Body):
    """What stands in one field since `at`."""

    form: Form
    field: str = Field(max_length=64)
    value: str = Field(max_length=4000)
    at: AwareDatetime


class Focused(_Body):
    """The cursor went there."""

    form: Form
    field: str = Field(max_length=64)
    at: AwareDatetime


class Noted(_Body):
    """The own note, the disposition, or both."""

    text: str | None = Field(default=None, max_length=4000)
    disposition: str | None = Field(default=None, max_length=40)


def routes(access: Access, frame: Frame, door: FloorDoor) -> APIRouter:
    """Below `/api/v1/desk/contacts/{contact_id}` for scripts and programs, below `/desk/contact/` for forms."""
    router = APIRouter()
    Works = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]  # noqa: N806 (a type)
    api = "/api/v1/desk/contacts/{contact_id}"

    @router.get(api)
    async def contact(request: Request, contact_id: str, visitor: Works) -> Pop:
        """The screen pop."""
        language = frame.language(request, visitor)
        return await access.read(visitor, lambda desk: pop(desk, _known(contact_id), language))

    @router.post(f"{api}/fields")
    async def save_field(request: Request, contact_id: str, typed: Typed, visitor: Works) -> JSONResponse:
        """Keep one field; the answer says which fields are asked now, and what is wrong with what stands there."""
        language = frame.language(request, visitor)

        def work(desk: Desk) -> dict[str, Any]:
            kept = drafts.save_draft(desk, _known(contact_id), typed.form, typed.field, typed.value, typed.at)
            standing = drafts.read(desk, contact_id, typed.form)
            view = form_of(desk.session, contact_id)
            return {
                "kept": kept,
                "asked": showing.asked_keys(view, standing.values) if view is not None else [],
                "faults": showing.fault_texts(standing.faults, language),
            }

        return JSONResponse(await access.write(visitor, work))

    @router.post(f"{api}/focus")
    async def focus(contact_id: str, moved: Focused, visitor: Works) -> JSONResponse:
        """For the journal: which field was worked on when."""
        await access.write(
            visitor, lambda desk: drafts.note_focus(desk, _known(contact_id), moved.form, moved.field, moved.at)
        )
        return JSONResponse({})

    @router.post(f"{api}/note")
    async def note(contact_id: str, noted: Noted, visitor: Works) -> JSONResponse:
        await access.write(
            visitor,
            lambda desk: notes.save(desk, _known(contact_id), text=noted.text, disposition=noted.disposition),
        )
        return JSONResponse({})

    @router.post("/desk/contact/{contact_id}/choose")
    async def choose(request: Request, contact_id: str, visitor: Works) -> Response:
        key = (await fields(request)).get("template", "")
        await access.write(visitor, lambda desk: library.choose(desk, _known(contact_id), key))
        return RedirectResponse(f"/desk?contact={contact_id}", 303)

    @router.post("/desk/contact/{contact_id}")
    async def submit(request: Request, contact_id: str, visitor: Works) -> Response:
        """Save the whole form; `then=finish`: and finish the wrap-up, which faults hold up once."""
        form = await _joined(request)
        faulty = await access.write(visitor, lambda desk: _submitted(desk, _known(contact_id), form))
        back = f"/desk?contact={contact_id}"
        if form.get("then") != "finish":
            return RedirectResponse(back, 303)
        if faulty and form.get("anyway") != "1":
            return RedirectResponse(f"{back}&faulty=1", 303)
        answer = await door.ask(visitor, {"do": "finish_wrap_up", "contact": contact_id}, new_id())
        over = await access.write(visitor, lambda desk: _finished(desk, contact_id))
        return RedirectResponse("/desk" if answer.ok or over else f"{back}&told={answer.error}", 303)

    return router


def _known(contact_id: str) -> str:
    if not is_id(contact_id):
        raise UnknownContactError("that is no contact's id: take it from the screen pop")
    return contact_id


async def _joined(request: Request) -> dict[str, str]:
    """A form's texts; several answers to one question with commas between them."""
    form = await request.form(max_files=0, max_fields=200)
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found[name] = f"{found[name]},{value}" if found.get(name) else value
    return found


def _submitted(desk: Desk, contact_id: str, form: dict[str, str]) -> bool:
    """Whether something is wrong with what was saved."""
    view = form_of(desk.session, contact_id)
    if "note.text" in form or "note.disposition" in form:
        text, disposition = form.get("note.text"), form.get("note.disposition")
        if text or disposition:
            notes.save(desk, contact_id, text=text, disposition=disposition)
    if view is None:
        return False
    values = {name.removeprefix(_FIELD): value for name, value in form.items() if name.startswith(_FIELD)}
    entries.save_entry(desk, contact_id, view.form, values, form.get("key") or new_id())
    return bool(drafts.missing(desk, contact_id, view.form))


def _finished(desk: Desk, contact_id: str) -> bool:
    """Whether the actor's part is written up. Nothing is finished while the call goes on."""
    mine = agent_legs(desk.session, desk.actor, contact_id)
    if not mine or any(leg.ended_at is None for leg in mine):
        return False
    entries.finish_wrap_up(desk, contact_id)
    return True
