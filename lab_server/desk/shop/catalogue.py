"""What can be ordered, and how many are there. A stock changes in one statement, so that two cannot take the last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, StockError, UnknownProductError
from lab_server.desk.rights import Right
from lab_server.desk.typed import typed
from lab_server.store.tables import Product, StockMove
from scenarios.facts import Frozen

_MOST = 2**31 - 1


class ProductView(Frozen):
    """An article. `variants` empty: there is one kind of it."""

    id: str
    sku: str
    language: str
    name: str
    category: str
    price_cents: int
    currency: str
    variants: tuple[str, ...]
    stock: int
    active: bool


def listed(
    desk: Desk, query: str = "", *, language: str | None = None, most: int = 100, all_of_them: bool = False
) -> tuple[ProductView, ...]:
    """The articles whose name, SKU or category has `query` in it, by category and SKU."""
    rows = select(Product).where(Product.site_id == desk.actor.site_id)
    if not all_of_them:
        rows = rows.where(col(Product.active).is_(True))
    if language is not None:
        rows = rows.where(Product.language == language)
    if asked := query.strip().replace("\0", "")[:60].encode("utf-8", "ignore").decode():
        columns = (col(Product.name), col(Product.sku), col(Product.category))
        rows = rows.where(or_(*(one.icontains(asked, autoescape=True) for one in columns)))
    found = desk.session.exec(rows.order_by(col(Product.category), col(Product.sku)).limit(most))
    return tuple(view(row) for row in found)


def save(desk: Desk, sku: str, values: Mapping[str, Any]) -> ProductView:
    """Make the article, or change `name`, `category`, `price_cents`, `currency`, `variants`, `language`, `active`."""
    desk.check(Right.DESK_SETUP)
    sku = typed("sku", sku, 40, needed=True)
    row = by_sku(desk.session, desk.actor.site_id, sku) or Product(
        site_id=desk.actor.site_id, sku=sku, language="zh-CN", name="", price_cents=0, currency="CNY",
        updated_at=desk.clock.utc(),
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, _checked(name, value))
    if not row.name:
        raise BadValueError("name: an article needs one")
    row.updated_at = desk.clock.utc()
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "product.saved", {"sku": sku})
    return view(row)


def restock(desk: Desk, sku: str, change: int, reason: str = "counted") -> ProductView:
    """So many more, or fewer. Raises `StockError` if there would be fewer than none, `UnknownProductError`."""
    desk.check(Right.DESK_SETUP)
    row = by_sku(desk.session, desk.actor.site_id, sku)
    if row is None:
        raise UnknownProductError(f"there is no article {sku!r} in the catalogue")
    move(desk, row.id, change, typed("reason", reason, 20))
    return view(row)


def move(desk: Desk, product_id: str, change: int, reason: str, order_id: str | None = None) -> None:
    """Change a stock, and write down why. Raises `StockError`, and nothing is changed."""
    if abs(change) > _MOST:
        raise StockError(f"{change} is no number of articles")
    statement = (
        update(Product)
        .where(col(Product.id) == product_id, col(Product.stock) + change >= 0, col(Product.stock) + change <= _MOST)
        .values(stock=col(Product.stock) + change, updated_at=desk.clock.utc())
        .execution_options(synchronize_session=False)
    )
    taken = desk.session.execute(statement).rowcount  # type: ignore[attr-defined]
    row = desk.session.get_one(Product, product_id)
    desk.session.refresh(row)
    if not taken:
        raise StockError(f"of {row.name} ({row.sku}) there are {row.stock}: {abs(change)} cannot be taken")
    desk.session.add(
        StockMove(
            site_id=row.site_id, product_id=product_id, order_id=order_id, change=change, reason=reason,
            user_id=desk.actor.id, at=desk.clock.utc(),
        )
    )  # fmt: skip
    desk.session.flush()


def by_sku(session: Session, site_id: str, sku: str) -> Product | None:
    """The article of that SKU."""
    return session.exec(select(Product).where(Product.site_id == site_id, Product.sku == sku)).first()


def view(row: Product) -> ProductView:
    """The article of a row."""
    plain = row.model_dump(include=set(ProductView.model_fields) - {"variants"})
    return ProductView(**plain, variants=tuple(row.variants))


def _checked(name: str, value: Any) -> Any:  # noqa: PLR0911 (one answer for each field)
    match name:
        case "name":
            return typed(name, value, 120, needed=True)
        case "category":
            return typed(name, value, 60)
        case "price_cents" if isinstance(value, int) and 0 <= value <= _MOST:
            return value
        case "currency" if value in {"CNY", "USD"}:
            return value
        case "language" if value in {"zh-CN", "en"}:
            return value
        case "active" if isinstance(value, bool):
            return value
        case "variants" if isinstance(value, list | tuple) and len(value) <= 40:
            return [typed(name, one, 60, needed=True) for one in value]
        case _:
            raise BadValueError(f"{name[:40]!r}: {str(value)[:40]!r} is nothing an article can have")
