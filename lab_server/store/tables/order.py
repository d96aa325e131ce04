"""An order and its items. Money is in cents of the site's currency: no fractions, no floats."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Row, Scoped, UtcDateTime, one_of

OrderState = Literal["open", "confirmed", "placed", "paid", "shipped", "delivered", "returned", "cancelled"]
Payment = Literal["", "cod", "prepaid"]


class Order(Scoped, table=True):
    """One a contact. `total_cents` is computed by the desk from the items, whatever the form says.

    `open` is what a form records while nothing is ordered; `placed` → `paid` → `shipped` → `delivered` → `returned` is
    an order's way (cash on delivery is paid when it is delivered). `delivery`: name, phone, address, time, note.
    """

    __tablename__ = "order"
    __table_args__ = (UniqueConstraint("contact_id"), one_of("mode", Mode), one_of("state", OrderState))

    mode: Mode = Field(sa_type=String)
    contact_id: str | None = Field(default=None, foreign_key="contact.id", max_length=26)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", max_length=26, index=True)
    user_id: str = Field(foreign_key="user.id", max_length=26, index=True)
    state: OrderState = Field(default="open", sa_type=String)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    total_cents: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    payment: Payment = Field(default="", sa_type=String)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivery: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    tracking: str = Field(default="", max_length=80)
    version: int = 1


class OrderItem(Row, table=True):
    """One line of an order; `position` counts from 1."""

    __tablename__ = "order_item"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    order_id: str = Field(foreign_key="order.id", max_length=26, index=True)
    position: int
    product: str = Field(max_length=120)
    quantity: int
    price_cents: int
    product_id: str | None = Field(default=None, max_length=26, index=True)
    variant: str = Field(default="", max_length=60)
