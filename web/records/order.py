"""`/orders/<id>`: an order on its way: placed, paid, shipped, delivered, returned."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import names
from lab_server.desk.desk import Desk
from lab_server.desk.errors import ChangedError, DeskError, UnknownOrderError
from lab_server.desk.rights import Right
from lab_server.desk.shop import sales
from lab_server.ids import is_id
from lab_server.store.tables import OrderState
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import word
from web.records.faulty import beside
from web.records.orders import DELIVERY, NAMES
from web.records.tickets import customer_name, may_read
from web.refusals import status_of

_PATH = {
    "prepaid": ("placed", "paid", "shipped", "delivered", "returned"),
    "cod": ("placed", "shipped", "delivered", "returned"),
    "": ("open",),
}


def routes(access: Access, frame: Frame) -> APIRouter:
    """The order, its next steps, where it goes."""
    router = APIRouter(prefix="/orders/{order_id}")
    Reads = Annotated[Visitor, Depends(signed_in(Right.ORDER_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.ORDER_EDIT))]  # noqa: N806

    async def page(
        request: Request,
        visitor: Visitor,
        order_id: str,
        *,
        typed: Mapping[str, str] | None = None,
        refused: DeskError | None = None,
    ) -> Response:
        say = frame.say(request, visitor)
        shown = await access.read(visitor, lambda desk: _shown(desk, known(order_id)))
        return frame.page(
            request, "records/order.html", visitor, part="main", **shown, typed=typed or {}, Right=Right,
            faults=beside(say, refused, NAMES) if refused is not None else {},
            status=status_of(refused) if refused is not None else 200, states=words.order_states(say),
            steps=words.order_steps(say), payments=words.payments(say), delivery=DELIVERY,
            note=words.done(say, word(request, "done")),
        )  # fmt: skip

    @router.get("")
    async def show(request: Request, order_id: str, visitor: Reads) -> Response:
        return await page(request, visitor, order_id)

    @router.post("/step")
    async def step(request: Request, order_id: str, visitor: Edits) -> Response:
        form = await fields(request)
        state: OrderState | None = next((one for one in get_args(OrderState) if one == form.get("state")), None)
        if state is None:
            raise HTTPException(404)
        try:
            await access.write(
                visitor,
                lambda desk: sales.advance(
                    desk, known(order_id), _version(form), state, tracking=form.get("tracking", "")
                ),
            )
        except ChangedError as error:
            return await page(request, visitor, order_id, refused=error)
        return RedirectResponse(f"/orders/{order_id}?done=stepped", 303)

    @router.post("/delivery")
    async def deliver(request: Request, order_id: str, visitor: Edits) -> Response:
        form = await fields(request)
        wanted = {name: form.get(f"d.{name}", "") for name in DELIVERY}
        try:
            await access.write(
                visitor, lambda desk: sales.change_delivery(desk, known(order_id), _version(form), wanted)
            )
        except DeskError as error:
            return await page(request, visitor, order_id, typed=form, refused=error)
        return RedirectResponse(f"/orders/{order_id}?done=delivery", 303)

    return router


def known(order_id: str) -> str:
    """Raises `UnknownOrderError` for what is no id."""
    if not is_id(order_id):
        raise UnknownOrderError("that is no order's id: take it from a list")
    return order_id


def _version(form: Mapping[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _shown(desk: Desk, order_id: str) -> dict[str, Any]:
    order, history = sales.read(desk, order_id), sales.history(desk, order_id)
    return {
        "order": order,
        "path": _PATH[order.payment],
        "customer": customer_name(desk, order.customer_id),
        "customer_open": may_read(desk, order.customer_id),
        "history": history,
        "people": names.users(desk.session, desk.actor.site_id, [order.user_id, *(one.user_id for one in history)]),
    }
