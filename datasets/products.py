"""What the television shop sells."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.language import Language

Currency = Literal["CNY", "USD"]


class Product(BaseModel):
    """One article. `price_minor` is in fen or cents; `variants` may be empty; `stock` counts all variants together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: str
    language: Language
    name: str
    category: str
    price_minor: int
    currency: Currency
    variants: tuple[str, ...]
    stock: int

    @property
    def price_text(self) -> str:
        """As it is said: `298元`, `298.5元`, `$29.95`."""
        return money_text(self.price_minor, self.currency)


def money_text(minor: int, currency: Currency) -> str:
    """An amount of fen or cents as people write it."""
    raise NotImplementedError


def catalogue(language: Language) -> tuple[Product, ...]:
    """Every article, always the same."""
    raise NotImplementedError


def draw_product(rng: random.Random, language: Language) -> Product:
    """One article that is in stock."""
    raise NotImplementedError
