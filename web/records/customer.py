"""`/customers/<id>`: one record with all that belongs to it; edited by two at once without a loss; deleted and back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import customers, members, names
from lab_server.desk.crm import calls, merging, records, viewers, within
from lab_server.desk.crm.fields import CustomerView
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, FieldConflictError, UnknownCustomerError
from lab_server.desk.rights import Right
from lab_server.desk.shop import sales
from lab_server.desk.ticketing import work
from lab_server.ids import is_id
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import contact_of, id_or_none, part_of, word
from web.records.customers import NAMES
from web.records.faulty import beside
from web.refusals import status_of

VALUE, WAS, VERSION = "f.", "was.", "v."
"""Before a field's name: what is typed, what stood there when the page was opened, and its version then."""
_EXTRA_ROWS = 1


def routes(access: Access, frame: Frame) -> APIRouter:
    """The record and what is done to it."""
    router = APIRouter(prefix="/customers/{customer_id}")
    Reads = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_EDIT))]  # noqa: N806
    Deletes = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_DELETE))]  # noqa: N806
    Manages = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_MANAGE))]  # noqa: N806

    async def page(
        request: Request,
        visitor: Visitor,
        customer_id: str,
        *,
        typed: Mapping[str, str] | None = None,
        refused: DeskError | None = None,
    ) -> Response:
        say, contact = frame.say(request, visitor), word(request, "contact")
        shown = await access.read(visitor, lambda desk: _shown(desk, known(customer_id), contact))
        conflicts = {one.field: one for one in refused.conflicts} if isinstance(refused, FieldConflictError) else {}
        faults = beside(say, refused, NAMES) if refused is not None and not conflicts else {}
        return frame.page(
            request, "records/customer.html", visitor, part=part_of(request, "calls"), **shown,
            status=status_of(refused) if refused is not None else 200, typed=typed or {}, conflicts=conflicts,
            faults=faults, Right=Right, names=words.customer_fields(say), salutations=words.salutations(say),
            changes=words.changes(say), ticket_states=words.ticket_states(say), order_states=words.order_states(say),
            kinds=words.kinds(say), note=words.done(say, word(request, "done")), done=word(request, "done"),
        )  # fmt: skip

    @router.get("")
    async def show(request: Request, customer_id: str, visitor: Reads) -> Response:
        return await page(request, visitor, customer_id)

    @router.post("")
    async def save(request: Request, customer_id: str, visitor: Edits) -> Response:
        """Only what was typed over is sent on, so that two who change different fields never meet."""
        form = await fields(request)
        changed, seen = edited(form)
        try:
            await access.write(visitor, lambda desk: _save(desk, known(customer_id), changed, seen, form))
        except DeskError as error:
            return await page(request, visitor, customer_id, typed=form, refused=error)
        return RedirectResponse(f"/customers/{customer_id}?done={'saved' if changed else 'unchanged'}", 303)

    @router.post("/undo")
    async def undo(customer_id: str, visitor: Edits) -> Response:
        await access.write(visitor, lambda desk: records.undo_edit(desk, known(customer_id)))
        return RedirectResponse(f"/customers/{customer_id}?done=undone", 303)

    @router.post("/delete")
    async def delete(customer_id: str, visitor: Deletes) -> Response:
        await access.write(visitor, lambda desk: records.delete(desk, known(customer_id)))
        return RedirectResponse(f"/customers/{customer_id}?done=deleted", 303)

    @router.post("/back")
    async def back(customer_id: str, visitor: Deletes) -> Response:
        await access.write(visitor, lambda desk: records.bring_back(desk, known(customer_id)))
        return RedirectResponse(f"/customers/{customer_id}?done=back", 303)

    @router.post("/numbers")
    async def add_number(request: Request, customer_id: str, visitor: Manages) -> Response:
        form = await fields(request)
        await access.write(
            visitor,
            lambda desk: customers.add_number(desk, known(customer_id), form.get("further", ""), form.get("label", "")),
        )
        return RedirectResponse(f"/customers/{customer_id}?done=number", 303)

    @router.post("/numbers/remove")
    async def remove_number(request: Request, customer_id: str, visitor: Manages) -> Response:
        number = (await fields(request)).get("further", "")
        await access.write(visitor, lambda desk: customers.remove_number(desk, known(customer_id), number))
        return RedirectResponse(f"/customers/{customer_id}?done=number_gone", 303)

    @router.post("/vip")
    async def vip(request: Request, customer_id: str, visitor: Manages) -> Response:
        is_vip = (await fields(request)).get("vip") == "1"
        await access.write(visitor, lambda desk: customers.set_vip(desk, known(customer_id), is_vip))
        return RedirectResponse(f"/customers/{customer_id}?done=saved", 303)

    @router.post("/here")
    async def here(request: Request, customer_id: str, visitor: Reads) -> Response:
        """The visitor has the record open: who else has, and what others have changed since it was opened."""
        form = await fields(request)
        others, changed = await access.write(visitor, lambda desk: _here(desk, known(customer_id), form))
        say = frame.say(request, visitor)
        return frame.page(
            request, "records/here.html", visitor, part="main", others=others, changed=changed,
            names=words.customer_fields(say),
        )  # fmt: skip

    @router.post("/left")
    async def left(customer_id: str, visitor: Reads) -> Response:
        await access.write(visitor, lambda desk: viewers.leave(desk, "customer", known(customer_id)))
        return Response()

    return router


def known(customer_id: str) -> str:
    """Raises `UnknownCustomerError` for what is no id."""
    if not is_id(customer_id):
        raise UnknownCustomerError("that is no customer's id: take it from a search")
    return customer_id


def edited(form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, int]]:
    """The fields that were typed over, and the version of each at which that began."""
    values = {name.removeprefix(VALUE): text for name, text in form.items() if name.startswith(VALUE)}
    if (name := form.get("extra_name", "").strip()) and form.get("extra_value", "").strip():
        values[f"extra.{name}"] = form["extra_value"]
    changed = {name: text for name, text in values.items() if _plain(text) != _plain(form.get(f"{WAS}{name}", ""))}
    seen = {name: form.get(f"{VERSION}{name}", "") for name in changed}
    return changed, {name: int(text) if text.isascii() and text.isdigit() else 0 for name, text in seen.items()}


def _plain(text: str) -> str:
    """A browser sends line breaks as CR LF."""
    return text.replace("\r\n", "\n").strip()


def _save(
    desk: Desk, customer_id: str, changed: Mapping[str, str], seen: Mapping[str, int], form: Mapping[str, str]
) -> None:
    if changed:
        records.edit(desk, customer_id, {name: _plain(text) for name, text in changed.items()}, seen)
    if contact := id_or_none(form.get("contact", "")):
        calls.link(desk, contact, customer_id)


def _here(
    desk: Desk, customer_id: str, form: Mapping[str, str]
) -> tuple[tuple[viewers.Viewer, ...], list[tuple[str, str]]]:
    customer = records.read(desk, customer_id)
    found = viewers.look(desk, "customer", customer_id, form.get("field", "").removeprefix(VALUE)[:64])
    seen = {name.removeprefix(VERSION): text for name, text in form.items() if name.startswith(VERSION)}
    late = [name for name, text in seen.items() if str(customer.versions.get(name, 0)) != text]
    return found, [(name, value_of(customer, name)) for name in late]


def value_of(customer: CustomerView, name: str) -> str:
    """What stands in a field."""
    if name.startswith("extra."):
        return customer.extra.get(name.removeprefix("extra."), "")
    return str(getattr(customer, name)) if name in NAMES else ""


def _shown(desk: Desk, customer_id: str, contact: str) -> dict[str, Any]:
    customer = records.read(desk, customer_id)
    gone = customer.deleted_at is not None or customer.merged_into is not None
    history = records.history(desk, customer_id)
    last = next((one for one in history if one.kind == "edited"), None)
    return {
        "customer": customer,
        "values": {name: value_of(customer, name) for name in [*NAMES, *(f"extra.{one}" for one in customer.extra)]},
        "gone": gone,
        "kept": names.customers(desk.session, desk.actor.site_id, [customer.merged_into]),
        "member": members.of_customer(desk.session, customer_id),
        "further": customers.further_numbers(desk.session, customer_id),
        "calls": calls.of_customer(desk, customer_id),
        "tickets": work.of_customer(desk, customer_id),
        "orders": sales.of_customer(desk, customer_id),
        "doubles": merging.likely_doubles(desk, customer_id) if not gone else (),
        "history": history[:30],
        "people": names.users(desk.session, desk.actor.site_id, (one.user_id for one in history)),
        "undoable": last if last is not None and value_of(customer, last.field) == last.after != last.before else None,
        "others": viewers.others(desk, "customer", customer_id),
        "contact": _linkable(desk, contact, customer_id),
        "mode": within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True).mode,
    }


def _linkable(desk: Desk, contact: str, customer_id: str) -> str:
    """The contact from whose pop the record was opened, unless it is this customer's already."""
    found = contact_of(desk, contact)
    return found.id if found is not None and found.customer_id != customer_id else ""
