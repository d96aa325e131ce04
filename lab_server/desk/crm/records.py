"""Making, reading, editing, deleting a customer, and the way back."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from lab_server.desk import customers
from lab_server.desk.crm import fields, within
from lab_server.desk.crm.fields import CustomerView
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, FieldConflictError, StateError, TakenError
from lab_server.desk.numbers import spelling
from lab_server.desk.rights import Right
from lab_server.store.tables import Customer, CustomerChange, Mode
from scenarios.facts import Frozen


class FieldConflict(Frozen):
    """Two changed one field: `seen` is what the editor began with, `theirs` what another wrote, `yours` the edit."""

    field: str
    yours: str
    theirs: str
    version: int
    user_id: str | None
    at: datetime | None


class Change(Frozen):
    """One line of a record's history."""

    kind: str
    field: str
    before: str
    after: str
    user_id: str | None
    at: datetime


def create(desk: Desk, mode: Mode, values: Mapping[str, str]) -> CustomerView:
    """A new customer. Raises `BadValueError`; `TakenError`, naming the record, if the number is known already."""
    desk.check(Right.CUSTOMER_EDIT, own=True)
    kept = fields.checked(values)
    if not kept.get("number"):
        raise BadValueError("number: a customer needs one: it is what the record is found by")
    known = customers.find(desk.session, desk.actor.site_id, mode, kept["number"])
    if known is not None:
        raise TakenError(f"{kept['number']} is the number of customer {known.id} ({known.name}): open that record")
    return fields.view(desk.session, added(desk, mode, kept))


def added(desk: Desk, mode: Mode, kept: Mapping[str, str]) -> Customer:
    """The row of checked values, indexed and in the history."""
    now = desk.clock.utc()
    row = Customer(
        site_id=desk.actor.site_id, mode=mode, number="", is_virtual=False, created_at=now, updated_at=now,
        created_by=desk.actor.id,
    )  # fmt: skip
    for name, value in kept.items():
        fields.put(desk.session, row, name, value)
    desk.session.add(row)
    desk.session.flush()
    fields.index(desk.session, row)
    _noted(desk, row, "created")
    return row


def read(desk: Desk, customer_id: str) -> CustomerView:
    """The record; one that is gone, too, which says so. Raises `UnknownCustomerError`, `NotYoursError`."""
    return fields.view(desk.session, within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True))


def edit(desk: Desk, customer_id: str, values: Mapping[str, str], seen: Mapping[str, int]) -> CustomerView:
    """Change fields. `seen`: the version of each at which the editor began (0: never changed).

    What others changed in other fields stays. Raises `FieldConflictError` if others changed one of these to something
    else; then nothing is changed, and both values are in it. To overrule: send it again with the version it names.
    """
    kept = fields.checked(values)
    row = within.customer(desk, customer_id, Right.CUSTOMER_EDIT, lock=True)
    _refuse_conflicts(desk, row, kept, seen)
    if "number" in kept and spelling(kept["number"]) != row.number:
        _refuse_taken(desk, row, kept["number"])
    changed = {name: value for name, value in kept.items() if fields.value_of(row, name) != value}
    for name, value in changed.items():
        before = fields.value_of(row, name)
        fields.put(desk.session, row, name, value)
        _history(desk, row, "edited", name, before, value, fields.versioned(row, name))
    if changed:
        row.updated_at = desk.clock.utc()
        desk.session.add(row)
        desk.session.flush()
        fields.index(desk.session, row)
        desk.note(None, "customer.edited", {"customer": row.id, "fields": sorted(changed)})
    return fields.view(desk.session, row)


def delete(desk: Desk, customer_id: str) -> CustomerView:
    """Take it out of every list. Papers and calls stay; `bring_back` undoes it. Again: nothing changes."""
    row = within.customer(desk, customer_id, Right.CUSTOMER_DELETE, lock=True, gone=True)
    if row.merged_into is not None:
        raise StateError(f"customer {customer_id} was merged into {row.merged_into}: there is nothing left to delete")
    if row.deleted_at is None:
        row.deleted_at, row.deleted_by = desk.clock.utc(), desk.actor.id
        _noted(desk, row, "deleted")
    return fields.view(desk.session, row)


def bring_back(desk: Desk, customer_id: str) -> CustomerView:
    """Undo `delete`. Raises `TakenError` if another customer has the number by now."""
    row = within.customer(desk, customer_id, Right.CUSTOMER_DELETE, lock=True, gone=True)
    if row.deleted_at is not None:
        _refuse_taken(desk, row, row.number)
        row.deleted_at = row.deleted_by = None
        _noted(desk, row, "brought_back")
    return fields.view(desk.session, row)


def undo_edit(desk: Desk, customer_id: str) -> CustomerView:
    """Take the newest edit of a field back. Raises `StateError` if there is none."""
    row = within.customer(desk, customer_id, Right.CUSTOMER_EDIT, lock=True)
    rows = select(CustomerChange).where(CustomerChange.customer_id == row.id, CustomerChange.kind == "edited")
    for last in desk.session.exec(rows.order_by(col(CustomerChange.at).desc(), col(CustomerChange.id).desc())):
        if fields.value_of(row, last.field) == last.after and fields.value_of(row, last.field) != last.before:
            return edit(desk, customer_id, {last.field: last.before}, {last.field: last.version})
        break
    raise StateError(f"customer {customer_id} has no edit to take back: its history names them all")


def history(desk: Desk, customer_id: str) -> tuple[Change, ...]:
    """Who changed what, the newest first."""
    within.customer(desk, customer_id, Right.CUSTOMER_READ, gone=True)
    rows = select(CustomerChange).where(CustomerChange.customer_id == customer_id)
    return tuple(
        Change(kind=one.kind, field=one.field, before=one.before, after=one.after, user_id=one.user_id, at=one.at)
        for one in desk.session.exec(
            rows.order_by(col(CustomerChange.at).desc(), col(CustomerChange.id).desc()).limit(200)
        )
    )


def _refuse_conflicts(desk: Desk, row: Customer, kept: Mapping[str, str], seen: Mapping[str, int]) -> None:
    late = [
        name
        for name, value in kept.items()
        if int(row.field_versions.get(name, 0)) != seen.get(name, 0) and fields.value_of(row, name) != value
    ]
    if late:
        names = ", ".join(late)
        raise FieldConflictError(
            f"somebody has changed {names} of customer {row.id} since you opened it: choose which value is right",
            [_conflict(desk, row, name, kept[name]) for name in late],
        )


def _conflict(desk: Desk, row: Customer, name: str, yours: str) -> FieldConflict:
    rows = select(CustomerChange).where(CustomerChange.customer_id == row.id, CustomerChange.field == name)
    last = desk.session.exec(rows.order_by(col(CustomerChange.at).desc(), col(CustomerChange.id).desc())).first()
    return FieldConflict(
        field=name, yours=yours, theirs=fields.value_of(row, name), version=int(row.field_versions.get(name, 0)),
        user_id=last.user_id if last is not None else None, at=last.at if last is not None else None,
    )  # fmt: skip


def _refuse_taken(desk: Desk, row: Customer, number: str) -> None:
    other = customers.find(desk.session, row.site_id, row.mode, number)
    if other is not None and other.id != row.id:
        raise TakenError(f"{number} is the number of customer {other.id} ({other.name}): merge the two records")


def _history(
    desk: Desk, row: Customer, kind: str, name: str = "", before: str = "", after: str = "", version: int = 0
) -> None:
    desk.session.add(
        CustomerChange(
            site_id=row.site_id, customer_id=row.id, kind=kind, field=name, before=before, after=after, version=version,
            user_id=desk.actor.id, at=desk.clock.utc(),
        )
    )  # fmt: skip


def _noted(desk: Desk, row: Customer, kind: str) -> None:
    row.updated_at = desk.clock.utc()
    _history(desk, row, kind)
    desk.session.add(row)
    desk.session.flush()
    fields.index(desk.session, row)
    desk.note(None, f"customer.{kind}", {"customer": row.id})
