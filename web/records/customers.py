"""`/customers`: searched as one types, chosen for a ticket or an order, made."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import customers
from lab_server.desk.crm import calls, records
from lab_server.desk.crm.finding import search_customers
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, TakenError
from lab_server.desk.numbers import identity
from lab_server.desk.rights import Right
from lab_server.store.tables import Mode
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import contact_of, id_or_none, mode_of, number_of, part_of, word
from web.records.faulty import FORM, beside
from web.refusals import status_of

TEXTS = ("number", "name", "salutation", "address", "note")
NAMES = frozenset(TEXTS)


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list, the choice, and a new one."""
    router = APIRouter(prefix="/customers")
    Reads = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_EDIT))]  # noqa: N806

    @router.get("")
    async def listed(request: Request, visitor: Reads) -> Response:
        """What fits the words; Enter opens the only one."""
        query, mode = word(request, "q"), mode_of(request)
        found = await access.read(visitor, lambda desk: search_customers(desk, mode, query, most=50))
        if word(request, "go") and query.strip() and len(found.lines) == 1:
            return RedirectResponse(f"/customers/{found.lines[0].id}", 303)
        return frame.page(
            request, "records/customers.html", visitor, part=part_of(request, "rows"), found=found, query=query,
            mode=mode, Right=Right, note=words.done(frame.say(request, visitor), word(request, "done")),
        )  # fmt: skip

    @router.get("/pick")
    async def pick(request: Request, visitor: Reads) -> Response:
        """Customers to choose from, for the form of a ticket or an order."""
        query, mode = word(request, "customer_q"), mode_of(request)
        found = await access.read(visitor, lambda desk: search_customers(desk, mode, query, most=6))
        return frame.page(request, "records/picked.html", visitor, part="main", found=found, query=query)

    @router.get("/new")
    async def new(request: Request, visitor: Edits) -> Response:
        """An empty record; from a call with its number, unless that is known."""
        asked = word(request, "contact")

        def read(desk: Desk) -> tuple[str, str, Mode, str | None]:
            contact = contact_of(desk, asked)
            number = number_of(contact) or word(request, "number", 40)
            mode = contact.mode if contact is not None else mode_of(request)
            there = customers.find(desk.session, desk.actor.site_id, mode, number) if identity(number) else None
            return number, contact.id if contact is not None else "", mode, there.id if there is not None else None

        number, contact_id, mode, there = await access.read(visitor, read)
        if contact_id and there is not None:
            return RedirectResponse(f"/customers/{there}?contact={contact_id}", 303)
        return _form(request, frame, visitor, {"number": number}, {}, contact_id, mode)

    @router.post("/new")
    async def make(request: Request, visitor: Edits) -> Response:
        form = await fields(request)
        contact_id, mode = form.get("contact", ""), mode_of(request)
        try:
            made = await access.write(visitor, lambda desk: _made(desk, form, contact_id, mode))
        except DeskError as error:
            faults = beside(frame.say(request, visitor), error, NAMES)
            known = await access.read(visitor, lambda desk: _known(desk, mode, form.get("number", "")))
            if isinstance(error, TakenError) and known:
                faults = {"number": faults[FORM]}
            return _form(request, frame, visitor, form, faults, contact_id, mode, status_of(error), known)
        return RedirectResponse(f"/customers/{made}?done=created", 303)

    return router


def _form(
    request: Request,
    frame: Frame,
    visitor: Visitor,
    values: dict[str, str],
    faults: dict[str, str],
    contact_id: str,
    mode: Mode,
    status: int = 200,
    known: str | None = None,
) -> Response:
    say = frame.say(request, visitor)
    return frame.page(
        request, "records/new_customer.html", visitor, part="main", status=status, values=values, faults=faults,
        contact=contact_id if id_or_none(contact_id) else "", mode=mode, known=known,
        salutations=words.salutations(say), names=words.customer_fields(say), note="",
    )  # fmt: skip


def _made(desk: Desk, form: dict[str, str], contact_id: str, mode: Mode) -> str:
    contact = contact_of(desk, contact_id)
    values: dict[str, Any] = {name: form[name] for name in TEXTS if form.get(name, "").strip()}
    made = records.create(desk, contact.mode if contact is not None else mode, values)
    if contact is not None:
        calls.link(desk, contact.id, made.id)
    return made.id


def _known(desk: Desk, mode: Mode, number: str) -> str | None:
    """Whose number it is already, to lead there."""
    there = customers.find(desk.session, desk.actor.site_id, mode, number) if identity(number) else None
    return there.id if there is not None else None
