"""`/tickets/<id>`: one ticket with its remarks and history; changed, given on, resolved, closed, opened again."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import Language
from lab_server.desk import names
from lab_server.desk.crm import viewers
from lab_server.desk.desk import Desk
from lab_server.desk.errors import ChangedError, DeskError, UnknownTicketError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import attachments, categories, comments, piles, work
from lab_server.desk.ticketing.views import TicketView
from lab_server.ids import is_id
from lab_server.store.tables import Category, TicketState
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import word
from web.records.faulty import beside
from web.records.tickets import NAMES, customer_name, due_of, flat, in_words, may_read
from web.refusals import status_of

_TEXTS = ("title", "text", "kind", "category_id", "urgency", "due_at")


def routes(access: Access, frame: Frame) -> APIRouter:
    """The ticket and what is done to it, but for its files."""
    router = APIRouter(prefix="/tickets/{ticket_id}")
    Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]  # noqa: N806
    Assigns = Annotated[Visitor, Depends(signed_in(Right.TICKET_ASSIGN))]  # noqa: N806
    zone = access.settings.zone

    async def page(
        request: Request,
        visitor: Visitor,
        ticket_id: str,
        *,
        typed: Mapping[str, str] | None = None,
        refused: DeskError | None = None,
    ) -> Response:
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        shown = await access.read(visitor, lambda desk: _shown(desk, known(ticket_id), language, zone))
        faults = beside(say, refused, NAMES) if refused is not None else {}
        values, theirs = shown["values"], dict[str, str]()
        if typed is not None:
            values, theirs = _both(values, typed)
            if not isinstance(refused, ChangedError):
                theirs = {}
        return frame.page(
            request, "records/ticket.html", visitor, part="main", **{**shown, "values": values}, theirs=theirs,
            was=shown["values"], faults=faults, status=status_of(refused) if refused is not None else 200, Right=Right,
            kinds=words.kinds(say), urgencies=words.urgencies(say), states=words.ticket_states(say),
            steps=words.ticket_steps(say), names=words.ticket_fields(say), done=word(request, "done"),
            note=words.done(say, word(request, "done")), file=word(request, "file", 26),
            remark=word(request, "remark", 26),
        )  # fmt: skip

    @router.get("")
    async def show(request: Request, ticket_id: str, visitor: Reads) -> Response:
        return await page(request, visitor, ticket_id)

    @router.post("")
    async def change(request: Request, ticket_id: str, visitor: Edits) -> Response:
        """Only what was typed over counts; what others changed in other fields meanwhile stays."""
        form = await fields(request)
        try:
            await access.write(visitor, lambda desk: _changed(desk, known(ticket_id), form, zone))
        except DeskError as error:
            return await page(request, visitor, ticket_id, typed=form, refused=error)
        return RedirectResponse(f"/tickets/{ticket_id}?done=saved", 303)

    @router.post("/assign")
    async def assign(request: Request, ticket_id: str, visitor: Assigns) -> Response:
        form = await fields(request)
        taker = form.get("assignee") or None
        try:
            await access.write(visitor, lambda desk: work.assign(desk, known(ticket_id), _version(form), taker))
        except ChangedError as error:
            return await page(request, visitor, ticket_id, refused=error)
        return RedirectResponse(f"/tickets/{ticket_id}?done=assigned", 303)

    @router.post("/move")
    async def move(request: Request, ticket_id: str, visitor: Edits) -> Response:
        form = await fields(request)
        state: TicketState | None = next((one for one in get_args(TicketState) if one == form.get("state")), None)
        if state is None:
            raise HTTPException(404)
        try:
            await access.write(
                visitor,
                lambda desk: work.move(desk, known(ticket_id), _version(form), state, form.get("reason", "")),
            )
        except ChangedError as error:
            return await page(request, visitor, ticket_id, refused=error)
        return RedirectResponse(f"/tickets/{ticket_id}?done=moved", 303)

    return router


def known(ticket_id: str) -> str:
    """Raises `UnknownTicketError` for what is no id."""
    if not is_id(ticket_id):
        raise UnknownTicketError("that is no ticket's id: take it from a list")
    return ticket_id


def _version(form: Mapping[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _shown(desk: Desk, ticket_id: str, language: Language, zone: tzinfo) -> dict[str, Any]:
    ticket, history = work.read(desk, ticket_id), work.history(desk, ticket_id)
    ids = [ticket.user_id, ticket.assignee_id, *(one.user_id for one in history)]
    ids += [one.data.get("to") for one in history if one.kind == "assigned"]
    category = desk.session.get(Category, ticket.category_id) if ticket.category_id else None
    files = attachments.listed(desk, ticket_id)
    return {
        "ticket": ticket,
        "values": _values(ticket, zone),
        "customer": customer_name(desk, ticket.customer_id),
        "customer_open": may_read(desk, ticket.customer_id),
        "category": in_words(categories.localised(category.title), language) if category is not None else "",
        "branches": flat(categories.tree(desk.session, desk.actor.site_id), language),
        "takers": piles.takers(desk),
        "remarks": comments.listed(desk, ticket_id),
        "files": files,
        "history": history,
        "people": names.users(desk.session, desk.actor.site_id, [*ids, *(one.user_id for one in files)]),
        "others": viewers.others(desk, "ticket", ticket_id),
    }


def _values(ticket: TicketView, zone: tzinfo) -> dict[str, str]:
    """As the form's fields hold them."""
    return {
        "title": ticket.title, "text": ticket.text, "kind": ticket.kind, "category_id": ticket.category_id or "",
        "urgency": ticket.urgency, "due_at": local_moment(ticket.due_at, zone),
    }  # fmt: skip


def local_moment(at: datetime | None, zone: tzinfo) -> str:
    """As a field for a moment wants it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at is not None else ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _overwritten(form: Mapping[str, str]) -> dict[str, str]:
    """The fields that were typed over."""
    texts = {name: _plain(form[name]) for name in _TEXTS if name in form}
    return {name: text for name, text in texts.items() if text != _plain(form.get(f"was.{name}", ""))}


def _both(now: Mapping[str, str], form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the form shows again (typed over what stands now), and where somebody else's differs."""
    typed = _overwritten(form)
    theirs = {
        name: now[name] for name, text in typed.items() if now[name] not in {text, _plain(form.get(f"was.{name}", ""))}
    }
    return {**now, **typed}, theirs


def _changed(desk: Desk, ticket_id: str, form: Mapping[str, str], zone: tzinfo) -> None:
    typed, now = _overwritten(form), work.read(desk, ticket_id)
    values: dict[str, Any] = dict(typed)
    if "due_at" in values:
        values["due_at"] = due_of(values["due_at"], zone)
    if "category_id" in values:
        values["category_id"] = values["category_id"] or None
    version = _version(form)
    if now.version != version:
        _, theirs = _both(_values(now, zone), form)
        if theirs:
            raise ChangedError(f"somebody has changed {', '.join(theirs)} of ticket {ticket_id} since you opened it")
        version = now.version
    if values:
        work.change(desk, ticket_id, version, **values)
