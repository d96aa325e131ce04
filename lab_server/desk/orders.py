"""The order that follows from what was recorded, with its items and its total."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, delete, select

from grading.normalise.compare import canonical
from lab_server.desk.desk import Desk
from lab_server.desk.forms import FormView
from lab_server.store.tables import Contact, Order, OrderItem

PRODUCT, QUANTITY, UNIT_PRICE = "product", "quantity", "unit_price"  # the order form's words

_MOST_CENTS = 2**31 - 1  # what the columns hold, on PostgreSQL too


def apply(desk: Desk, contact: Contact, values: Mapping[str, str] | None, view: FormView | None) -> None:
    """Make the contact's order hold `values`; None takes it away (the entry was undone)."""
    order = of_contact(desk.session, contact.id)
    if order is not None and order.state != "open":  # it was placed: what the form says changes no order on its way
        order.fields = dict(values or {})
        desk.session.add(order)
        return
    if order is not None:
        desk.session.exec(delete(OrderItem).where(col(OrderItem.order_id) == order.id))
    if values is None:
        if order is not None:
            desk.session.delete(order)
        return
    now = desk.clock.utc()
    if order is None:
        order = Order(**desk.scope(contact), created_at=now, updated_at=now)
    item = _item(values, view)
    order.customer_id = contact.customer_id
    order.fields = dict(values)
    order.total_cents = item.quantity * item.price_cents if item is not None else 0
    order.updated_at = now
    desk.session.add(order)
    desk.session.flush()
    if item is not None:
        item.order_id = order.id
        desk.session.add(item)


def of_contact(session: Session, contact_id: str) -> Order | None:
    """The contact's order."""
    return session.exec(select(Order).where(Order.contact_id == contact_id)).first()


def items_of(session: Session, order_id: str) -> list[OrderItem]:
    """An order's items, in order."""
    return list(session.exec(select(OrderItem).where(OrderItem.order_id == order_id).order_by(col(OrderItem.position))))


def items_of_each(session: Session, order_ids: Sequence[str]) -> dict[str, list[OrderItem]]:
    """Each order's items, in order: asked for all at once."""
    rows = select(OrderItem).where(col(OrderItem.order_id).in_(order_ids)).order_by(col(OrderItem.position))
    found: dict[str, list[OrderItem]] = {one: [] for one in order_ids}
    for item in session.exec(rows) if order_ids else ():
        found[item.order_id].append(item)
    return found


def _item(values: Mapping[str, str], view: FormView | None) -> OrderItem | None:
    """The one item of the form; None while product, quantity or price are missing or no numbers anybody orders by."""
    field = view.field(QUANTITY) if view is not None else None
    price = view.given.get(UNIT_PRICE, "") if view is not None else ""
    quantity = canonical(field, values.get(QUANTITY, "").strip()) if field is not None else None
    if not values.get(PRODUCT) or not (quantity or "").isdecimal() or not price.isdecimal():
        return None
    count, cents = int(quantity or 0), int(price)
    if count < 1 or count * cents > _MOST_CENTS or count > _MOST_CENTS:
        return None
    return OrderItem(order_id="", position=1, product=values[PRODUCT][:120], quantity=count, price_cents=cents)
