"""`/customers/<id>/merge`: double entries side by side, each field chosen; and two again if that was wrong."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import customers
from lab_server.desk.crm import merging, records, within
from lab_server.desk.crm.finding import search_customers
from lab_server.desk.crm.merging import Choice
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import part_of, word
from web.records.customer import known, value_of
from web.refusals import sentence, status_of

_TEXTS = ("name", "salutation", "address", "note")


def routes(access: Access, frame: Frame) -> APIRouter:
    """Which other record, side by side, and the way back."""
    router = APIRouter(prefix="/customers/{customer_id}")
    Merges = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_MERGE))]  # noqa: N806 (a type)

    @router.get("/merge")
    async def choose(request: Request, customer_id: str, visitor: Merges) -> Response:
        """Records that may be the same person, and a search for others."""
        query = word(request, "q")
        shown = await access.read(visitor, lambda desk: _candidates(desk, known(customer_id), query))
        return frame.page(
            request, "records/doubles.html", visitor, part=part_of(request, "rows"), query=query, note="", **shown
        )

    async def side_by_side(
        request: Request, visitor: Visitor, customer_id: str, other_id: str, refused: DeskError | None = None
    ) -> Response:
        say = frame.say(request, visitor)
        shown = await access.read(visitor, lambda desk: _both(desk, known(customer_id), known(other_id)))
        return frame.page(
            request, "records/merge.html", visitor, part="main", **shown, names=words.customer_fields(say),
            salutations=words.salutations(say), status=status_of(refused) if refused is not None else 200,
            refused=sentence(say, refused) if refused is not None else "",
        )  # fmt: skip

    @router.get("/merge/{other_id}")
    async def compare(request: Request, customer_id: str, other_id: str, visitor: Merges) -> Response:
        return await side_by_side(request, visitor, customer_id, other_id)

    @router.post("/merge/{other_id}")
    async def merge(request: Request, customer_id: str, other_id: str, visitor: Merges) -> Response:
        """`customer_id` is kept. A field of which nothing is said is filled or joined."""
        form = await fields(request)
        chosen: dict[str, Choice] = {}
        for name, value in form.items():
            if name.startswith("take.") and value == "kept":
                chosen[name.removeprefix("take.")] = "kept"
            elif name.startswith("take.") and value == "gone":
                chosen[name.removeprefix("take.")] = "gone"
        try:
            await access.write(visitor, lambda desk: merging.merge(desk, known(customer_id), known(other_id), chosen))
        except DeskError as error:
            return await side_by_side(request, visitor, customer_id, other_id, error)
        return RedirectResponse(f"/customers/{customer_id}?done=merged&undo={other_id}", 303)

    @router.post("/unmerge")
    async def unmerge(customer_id: str, visitor: Merges) -> Response:
        """`customer_id`: the one that went into the other."""
        await access.write(visitor, lambda desk: merging.undo_merge(desk, known(customer_id)))
        return RedirectResponse(f"/customers/{customer_id}?done=unmerged", 303)

    return router


def _candidates(desk: Desk, customer_id: str, query: str) -> dict[str, Any]:
    customer = records.read(desk, customer_id)
    mode = within.customer(desk, customer_id, Right.CUSTOMER_MERGE).mode
    found = search_customers(desk, mode, query, most=20).lines if query.strip() else ()
    return {
        "customer": customer,
        "doubles": merging.likely_doubles(desk, customer_id),
        "found": [one for one in found if one.id != customer_id],
    }


def _both(desk: Desk, kept_id: str, gone_id: str) -> dict[str, Any]:
    both = [records.read(desk, one) for one in (kept_id, gone_id)]
    extra = sorted({f"extra.{name}" for one in both for name in one.extra})
    return {
        "kept": both[0],
        "gone": both[1],
        "lines": [(name, value_of(both[0], name), value_of(both[1], name)) for name in (*_TEXTS, *extra)],
        "numbers": [
            [one.number, *(row.dialled for row in customers.further_numbers(desk.session, one.id))] for one in both
        ],
    }
