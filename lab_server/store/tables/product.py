"""The catalogue: what can be ordered, and how many are there."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime


class Product(Sited, table=True):
    """An article. Prices in minor units. `stock` counts all variants together and is never below zero."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("site_id", "sku"),
        CheckConstraint("stock >= 0", name="stock"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    sku: str = Field(max_length=40)
    language: str = Field(max_length=8)
    name: str = Field(max_length=120)
    category: str = Field(default="", max_length=60)
    price_cents: int
    currency: str = Field(max_length=3)
    variants: list[str] = Field(default_factory=list, sa_type=JSON)
    stock: int = 0
    active: bool = True
    updated_at: datetime = Field(sa_type=UtcDateTime)


class StockMove(Sited, table=True):
    """Why a stock is what it is: one row a change."""

    __tablename__ = "stock_move"

    product_id: str = Field(foreign_key="product.id", max_length=26, index=True)
    order_id: str | None = Field(default=None, foreign_key="order.id", max_length=26, index=True)
    change: int
    reason: str = Field(max_length=20)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)


class OrderEvent(Sited, table=True):
    """One step of an order's path."""

    __tablename__ = "order_event"
    __table_args__ = (Index(None, "order_id", "at"),)

    order_id: str = Field(foreign_key="order.id", max_length=26)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    kind: str = Field(max_length=20)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)
