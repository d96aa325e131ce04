"""`/tickets`: what waits for whom; and a new one, from nothing or from a call."""

from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import select

from datasets.language import LANGUAGES, Language
from lab_server.desk import names
from lab_server.desk.crm import records, within
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import categories, piles, work
from lab_server.desk.ticketing.categories import CategoryNode
from lab_server.desk.ticketing.piles import Wanted
from lab_server.desk.ticketing.work import Pile
from lab_server.store.tables import Contact, Customer, Mode, Ticket, TicketKind, Urgency
from scenarios.facts import Localised
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import contact_of, id_or_none, mode_of, part_of, word
from web.records.choosing import chosen_customer
from web.records.faulty import beside
from web.refusals import status_of

NAMES = frozenset({"title", "text", "kind", "urgency", "due_at", "category_id", "customer"})


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list and the form of a new one."""
    router = APIRouter(prefix="/tickets")
    Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]  # noqa: N806

    @router.get("")
    async def listed(request: Request, visitor: Reads) -> Response:
        wanted, mode = wanted_of(request), mode_of(request)
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        found, tree = await access.read(
            visitor,
            lambda desk: (piles.listed(desk, mode, wanted), categories.tree(desk.session, desk.actor.site_id)),
        )
        return frame.page(
            request, "records/tickets.html", visitor, part=part_of(request, "rows"), found=found, wanted=wanted,
            mode=mode, branches=flat(tree, language), piles=words.piles(say), kinds=words.kinds(say),
            urgencies=words.urgency_names(say), states=words.ticket_states(say), Right=Right, note="",
        )  # fmt: skip

    async def page(
        request: Request, visitor: Visitor, values: dict[str, str], refused: DeskError | None = None
    ) -> Response:
        say, language = frame.say(request, visitor), frame.language(request, visitor)
        shown = await access.read(visitor, lambda desk: _around(desk, values, language))
        return frame.page(
            request, "records/new_ticket.html", visitor, part="main", **shown, kinds=words.kinds(say),
            urgencies=words.urgencies(say), mode=mode_of(request),
            faults=beside(say, refused, NAMES) if refused is not None else {},
            status=status_of(refused) if refused is not None else 200,
        )  # fmt: skip

    @router.get("/new")
    async def new(request: Request, visitor: Edits) -> Response:
        values = {name: word(request, name, 200) for name in ("contact", "customer", "kind", "title")}
        return await page(request, visitor, {"urgency": "normal", **values})

    @router.post("/new")
    async def make(request: Request, visitor: Edits) -> Response:
        form = await fields(request)
        mode, zone = mode_of(request), access.settings.zone
        try:
            made = await access.write(visitor, lambda desk: _made(desk, form, mode, zone))
        except DeskError as error:
            return await page(request, visitor, form, error)
        return RedirectResponse(f"/tickets/{made}?done=opened", 303)

    return router


def wanted_of(request: Request) -> Wanted:
    """What the list is narrowed to; a word that is none of ours narrows nothing."""
    asked = request.query_params
    which: Pile = next((one for one in get_args(Pile) if one == asked.get("pile")), "mine")
    kind: TicketKind = next((one for one in get_args(TicketKind) if one == asked.get("kind")), "")
    urgency: Urgency | None = next((one for one in get_args(Urgency) if one == asked.get("urgency")), None)
    category = id_or_none(asked.get("category", "")) or ""
    return Wanted(which=which, kind=kind, urgency=urgency, category_id=category, text=word(request, "q", 60))


def flat(nodes: tuple[CategoryNode, ...], language: Language, depth: int = 0) -> list[tuple[str, str]]:
    """The tree as a list to choose from: id, and the title behind as many blanks as it is deep."""
    found = []
    for node in nodes:
        found.append((node.id, "\u2003" * depth + in_words(node.title, language)))
        found += flat(node.below, language, depth + 1)
    return found


def in_words(text: Localised, language: Language) -> str:
    """In the reader's language, else in the other one."""
    return next((text[one] for one in (language, *LANGUAGES) if text.get(one)), "")


def due_of(text: str, zone: tzinfo) -> datetime | None:
    """What a field for a moment says (`2026-11-22T16:30`), at the site. Raises `BadValueError`."""
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip()[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValueError("due_at: a moment is written as 2026-11-22T16:30") from error


def _around(desk: Desk, values: dict[str, str], language: Language) -> dict[str, Any]:
    contact = contact_of(desk, values.get("contact", ""))
    there = _of_contact(desk, contact)
    if there is not None and not there.version > 1 and "title" not in values:
        values = {**values, "title": there.title}
    customer_id = id_or_none(values.get("customer", "")) or (contact.customer_id if contact is not None else None)
    customer = _readable(desk, customer_id)
    return {
        "values": values,
        "contact": contact.id if contact is not None else "",
        "second": there is not None and there.version > 1,
        "customer": customer,
        "branches": flat(categories.tree(desk.session, desk.actor.site_id), language),
        "takers": piles.takers(desk),
    }


def _readable(desk: Desk, customer_id: str | None) -> Any:
    if customer_id is None:
        return None
    try:
        return records.read(desk, customer_id)
    except DeskError:
        return None


def _of_contact(desk: Desk, contact: Contact | None) -> Ticket | None:
    if contact is None:
        return None
    return desk.session.exec(select(Ticket).where(Ticket.contact_id == contact.id)).first()


def _made(desk: Desk, form: dict[str, str], mode: Mode, zone: tzinfo) -> str:
    """A contact has one ticket: a second one written during the call is the customer's alone."""
    contact = contact_of(desk, form.get("contact", ""))
    there = _of_contact(desk, contact)
    mode = contact.mode if contact is not None else mode
    made = work.open_ticket(
        desk, mode, form.get("kind", ""), form.get("title", ""),  # type: ignore[arg-type]  # checked there
        text=form.get("text", "").replace("\r\n", "\n"),
        customer_id=chosen_customer(desk, mode, form, contact),
        contact_id=contact.id if contact is not None and (there is None or there.version == 1) else None,
        category_id=form.get("category_id") or None,
        urgency=form.get("urgency", "normal"),  # type: ignore[arg-type]
        due_at=due_of(form.get("due_at", ""), zone),
    )  # fmt: skip
    if taker := form.get("assignee", ""):
        made = work.assign(desk, made.id, made.version, taker)
    return made.id


def customer_name(desk: Desk, customer_id: str | None) -> str:
    """To show; "" for none."""
    return names.customers(desk.session, desk.actor.site_id, [customer_id]).get(customer_id or "", "")


def may_read(desk: Desk, customer_id: str | None) -> bool:
    """Whether the customer's page would open for the actor."""
    row = desk.session.get(Customer, customer_id) if customer_id is not None else None
    return row is not None and (desk.actor.role not in {"student", "supervisor"} or within.is_own(desk, row))
