"""`/orders`: what is on its way; and a new one with its lines, from nothing or from a call."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import select

from lab_server.desk.crm import records
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError, StockError, UnknownProductError
from lab_server.desk.rights import Right
from lab_server.desk.shop import catalogue, checking, listing, sales
from lab_server.desk.shop.checking import Checked, TypedLine
from lab_server.desk.shop.listing import OrderPile
from lab_server.store.tables import Contact, Mode, Order
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import contact_of, id_or_none, mode_of, number_of, part_of, word
from web.records.choosing import chosen_customer
from web.records.faulty import beside
from web.refusals import status_of

DELIVERY = ("name", "phone", "address", "time", "note")
NAMES = frozenset({"customer", "payment", *(f"delivery.{one}" for one in DELIVERY)})
_LINES, _MORE = 4, 4


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list and the form of a new one."""
    router = APIRouter(prefix="/orders")
    Reads = Annotated[Visitor, Depends(signed_in(Right.ORDER_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.ORDER_EDIT))]  # noqa: N806

    @router.get("")
    async def listed(request: Request, visitor: Reads) -> Response:
        pile: OrderPile = next((one for one in get_args(OrderPile) if one == word(request, "pile")), "going")
        mine, mode, say = word(request, "mine") == "1", mode_of(request), frame.say(request, visitor)
        found = await access.read(visitor, lambda desk: listing.listed(desk, mode, pile, mine=mine))
        return frame.page(
            request, "records/orders.html", visitor, part=part_of(request, "rows"), found=found, pile=pile, mine=mine,
            mode=mode, piles=words.order_piles(say), states=words.order_states(say), payments=words.payments(say),
            Right=Right, note="",
        )  # fmt: skip

    async def page(
        request: Request, visitor: Visitor, form: Mapping[str, str], count: int, refused: DeskError | None = None
    ) -> Response:
        say, mode = frame.say(request, visitor), mode_of(request)
        first = not form.get("sent")
        shown = await access.read(visitor, lambda desk: _around(desk, form, count, first))
        faults = beside(say, refused, NAMES) if refused is not None else {}
        return frame.page(
            request, "records/new_order.html", visitor, part="main", **shown, faults=faults, mode=mode,
            line_faults=words.line_faults(say), payments=words.payments(say), checked_now=not first,
            status=status_of(refused) if refused is not None else 200,
        )  # fmt: skip

    @router.get("/new")
    async def new(request: Request, visitor: Edits) -> Response:
        return await page(request, visitor, {name: word(request, name, 26) for name in ("contact", "customer")}, _LINES)

    @router.post("/look")
    async def look(request: Request, visitor: Edits) -> Response:
        """What the lines cost as they stand: cells that htmx puts where they belong."""
        lines = lines_of(await fields(request))
        say, checked = frame.say(request, visitor), await access.read(visitor, lambda desk: checking.check(desk, lines))
        return frame.page(
            request, "records/order_cells.html", visitor, part="main", checked=checked,
            line_faults=words.line_faults(say),
        )  # fmt: skip

    @router.post("/new")
    async def make(request: Request, visitor: Edits) -> Response:
        """`then`: `more` lines, `look` at what it costs, or place it."""
        form = {**await fields(request), "sent": "1"}
        count, mode = len(lines_of(form)), mode_of(request)
        if form.get("then") in {"more", "look"}:
            return await page(request, visitor, form, count + (_MORE if form["then"] == "more" else 0))
        try:
            made = await access.write(visitor, lambda desk: _made(desk, form, mode))
        except DeskError as error:
            return await page(request, visitor, form, max(count, _LINES), error)
        return RedirectResponse(f"/orders/{made}?done=placed", 303)

    return router


def lines_of(form: Mapping[str, str]) -> list[TypedLine]:
    """The lines of the form in order, empty ones too."""
    count = next((at for at in range(sales.MOST_LINES, 0, -1) if f"sku.{at}" in form), 0)
    return [
        TypedLine(
            sku=form.get(f"sku.{at}", "")[:200], quantity=form.get(f"quantity.{at}", "")[:20],
            variant=form.get(f"variant.{at}", "")[:60],
        )
        for at in range(1, count + 1)
    ]  # fmt: skip


def _around(desk: Desk, form: Mapping[str, str], count: int, first: bool) -> dict[str, Any]:
    contact = contact_of(desk, form.get("contact", ""))
    there = _of_contact(desk, contact)
    customer_id = id_or_none(form.get("customer", "")) or (contact.customer_id if contact is not None else None)
    customer = None
    if customer_id is not None:
        try:
            customer = records.read(desk, customer_id)
        except DeskError:
            customer = None
    values = dict(form)
    if first and customer is not None:
        values |= {"d.name": customer.name, "d.phone": customer.number, "d.address": customer.address}
    elif first and contact is not None:
        values["d.phone"] = number_of(contact)
    lines = lines_of(form)
    lines += [TypedLine()] * (min(count, sales.MOST_LINES) - len(lines))
    return {
        "values": values,
        "customer": customer,
        "contact": contact.id if contact is not None else "",
        "second": there is not None and there.state != "open",
        "checked": checking.check(desk, lines),
        "goods": catalogue.listed(desk, most=500),
        "delivery": DELIVERY,
    }


def _of_contact(desk: Desk, contact: Contact | None) -> Order | None:
    if contact is None:
        return None
    return desk.session.exec(select(Order).where(Order.contact_id == contact.id)).first()


def _made(desk: Desk, form: Mapping[str, str], mode: Mode) -> str:
    """A contact has one order: a second one of the same call is the customer's alone."""
    contact = contact_of(desk, form.get("contact", ""))
    there = _of_contact(desk, contact)
    mode = contact.mode if contact is not None else mode
    checked = checking.check(desk, lines_of(form))
    _refuse(checked)
    payment: Literal["cod", "prepaid"] = "prepaid" if form.get("payment") == "prepaid" else "cod"
    delivery = {name: form[f"d.{name}"] for name in DELIVERY if form.get(f"d.{name}", "").strip()}
    for name in ("name", "address"):
        if name not in delivery:
            raise BadValueError(f"delivery.{name}: this is empty: write something")
    made = sales.place(
        desk, mode, [line.wanted for line in checked.lines if line.product is not None], payment, delivery,
        customer_id=chosen_customer(desk, mode, form, contact),
        contact_id=contact.id if contact is not None and (there is None or there.state == "open") else None,
    )  # fmt: skip
    return made.id


def _refuse(checked: Checked) -> None:
    """Each line says for itself what is wrong with it."""
    faults = {line.fault for line in checked.lines if line.fault}
    if "stock" in faults:
        raise StockError("there are not so many of what is ordered")
    if "unknown" in faults:
        raise UnknownProductError("there is no such article in the catalogue")
    if faults:
        raise BadValueError("lines: a quantity or a kind is missing")
    if not checked.fine:
        raise BadValueError("lines: nothing is ordered")
