"""`/catalogue`: what can be ordered and how many are there; for who sets up the desk, to be changed."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import LANGUAGES
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.rights import Right
from lab_server.desk.shop import catalogue
from lab_server.desk.shop.catalogue import ProductView
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import part_of, word
from web.records.faulty import beside
from web.refusals import status_of

_NAMES = frozenset({"sku", "name", "category", "price", "variants", "change", "reason"})


def routes(access: Access, frame: Frame) -> APIRouter:
    """The list, an article, its stock."""
    router = APIRouter(prefix="/catalogue")
    Reads = Annotated[Visitor, Depends(signed_in(Right.ORDER_READ))]  # noqa: N806 (a type)
    SetsUp = Annotated[Visitor, Depends(signed_in(Right.DESK_SETUP))]  # noqa: N806

    @router.get("")
    async def listed(request: Request, visitor: Reads) -> Response:
        query, every = word(request, "q", 60), visitor.may(Right.DESK_SETUP)
        found = await access.read(visitor, lambda desk: catalogue.listed(desk, query, most=301, all_of_them=every))
        return frame.page(
            request, "records/catalogue.html", visitor, part=part_of(request, "rows"), goods=found[:300],
            more=len(found) > 300, query=query, Right=Right,
            note=words.done(frame.say(request, visitor), word(request, "done")),
        )  # fmt: skip

    async def page(
        request: Request, visitor: Visitor, sku: str, typed: Mapping[str, str], refused: DeskError | None = None
    ) -> Response:
        there = await access.read(visitor, lambda desk: catalogue.by_sku(desk.session, desk.actor.site_id, sku))
        if sku and there is None and refused is None:
            raise HTTPException(404)
        one = catalogue.view(there) if there is not None else None
        return frame.page(
            request, "records/article.html", visitor, part="main", article=one, values={**_values(one), **typed},
            languages_there=LANGUAGES, faults=beside(frame.say(request, visitor), refused, _NAMES) if refused else {},
            status=status_of(refused) if refused is not None else 200, note="",
        )  # fmt: skip

    @router.get("/article")
    async def article(request: Request, visitor: SetsUp) -> Response:
        """An article by its `sku`; without one, a new one."""
        return await page(request, visitor, word(request, "sku", 40), {})

    @router.post("/article")
    async def save(request: Request, visitor: SetsUp) -> Response:
        form = await fields(request)
        try:
            await access.write(visitor, lambda desk: catalogue.save(desk, form.get("sku", ""), _typed(form)))
        except DeskError as error:
            return await page(request, visitor, form.get("sku", ""), form, error)
        return RedirectResponse("/catalogue?done=article", 303)

    @router.post("/stock")
    async def stock(request: Request, visitor: SetsUp) -> Response:
        form = await fields(request)
        sku = form.get("sku", "")
        try:
            await access.write(
                visitor, lambda desk: catalogue.restock(desk, sku, _count(form), form.get("reason", "") or "counted")
            )
        except DeskError as error:
            return await page(request, visitor, sku, form, error)
        return RedirectResponse("/catalogue?done=stock", 303)

    return router


def _values(one: ProductView | None) -> dict[str, str]:
    if one is None:
        return {"language": LANGUAGES[0], "currency": "CNY", "active": "1"}
    return {
        "sku": one.sku, "name": one.name, "category": one.category, "price": f"{Decimal(one.price_cents) / 100:.2f}",
        "currency": one.currency, "variants": "\n".join(one.variants), "language": one.language,
        "active": "1" if one.active else "",
    }  # fmt: skip


def _typed(form: Mapping[str, str]) -> dict[str, Any]:
    """Raises `BadValueError` for a price that is none."""
    try:
        price = Decimal(form.get("price", "").strip().replace(",", "."))
        cents = int(price * 100) if 0 <= price < 10**7 and price * 100 == int(price * 100) else None
    except (InvalidOperation, ValueError, OverflowError):
        cents = None
    if cents is None:
        raise BadValueError("price: a price is written as 129.00")
    return {
        "name": form.get("name", ""), "category": form.get("category", ""), "price_cents": cents,
        "currency": form.get("currency", ""), "language": form.get("language", ""), "active": form.get("active") == "1",
        "variants": [line.strip() for line in form.get("variants", "").splitlines() if line.strip()],
    }  # fmt: skip


def _count(form: Mapping[str, str]) -> int:
    text = form.get("change", "").strip()
    if not text.removeprefix("-").removeprefix("+").isascii() or not text.lstrip("+-").isdigit() or len(text) > 9:
        raise BadValueError("change: a whole number, with a minus for fewer")
    try:
        return int(text)
    except ValueError as error:
        raise BadValueError("change: a whole number, with a minus for fewer") from error
