"""Orders and what can be ordered."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from lab_server.desk.rights import Right
from lab_server.desk.shop import catalogue, sales
from lab_server.desk.shop.catalogue import ProductView
from lab_server.desk.shop.sales import OrderStep, OrderView
from lab_server.store.tables import Language, Mode
from web.access import Access, Visitor, signed_in
from web.api.kinds import Asked, Body, Id, Listed, Most, Skip, Version, listed

Reads = Annotated[Visitor, Depends(signed_in(Right.ORDER_READ))]
Edits = Annotated[Visitor, Depends(signed_in(Right.ORDER_EDIT))]


class OrderedLine(Body):
    sku: str = Field(min_length=1, max_length=40)
    quantity: int = Field(ge=1, le=9999)
    variant: str = Field(default="", max_length=60)


class Delivery(Body):
    """Where to, to whom, when. What is left out stays as it is."""

    name: str | None = Field(default=None, max_length=80)
    phone: str | None = Field(default=None, max_length=40)
    address: str | None = Field(default=None, max_length=300)
    time: str | None = Field(default=None, max_length=80)
    note: str | None = Field(default=None, max_length=500)

    def named(self) -> dict[str, str]:
        """What was said."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class NewOrder(Body):
    mode: Mode = "training"
    lines: tuple[OrderedLine, ...] = Field(min_length=1, max_length=50)
    payment: Literal["cod", "prepaid"]
    delivery: Delivery
    customer_id: Id | None = None
    contact_id: Id | None = None


class Step(Body):
    """`version`: the one that was read."""

    version: Version
    state: Literal["paid", "shipped", "delivered", "returned", "cancelled"]
    tracking: str = Field(default="", max_length=80)


class Redirected(Body):
    version: Version
    delivery: Delivery


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/orders` and `/api/v1/products`."""
    router = APIRouter(prefix="/api/v1", tags=["orders"])

    @router.get("/products")
    async def products(
        visitor: Reads, q: Asked = "", language: Language | None = None, most: Most = 50, skip: Skip = 0
    ) -> Listed[ProductView]:
        """The catalogue with its stock: articles with `q` in name, SKU or category."""
        found = await access.read(
            visitor, lambda desk: catalogue.listed(desk, q, language=language, most=skip + most + 1)
        )
        return listed(found[skip:], most)

    @router.post("/orders")
    async def place(new: NewOrder, visitor: Edits) -> OrderView:
        """409 `desk.stock`: there are not so many, and nothing was taken."""
        lines = [sales.LineIn(**line.model_dump()) for line in new.lines]
        return await access.write(
            visitor,
            lambda desk: sales.place(
                desk,
                new.mode,
                lines,
                new.payment,
                new.delivery.named(),
                customer_id=new.customer_id,
                contact_id=new.contact_id,
            ),
        )

    @router.get("/orders/{order_id}")
    async def read(order_id: Id, visitor: Reads) -> OrderView:
        return await access.read(visitor, lambda desk: sales.read(desk, order_id))

    @router.post("/orders/{order_id}/steps")
    async def advance(order_id: Id, step: Step, visitor: Edits) -> OrderView:
        """409 `desk.state` names the steps there are, which `next` says, too; 409 `desk.changed`: read it again."""
        return await access.write(
            visitor, lambda desk: sales.advance(desk, order_id, step.version, step.state, tracking=step.tracking)
        )

    @router.patch("/orders/{order_id}/delivery")
    async def redirect(order_id: Id, to: Redirected, visitor: Edits) -> OrderView:
        """As long as nothing has left."""
        return await access.write(
            visitor, lambda desk: sales.change_delivery(desk, order_id, to.version, to.delivery.named())
        )

    @router.get("/orders/{order_id}/history")
    async def history(order_id: Id, visitor: Reads) -> Listed[OrderStep]:
        """Every step, the oldest first."""
        return Listed(items=await access.read(visitor, lambda desk: sales.history(desk, order_id)))

    return router
