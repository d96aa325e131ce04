"""An order's lines while they are typed: what each would cost, and why it cannot be had."""

from collections.abc import Sequence
from typing import Literal

from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.shop import catalogue
from lab_server.desk.shop.catalogue import ProductView
from lab_server.desk.shop.sales import LineIn
from scenarios.facts import Frozen

LineFault = Literal["", "unknown", "quantity", "variant", "stock"]
MOST_OF_ONE = 9999


class TypedLine(Frozen):
    """A line as it stands in the form: anybody's text."""

    sku: str = ""
    quantity: str = ""
    variant: str = ""

    @property
    def empty(self) -> bool:
        """Nothing is ordered on it; a quantity alone says nothing."""
        return not self.sku.strip()


class CheckedLine(Frozen):
    """The line with its article. `cents`: what it costs, as far as that can be said."""

    typed: TypedLine
    product: ProductView | None = None
    quantity: int = 0
    cents: int = 0
    fault: LineFault = ""

    @property
    def wanted(self) -> LineIn:
        """What `sales.place` takes. Only of a line without fault."""
        sku = self.product.sku if self.product is not None else self.typed.sku
        return LineIn(sku=sku, quantity=self.quantity, variant=self.typed.variant)


class Checked(Frozen):
    """All lines, in the form's order."""

    lines: tuple[CheckedLine, ...]

    @property
    def total_cents(self) -> int:
        return sum(line.cents for line in self.lines)

    @property
    def fine(self) -> bool:
        """There is something to order, and nothing wrong with it."""
        return any(line.product for line in self.lines) and not any(line.fault for line in self.lines)


def check(desk: Desk, lines: Sequence[TypedLine]) -> Checked:
    """Look every line up; changes nothing. An article is meant by its SKU or the only name that fits."""
    desk.check(Right.ORDER_EDIT, own=True)
    left: dict[str, int] = {}
    return Checked(lines=tuple(_checked(desk, line, left) for line in lines))


def _checked(desk: Desk, line: TypedLine, left: dict[str, int]) -> CheckedLine:
    if line.empty:
        return CheckedLine(typed=line)
    product = _meant(desk, line.sku.strip())
    if product is None:
        return CheckedLine(typed=line, fault="unknown")
    text = line.quantity.strip() or "1"
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_OF_ONE)) else 0
    if count < 1:
        return CheckedLine(typed=line, product=product, fault="quantity")
    left[product.id] = left.get(product.id, product.stock) - count
    if left[product.id] < 0:
        fault: LineFault = "stock"
    elif (product.variants and line.variant not in product.variants) or (line.variant and not product.variants):
        fault = "variant"
    else:
        fault = ""
    return CheckedLine(typed=line, product=product, quantity=count, cents=count * product.price_cents, fault=fault)


def _meant(desk: Desk, text: str) -> ProductView | None:
    """By the SKU (which may have blanks in it), by what begins with one, or by the only name that fits."""
    site = desk.actor.site_id
    first = text.partition(" ")[0]
    row = catalogue.by_sku(desk.session, site, text[:40]) or catalogue.by_sku(desk.session, site, first[:40])
    if row is not None:
        return catalogue.view(row) if row.active else None
    found = catalogue.listed(desk, text, most=2)
    return found[0] if len(found) == 1 else None
