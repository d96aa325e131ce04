"""Earlier orders of a customer, which complaints refer to."""

import random
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from datasets.language import Language
from datasets.products import Product, draw_product


class PastOrder(BaseModel):
    """`order_no`: 12 digits, the order's day first. `amount_minor` = price × quantity, in fen or cents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_no: str
    product: Product
    variant: str | None
    quantity: int
    amount_minor: int
    ordered_on: date
    delivered_on: date


def draw_order(rng: random.Random, language: Language, today: date) -> PastOrder:
    """One order that was delivered 1 to 30 days before `today`, 2 to 6 days after it was given."""
    product = draw_product(rng, language)
    quantity = rng.choices((1, 2, 3), (8, 3, 1))[0]
    delivered = today - timedelta(days=rng.randint(1, 30))
    ordered = delivered - timedelta(days=rng.randint(2, 6))
    return PastOrder(
        order_no=f"{ordered:%y%m%d}{rng.randrange(10**6):06d}",
        product=product,
        variant=rng.choice(product.variants) if product.variants else None,
        quantity=quantity,
        amount_minor=product.price_minor * quantity,
        ordered_on=ordered,
        delivered_on=delivered,
    )
