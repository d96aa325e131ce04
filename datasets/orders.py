"""Earlier orders of a customer, which complaints refer to."""

import random
from datetime import date

from pydantic import BaseModel, ConfigDict

from datasets.language import Language
from datasets.products import Product


class PastOrder(BaseModel):
    """`order_no`: 12 digits. `amount_minor` = price × quantity, in fen or cents. Both dates lie before `today`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_no: str
    product: Product
    variant: str | None
    quantity: int
    amount_minor: int
    ordered_on: date
    delivered_on: date


def draw_order(rng: random.Random, language: Language, today: date) -> PastOrder:
    """One order that was delivered 1 to 30 days before `today`."""
    raise NotImplementedError
