"""The own calls: listed, read as the screen pop says them, recorded on their form, noted, finished."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from lab_server.desk import drafts, entries, notes
from lab_server.desk.day import board
from lab_server.desk.day.board import MyCall
from lab_server.desk.desk import Desk
from lab_server.desk.errors import NotYoursError, StateError
from lab_server.desk.forms import form_of
from lab_server.desk.notes import NoteView
from lab_server.desk.ownership import agent_legs, known
from lab_server.desk.pop import Pop, pop
from lab_server.desk.rights import Right
from lab_server.desk.templates import library
from lab_server.desk.templates.faults import Fault
from lab_server.ids import new_id
from lab_server.store.tables import Form
from web.access import Access, Visitor, signed_in
from web.api.kinds import Body, Done, Id, Listed, Moment, Most, Values, Word, listed
from web.failures import refusal
from web.floor_api import FloorDoor, status_of
from web.frame import Frame

Works = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]


class Recorded(Body):
    """The form as a whole: what is left out is empty. `key`: the same again saves nothing again."""

    values: Values
    key: str = Field(default="", max_length=60)


class Saved(Body):
    """`faults`: what is wrong or missing still; it is saved all the same."""

    form: Form
    version: int
    values: dict[str, str]
    faults: tuple[Fault, ...]


class Note(Body):
    """Left out or null: as it is."""

    text: str | None = Field(default=None, max_length=4000)
    disposition: str | None = Field(default=None, max_length=40)


class Chosen(Body):
    """The key of one of `offered_forms`."""

    template: Word


def routes(access: Access, frame: Frame, door: FloorDoor) -> APIRouter:
    """Below `/api/v1/contacts`."""
    router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"])

    @router.get("")
    async def calls(visitor: Works, before: Moment | None = None, most: Most = 50) -> Listed[MyCall]:
        """The own calls, the newest first; `before`: `at` of the last one that was read, for those further back."""
        found = await access.read(visitor, lambda desk: board.calls(desk, before=before, most=most + 1))
        return listed(found, most)

    @router.get("/{contact_id}")
    async def read(request: Request, contact_id: Id, visitor: Works) -> Pop:
        """The screen pop: everything the desk shows of a contact that rings or rang at the own phone."""
        language = frame.language(request, visitor)
        return await access.read(visitor, lambda desk: pop(desk, contact_id, language))

    @router.post("/{contact_id}/template")
    async def choose(request: Request, contact_id: Id, chosen: Chosen, visitor: Works) -> Pop:
        """Record it on one of the forms that are offered."""
        language = frame.language(request, visitor)

        def work(desk: Desk) -> Pop:
            library.choose(desk, contact_id, chosen.template)
            return pop(desk, contact_id, language)

        return await access.write(visitor, work)

    @router.put("/{contact_id}/form")
    async def record(contact_id: Id, recorded: Recorded, visitor: Works) -> Saved:
        """Save the form. Which fields it has is in `form` of the contact."""
        return await access.write(visitor, lambda desk: _saved(desk, contact_id, recorded))

    @router.put("/{contact_id}/note")
    async def note(contact_id: Id, noted: Note, visitor: Works) -> NoteView:
        """The own note, the disposition, or both."""
        return await access.write(
            visitor, lambda desk: notes.save(desk, contact_id, text=noted.text, disposition=noted.disposition)
        )

    @router.post("/{contact_id}/finish", response_model=Done)
    async def finish(contact_id: Id, visitor: Works) -> Response:
        """Everything is written down: the wrap-up is over, and the next call may come."""
        await access.read(visitor, lambda desk: _refuse_others(desk, contact_id))
        answer = await door.ask(visitor, {"do": "finish_wrap_up", "contact": contact_id}, new_id())
        over = await access.write(visitor, lambda desk: _finished(desk, contact_id))
        if answer.ok or over:
            return JSONResponse(Done().model_dump())
        return refusal(status_of(answer), answer.error, answer.message)

    return router


def _saved(desk: Desk, contact_id: str, recorded: Recorded) -> Saved:
    view = form_of(desk.session, contact_id)
    if view is None:
        raise StateError(f"contact {contact_id} has no form yet: choose one of those that are offered")
    entry = entries.save_entry(desk, contact_id, view.form, recorded.values, recorded.key or new_id())
    faults = drafts.missing(desk, contact_id, view.form)
    return Saved(form=view.form, version=entry.version, values=dict(entry.values), faults=faults)


def _refuse_others(desk: Desk, contact_id: str) -> None:
    if not agent_legs(desk.session, desk.actor, known(desk.session, desk.actor, contact_id).id):
        raise NotYoursError(f"contact {contact_id} was not answered by you: there is nothing for you to finish")


def _finished(desk: Desk, contact_id: str) -> bool:
    """Whether the actor's part is written up. Nothing is finished while the call goes on."""
    mine = agent_legs(desk.session, desk.actor, contact_id)
    if not mine or any(leg.ended_at is None for leg in mine):
        return False
    entries.finish_wrap_up(desk, contact_id)
    return True
