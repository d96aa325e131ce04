"""`/callbacks`: who is to be rung back; taken and rung with one key, settled, postponed, cancelled."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import col, select

from lab_server.desk import callbacks
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from lab_server.ids import is_id, new_id
from lab_server.store.tables import Callback, Customer
from web.access import Access, Visitor, fields, signed_in
from web.day.told import told
from web.day.when import chosen
from web.desk.words import refusal
from web.floor_api import FloorDoor
from web.frame import Frame
from web.refusals import sentence, status_of


@dataclass(frozen=True)
class Line:
    """A call-back with whose it is."""

    row: Callback
    name: str
    due: bool


def routes(access: Access, frame: Frame, door: FloorDoor) -> APIRouter:
    """`/callbacks` and below it what is done to one."""
    router = APIRouter(prefix="/callbacks")
    Reads = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_READ))]  # noqa: N806 (a type)
    Works = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_ORDER))]  # noqa: N806
    Manages = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_MANAGE))]  # noqa: N806

    async def listing(request: Request, visitor: Visitor, said: str = "", status: int = 200) -> Response:
        lines = await access.read(visitor, _lines)
        say = frame.say(request, visitor)
        error = request.query_params.get("told", "")[:40]
        return frame.page(
            request, "day/callbacks.html", visitor, part="lines", status=status, lines=lines, rights=Right,
            said=said or (refusal(say, error) if error else ""), told=told(say, request),
        )  # fmt: skip

    async def changed(request: Request, visitor: Visitor, done: str, callback_id: str, work: object) -> Response:
        try:
            await access.write(visitor, work)  # type: ignore[arg-type]
        except DeskError as error:
            return await listing(request, visitor, sentence(frame.say(request, visitor), error), status_of(error))
        return RedirectResponse(f"/callbacks?done={done}&of={callback_id}", 303)

    @router.get("")
    async def every(request: Request, visitor: Reads) -> Response:
        return await listing(request, visitor)

    @router.post("/{callback_id}/ring")
    async def ring(request: Request, callback_id: str, visitor: Works) -> Response:
        """Take it, and have the own phone rung, then the customer's."""
        seat, one = visitor.seat, _known(callback_id)
        if seat is None:
            return RedirectResponse("/seat?next=/callbacks", 303)
        try:
            number = await access.write(visitor, lambda desk: callbacks.take(desk, one, seat).dialled)
        except DeskError as error:
            return await listing(request, visitor, sentence(frame.say(request, visitor), error), status_of(error))
        answer = await door.ask(visitor, {"do": "dial", "numbers": [number]}, new_id())
        if not answer.ok:
            await access.write(visitor, lambda desk: callbacks.given_back(desk, one, seat))
            return RedirectResponse(f"/callbacks?told={answer.error}", 303)
        contact = answer.result["contact"]
        await access.write(visitor, lambda desk: callbacks.rung(desk, one, seat, contact))  # from now on the floor's
        return RedirectResponse(f"/callbacks?done=cb_rings&of={one}", 303)

    @router.post("/{callback_id}/settle")
    async def settle(request: Request, callback_id: str, visitor: Works) -> Response:
        """`reached=1`: the customer was; `0`: not, and it is tried again."""
        reached = (await fields(request)).get("reached") == "1"
        one, seat = _known(callback_id), visitor.seat or ""
        done = "cb_done" if reached else "cb_not_reached"
        return await changed(
            request, visitor, done, one, lambda desk: callbacks.settle(desk, one, seat, reached=reached)
        )

    @router.post("/{callback_id}/unsettle")
    async def unsettle(request: Request, callback_id: str, visitor: Works) -> Response:
        one, seat = _known(callback_id), visitor.seat or ""
        return await changed(request, visitor, "cb_back", one, lambda desk: callbacks.unsettle(desk, one, seat))

    @router.post("/{callback_id}/postpone")
    async def postpone(request: Request, callback_id: str, visitor: Works) -> Response:
        form, one, seat = await fields(request), _known(callback_id), visitor.seat or ""
        due = chosen(form.get("when", ""), form.get("at", ""), access.clock.utc(), access.settings.zone)
        if due is None:
            said = frame.say(request, visitor).gettext("That is no time: choose one, or write it as 2026-11-20 14:30.")
            return await listing(request, visitor, said, 422)
        return await changed(
            request, visitor, "cb_postponed", one, lambda desk: callbacks.postpone(desk, one, seat, due)
        )

    @router.post("/{callback_id}/cancel")
    async def cancel(request: Request, callback_id: str, visitor: Manages) -> Response:
        one = _known(callback_id)
        return await changed(request, visitor, "cb_cancelled", one, lambda desk: callbacks.cancel(desk, one))

    @router.post("/{callback_id}/reopen")
    async def reopen(request: Request, callback_id: str, visitor: Manages) -> Response:
        one = _known(callback_id)
        return await changed(request, visitor, "cb_back", one, lambda desk: callbacks.reopen(desk, one))

    return router


def _known(callback_id: str) -> str:
    if not is_id(callback_id):
        raise HTTPException(404)
    return callback_id


def _lines(desk: Desk) -> list[Line]:
    """The open ones of classes and of service: those due first, each in its order."""
    rows = callbacks.listed(desk, "production") + callbacks.listed(desk, "training")
    ids = {row.customer_id for row in rows if row.customer_id}
    names = dict(desk.session.exec(select(Customer.id, Customer.name).where(col(Customer.id).in_(ids))).all())
    now = desk.clock.utc()
    lines = [Line(row, names.get(row.customer_id or "", ""), row.next_try_at <= now) for row in rows[:200]]
    return sorted(lines, key=lambda one: (not one.due, one.row.next_try_at if not one.due else one.row.since))
