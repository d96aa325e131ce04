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
        return LineIn(sku=self.typed.sku.split()[0], quantity=self.quantity, variant=self.typed.variant)


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
    """Look every line up; changes nothing. What begins with an article's SKU is that article."""
    desk.check(Right.ORDER_EDIT, own=True)
    left: dict[str, int] = {}
    return Checked(lines=tuple(_checked(desk, line, left) for line in lines))


def _checked(desk: Desk, line: TypedLine, left: dict[str, int]) -> CheckedLine:
    if line.empty:
        return CheckedLine(typed=line)
    row = catalogue.by_sku(desk.session, desk.actor.site_id, line.sku.split()[0][:40])
    if row is None or not row.active:
        return CheckedLine(typed=line, fault="unknown")
    text = line.quantity.strip() or "1"
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_OF_ONE)) else 0
    product = catalogue.view(row)
    if count < 1:
        return CheckedLine(typed=line, product=product, fault="quantity")
    left[row.id] = left.get(row.id, row.stock) - count
    if left[row.id] < 0:
        fault: LineFault = "stock"
    elif (product.variants and line.variant not in product.variants) or (line.variant and not product.variants):
        fault = "variant"
    else:
        fault = ""
    return CheckedLine(typed=line, product=product, quantity=count, cents=count * row.price_cents, fault=fault)
