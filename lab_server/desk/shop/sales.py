"""An order's way: placed → paid → shipped → delivered → returned; cash on delivery is paid when it is delivered.

What is placed leaves the stock, what is cancelled or returned comes back to it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import Session, col, delete, select

from lab_server.desk.crm import within
from lab_server.desk.desk import Desk
from lab_server.desk.errors import (
    BadValueError,
    ChangedError,
    StateError,
    StockError,
    UnknownOrderError,
    UnknownProductError,
)
from lab_server.desk.orders import items_of, items_of_each
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.desk.shop import catalogue
from lab_server.desk.ticketing.views import is_own
from lab_server.desk.typed import typed
from lab_server.store.tables import Mode, Order, OrderEvent, OrderItem, OrderState, Payment
from scenarios.facts import Frozen

MOST_LINES = 50
_DELIVERY: Mapping[str, int] = {"name": 80, "phone": 40, "address": 300, "time": 80, "note": 500}
_STEPS: Mapping[str, Mapping[OrderState, OrderState]] = {
    "prepaid": {"placed": "paid", "paid": "shipped", "shipped": "delivered", "delivered": "returned"},
    "cod": {"placed": "shipped", "shipped": "delivered", "delivered": "returned"},
}
_BEFORE_IT_LEFT = frozenset({"placed", "paid"})


class LineIn(Frozen):
    """What is ordered."""

    sku: str
    quantity: int = Field(ge=1, le=9999)
    variant: str = ""


class LineView(Frozen):
    """One line; the price is what it was when it was placed."""

    product: str
    product_id: str | None
    variant: str
    quantity: int
    price_cents: int


class OrderView(Frozen):
    """An order. `next`: the steps that can be taken now. `version`: send the one you saw back with a step."""

    id: str
    state: OrderState
    payment: Payment
    paid_at: datetime | None
    customer_id: str | None
    contact_id: str | None
    user_id: str
    lines: tuple[LineView, ...]
    total_cents: int
    delivery: dict[str, str]
    tracking: str
    next: tuple[OrderState, ...]
    version: int
    created_at: datetime
    updated_at: datetime


class OrderStep(Frozen):
    """One step of an order's history."""

    kind: str
    user_id: str | None
    data: dict[str, Any]
    at: datetime


def place(
    desk: Desk,
    mode: Mode,
    lines: Sequence[LineIn],
    payment: Literal["cod", "prepaid"],
    delivery: Mapping[str, str],
    *,
    customer_id: str | None = None,
    contact_id: str | None = None,
) -> OrderView:
    """Order `lines`. A contact has one order: placed again it is refused.

    Raises `UnknownProductError`, `StockError`, `BadValueError`, `StateError`; then no stock has changed.
    """
    desk.check(Right.ORDER_EDIT, own=True)
    if payment not in {"cod", "prepaid"}:
        raise BadValueError("payment: cod (cash on delivery) or prepaid")
    if not 0 < len(lines) <= MOST_LINES:
        raise BadValueError(f"an order has 1 to {MOST_LINES} lines")
    if customer_id is not None:
        within.customer(desk, customer_id, Right.CUSTOMER_READ)
    row = _row(desk, mode, contact_id)
    row.customer_id = customer_id or row.customer_id
    row.payment, row.delivery = payment, _delivery(delivery)
    desk.session.add(row)
    desk.session.flush()
    desk.session.exec(delete(OrderItem).where(col(OrderItem.order_id) == row.id))
    with desk.session.begin_nested():  # a line that cannot be had gives back what the ones before it took
        items = [_item(desk, row, at, line) for at, line in enumerate(lines, start=1)]
    row.total_cents = sum(one.quantity * one.price_cents for one in items)
    if row.total_cents >= 2**31:
        raise BadValueError("the order is worth more than can be written down: split it")
    row.state = "placed"
    return _stepped(desk, row, "placed", {"lines": [line.model_dump() for line in lines], "payment": payment})


def read(desk: Desk, order_id: str) -> OrderView:
    """Raises `UnknownOrderError`, `NotYoursError`."""
    return view(desk.session, _order(desk, order_id, Right.ORDER_READ))


def advance(desk: Desk, order_id: str, version: int, state: OrderState, *, tracking: str = "") -> OrderView:
    """Take the next step: `paid`, `shipped`, `delivered`, `returned` or `cancelled`.

    Raises `StateError` naming the steps there are, `ChangedError` if somebody was faster.
    """
    row = _order(desk, order_id, Right.ORDER_EDIT, lock=True)
    if row.version != version:
        raise ChangedError(f"somebody has changed order {order_id} since you opened it: look at it again")
    if state not in steps(row):
        there = ", ".join(steps(row)) or "nothing"
        raise StateError(f"order {order_id} is {row.state}: it can become {there}")
    if state in {"cancelled", "returned"}:
        for item in items_of(desk.session, row.id):
            if item.product_id is not None:
                catalogue.move(desk, item.product_id, item.quantity, state, row.id)
    if state == "paid" or (state == "delivered" and row.payment == "cod"):
        row.paid_at = desk.clock.utc()
    before, row.state = row.state, state
    row.tracking = typed("tracking", tracking, 80) or row.tracking
    return _stepped(desk, row, state, {"from": before})


def change_delivery(desk: Desk, order_id: str, version: int, delivery: Mapping[str, str]) -> OrderView:
    """Name, phone, address, time or note, as long as nothing has left. Raises `StateError`, `ChangedError`."""
    row = _order(desk, order_id, Right.ORDER_EDIT, lock=True)
    if row.version != version:
        raise ChangedError(f"somebody has changed order {order_id} since you opened it: look at it again")
    if row.state not in _BEFORE_IT_LEFT:
        raise StateError(f"order {order_id} is {row.state}: where it goes cannot be changed any more")
    before, row.delivery = row.delivery, _delivery({**row.delivery, **delivery})
    return _stepped(desk, row, "delivery", {"from": before})


def of_customer(desk: Desk, customer_id: str, *, open_only: bool = False) -> tuple[OrderView, ...]:
    """The customer's newest twenty. Raises as `within.customer`."""
    within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True)
    rows = select(Order).where(Order.customer_id == customer_id)
    if open_only:
        rows = rows.where(col(Order.state).in_(["open", "confirmed", "placed", "paid", "shipped"]))
    found = desk.session.exec(rows.order_by(col(Order.created_at).desc()).limit(20)).all()
    return views(desk.session, found)


def history(desk: Desk, order_id: str) -> tuple[OrderStep, ...]:
    """Every step, the oldest first."""
    _order(desk, order_id, Right.ORDER_READ)
    rows = select(OrderEvent).where(OrderEvent.order_id == order_id)
    return tuple(
        OrderStep(kind=one.kind, user_id=one.user_id, data=one.data, at=one.at)
        for one in desk.session.exec(rows.order_by(col(OrderEvent.at), col(OrderEvent.id)))
    )


def steps(row: Order) -> tuple[OrderState, ...]:
    """Where an order can go from here."""
    following = _STEPS.get(row.payment, {}).get(row.state)
    found: list[OrderState] = [following] if following is not None else []
    return (*found, "cancelled") if row.state in _BEFORE_IT_LEFT else tuple(found)


def view(session: Session, row: Order) -> OrderView:
    """The order of a row."""
    return views(session, [row])[0]


def views(session: Session, rows: Sequence[Order]) -> tuple[OrderView, ...]:
    """The orders of rows."""
    items = items_of_each(session, [row.id for row in rows])
    return tuple(_view(row, items[row.id]) for row in rows)


def _view(row: Order, items: Sequence[OrderItem]) -> OrderView:
    plain = row.model_dump(include=set(OrderView.model_fields) - {"lines", "next", "delivery"})
    lines = tuple(LineView(**one.model_dump(include=set(LineView.model_fields))) for one in items)
    delivery = {str(key): str(value) for key, value in row.delivery.items()}
    return OrderView(**plain, lines=lines, delivery=delivery, next=steps(row))


def _row(desk: Desk, mode: Mode, contact_id: str | None) -> Order:
    now = desk.clock.utc()
    if contact_id is None:
        return Order(site_id=desk.actor.site_id, mode=mode, user_id=desk.actor.id, created_at=now, updated_at=now)
    contact = contact_for(desk.session, desk.actor, contact_id)
    there = desk.session.exec(select(Order).where(Order.contact_id == contact_id)).first()
    if there is not None and there.state != "open":
        raise StateError(f"the order of contact {contact_id} is {there.state}: place another one without the contact")
    row = there or Order(**desk.scope(contact), created_at=now, updated_at=now)
    row.customer_id = contact.customer_id
    return row


def _item(desk: Desk, row: Order, at: int, line: LineIn) -> OrderItem:
    product = catalogue.by_sku(desk.session, row.site_id, line.sku)
    if product is None or not product.active:
        raise UnknownProductError(f"line {at}: there is no article {line.sku[:40]!r} in the catalogue")
    if product.variants and line.variant not in product.variants:
        raise BadValueError(f"line {at}: {product.name} comes as {', '.join(product.variants)}: choose one")
    try:
        catalogue.move(desk, product.id, -line.quantity, "ordered", row.id)
    except StockError as refusal:
        raise StockError(f"line {at}: {refusal}") from refusal
    item = OrderItem(
        order_id=row.id, position=at, product=product.name, quantity=line.quantity, price_cents=product.price_cents,
        product_id=product.id, variant=line.variant,
    )  # fmt: skip
    desk.session.add(item)
    return item


def _delivery(delivery: Mapping[str, str]) -> dict[str, str]:
    unknown = set(delivery) - set(_DELIVERY)
    if unknown:
        raise BadValueError(f"delivery: {sorted(unknown)[0][:40]!r} is unknown: there are {', '.join(_DELIVERY)}")
    kept = {name: typed(f"delivery.{name}", value, _DELIVERY[name]) for name, value in delivery.items()}
    if not kept.get("address") or not kept.get("name"):
        raise BadValueError("delivery: a name and an address, or nobody knows where to bring it")
    return {name: value for name, value in kept.items() if value}


def _order(desk: Desk, order_id: str, right: Right, *, lock: bool = False) -> Order:
    row = desk.session.get(Order, order_id, with_for_update=lock)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownOrderError(f"there is no order {order_id[:40]!r}: take the id from a list")
    desk.check(right, own=is_own(desk, row))
    return row


def _stepped(desk: Desk, row: Order, kind: str, data: Mapping[str, Any]) -> OrderView:
    row.updated_at, row.version = desk.clock.utc(), row.version + 1
    desk.session.add(row)
    desk.session.add(
        OrderEvent(
            site_id=row.site_id, order_id=row.id, user_id=desk.actor.id, kind=kind[:20], data=dict(data),
            at=desk.clock.utc(),
        )
    )  # fmt: skip
    desk.session.flush()
    desk.note(None, f"order.{kind}", {"order": row.id, **data})
    return view(desk.session, row)
