"""Customers: found, read, made, changed field by field, deleted and brought back, merged and parted again."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from lab_server.desk.crm import finding, merging, records
from lab_server.desk.crm.fields import CustomerView
from lab_server.desk.crm.finding import CustomerLine
from lab_server.desk.crm.records import Change
from lab_server.desk.rights import Right
from lab_server.desk.shop import sales
from lab_server.desk.shop.sales import OrderView
from lab_server.desk.ticketing import work
from lab_server.desk.ticketing.views import TicketView
from lab_server.store.tables import Mode
from web.access import Access, Visitor, signed_in
from web.api.kinds import Asked, Body, Id, InMode, Listed, Most, Values, Version

Reads = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_READ))]
Edits = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_EDIT))]
Deletes = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_DELETE))]
Merges = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_MERGE))]


class NewCustomer(Body):
    """`values`: number (needed), name, salutation (f, m), address, note, and extra.<name> of the school's own."""

    mode: Mode = "training"
    values: Values


class Edit(Body):
    """`seen`: of each field in `values` the version that was read (left out: never changed, 0). If somebody changed
    one of them since, nothing is changed, and `details` has both values with the version to overrule."""

    values: Values = Field(min_length=1)
    seen: dict[str, Version] = Field(default={}, max_length=200)


class Merge(Body):
    """`gone` becomes part of the customer in the address."""

    gone: Id


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/customers`."""
    router = APIRouter(prefix="/api/v1/customers", tags=["customers"])

    @router.get("")
    async def search(visitor: Reads, q: Asked = "", mode: InMode = "training", most: Most = 20) -> Listed[CustomerLine]:
        """Those with every word of `q` (name, pinyin, end of a number, address); without it those changed last."""
        found = await access.read(
            visitor, lambda desk: finding.search_customers(desk, mode, q, most=min(most, finding.MOST))
        )
        return Listed(items=found.lines, more=found.more)

    @router.post("")
    async def create(new: NewCustomer, visitor: Edits) -> CustomerView:
        """409 `desk.taken` names the record that has the number already."""
        return await access.write(visitor, lambda desk: records.create(desk, new.mode, new.values))

    @router.get("/{customer_id}")
    async def read(customer_id: Id, visitor: Reads) -> CustomerView:
        """One that was deleted or merged, too, which says so."""
        return await access.read(visitor, lambda desk: records.read(desk, customer_id))

    @router.patch("/{customer_id}")
    async def change(customer_id: Id, edit: Edit, visitor: Edits) -> CustomerView:
        """Change fields; 409 `desk.field_conflict` if others changed the same ones meanwhile."""
        return await access.write(visitor, lambda desk: records.edit(desk, customer_id, edit.values, edit.seen))

    @router.delete("/{customer_id}")
    async def delete(customer_id: Id, visitor: Deletes) -> CustomerView:
        """Out of every list; `bring-back` undoes it."""
        return await access.write(visitor, lambda desk: records.delete(desk, customer_id))

    @router.post("/{customer_id}/bring-back")
    async def bring_back(customer_id: Id, visitor: Deletes) -> CustomerView:
        return await access.write(visitor, lambda desk: records.bring_back(desk, customer_id))

    @router.post("/{customer_id}/undo")
    async def undo(customer_id: Id, visitor: Edits) -> CustomerView:
        """Take the newest edit of a field back."""
        return await access.write(visitor, lambda desk: records.undo_edit(desk, customer_id))

    @router.get("/{customer_id}/history")
    async def history(customer_id: Id, visitor: Reads) -> Listed[Change]:
        """Who changed what, the newest first."""
        return Listed(items=await access.read(visitor, lambda desk: records.history(desk, customer_id)))

    @router.get("/{customer_id}/doubles")
    async def doubles(customer_id: Id, visitor: Reads) -> Listed[CustomerView]:
        """Records that may be the same person."""
        return Listed(items=await access.read(visitor, lambda desk: merging.likely_doubles(desk, customer_id)))

    @router.post("/{customer_id}/merge")
    async def merge(customer_id: Id, merging_in: Merge, visitor: Merges) -> CustomerView:
        """Calls, papers and numbers of `gone` go over; empty fields are filled from it."""
        return await access.write(visitor, lambda desk: merging.merge(desk, customer_id, merging_in.gone))

    @router.post("/{customer_id}/unmerge")
    async def unmerge(customer_id: Id, visitor: Merges) -> CustomerView:
        """Undo the merge in which this customer became part of another."""
        return await access.write(visitor, lambda desk: merging.undo_merge(desk, customer_id))

    @router.get("/{customer_id}/tickets")
    async def tickets(customer_id: Id, visitor: Reads, open_only: bool = False) -> Listed[TicketView]:
        """The newest twenty."""
        return Listed(
            items=await access.read(visitor, lambda desk: work.of_customer(desk, customer_id, open_only=open_only))
        )

    @router.get("/{customer_id}/orders")
    async def orders(customer_id: Id, visitor: Reads, open_only: bool = False) -> Listed[OrderView]:
        """The newest twenty."""
        return Listed(
            items=await access.read(visitor, lambda desk: sales.of_customer(desk, customer_id, open_only=open_only))
        )

    return router
