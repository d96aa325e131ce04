"""Orders as lists."""

from typing import Literal

from sqlmodel import col, select

from lab_server.desk import names, reach
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.shop import sales
from lab_server.desk.shop.sales import OrderView
from lab_server.store.tables import Mode, Order
from scenarios.facts import Frozen

OrderPile = Literal["going", "placed", "paid", "shipped", "delivered", "returned", "cancelled", "all"]
MOST = 100
_GOING = ("open", "confirmed", "placed", "paid", "shipped")


class OrderLine(Frozen):
    """A line of a list."""

    order: OrderView
    customer: str


class Orders(Frozen):
    """`more`: there are older ones."""

    lines: tuple[OrderLine, ...]
    more: bool


def listed(desk: Desk, mode: Mode, which: OrderPile = "going", *, mine: bool = False, most: int = MOST) -> Orders:
    """What the actor may see, the newest first; `going`: on their way still; `mine`: written by the actor."""
    desk.check(Right.ORDER_READ, own=True)
    rows = select(Order).where(Order.site_id == desk.actor.site_id, Order.mode == mode)
    if which == "going":
        rows = rows.where(col(Order.state).in_(_GOING))
    elif which != "all":
        rows = rows.where(Order.state == which)
    own = col(Order.user_id) == desk.actor.id
    bound = mode != "production" and desk.actor.role in {"student", "supervisor"}
    if mine or (bound and desk.actor.role == "student"):
        rows = rows.where(own)
    elif bound:
        rows = rows.where(own | col(Order.klass_id).in_(reach.group(desk.session, desk.actor) or frozenset()))
    found = desk.session.exec(rows.order_by(col(Order.id).desc()).limit(most + 1)).all()
    known = names.customers(desk.session, desk.actor.site_id, (row.customer_id for row in found))
    lines = tuple(
        OrderLine(order=order, customer=known.get(order.customer_id or "", ""))
        for order in sales.views(desk.session, found[:most])
    )
    return Orders(lines=lines, more=len(found) > most)
