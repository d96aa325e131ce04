"""Two records of one customer become one, and two again if that was wrong."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from sqlmodel import col, select

from lab_server.desk import customers
from lab_server.desk.crm import fields, within
from lab_server.desk.crm.fields import CustomerView
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, StateError
from lab_server.desk.rights import Right
from lab_server.store.tables import (
    Callback,
    Contact,
    Customer,
    CustomerChange,
    CustomerMerge,
    CustomerNumber,
    Membership,
    Order,
    Ticket,
)

_PAPERS: dict[str, Any] = {"contact": Contact, "ticket": Ticket, "order": Order, "callback": Callback}
_TEXTS = ("name", "salutation", "address", "note")
Choice = Literal["kept", "gone"]
_AS_IT_IS: Mapping[str, Choice] = MappingProxyType({})


def merge(desk: Desk, kept_id: str, gone_id: str, chosen: Mapping[str, Choice] = _AS_IT_IS) -> CustomerView:
    """Make `gone_id` part of `kept_id`: calls, papers, numbers go over; empty fields are filled, notes joined.

    What differs stays as the kept one has it, unless `chosen` says of the field that the other's is right; the other's
    values are in its own row and in the history. Raises `BadValueError` for one and the same, or of two modes,
    `StateError` if both are members, `GoneError`.
    """
    if kept_id == gone_id:
        raise BadValueError("choose two records: one cannot be merged with itself")
    first, second = sorted((kept_id, gone_id))  # locked in one order, whoever merges them at once
    rows = {one: within.customer(desk, one, Right.CUSTOMER_MERGE, lock=True) for one in (first, second)}
    kept, gone = rows[kept_id], rows[gone_id]
    if kept.mode != gone.mode:
        raise BadValueError("a customer of training and one of production are never the same person")
    before = {name: fields.value_of(kept, name) for name in _TEXTS} | {"is_vip": kept.is_vip, "extra": kept.extra}
    moved = {name: _moved(desk, table, gone_id, kept_id) for name, table in _PAPERS.items()}
    moved["membership"] = _membership(desk, gone_id, kept_id)
    moved["number"] = _numbers(desk, kept, gone)
    _fill(desk, kept, gone)
    for name, choice in chosen.items():
        _choose(desk, kept, gone, name, choice, before)
    now = desk.clock.utc()
    gone.merged_into, gone.updated_at, kept.updated_at = kept_id, now, now
    desk.session.add_all([kept, gone])
    desk.session.add(
        CustomerMerge(
            site_id=kept.site_id, kept_id=kept_id, gone_id=gone_id, before=before, moved=moved, user_id=desk.actor.id,
            at=now,
        )
    )  # fmt: skip
    return _done(desk, kept, gone, "merged")


def undo_merge(desk: Desk, gone_id: str) -> CustomerView:
    """Two records again: what came with the merge goes back; what was written since stays with the kept one."""
    gone = within.customer(desk, gone_id, Right.CUSTOMER_MERGE, lock=True, gone=True)
    rows = select(CustomerMerge).where(CustomerMerge.gone_id == gone_id, col(CustomerMerge.undone_at).is_(None))
    last = desk.session.exec(rows.order_by(col(CustomerMerge.at).desc())).first()
    if last is None or gone.merged_into != last.kept_id:
        raise StateError(f"customer {gone_id} was not merged into another: there is nothing to undo")
    kept = within.customer(desk, last.kept_id, Right.CUSTOMER_MERGE, lock=True, gone=True)
    if kept.merged_into is not None:
        raise StateError(f"customer {kept.id} was merged on into {kept.merged_into}: undo that first")
    for name, table in {**_PAPERS, "membership": Membership}.items():
        _back(desk, table, last.moved.get(name, []), gone_id)
    for number_id in last.moved.get("number", []):
        if (row := desk.session.get(CustomerNumber, number_id)) is not None:
            desk.session.delete(row)
    _unfill(desk, kept, last)
    last.undone_at, gone.merged_into = desk.clock.utc(), None
    gone.updated_at = kept.updated_at = desk.clock.utc()
    desk.session.add_all([last, kept, gone])
    _done(desk, kept, gone, "unmerged")
    return fields.view(desk.session, gone)


def likely_doubles(desk: Desk, customer_id: str) -> tuple[CustomerView, ...]:
    """Records that may be the same person: of the same name, or with one of the same numbers; at most ten."""
    row = within.customer(desk, customer_id, Right.CUSTOMER_READ)
    numbers = {row.number, *(one.number for one in customers.further_numbers(desk.session, row.id))}
    rows = select(Customer).where(
        Customer.site_id == row.site_id,
        Customer.mode == row.mode,
        Customer.id != row.id,
        col(Customer.merged_into).is_(None),
        col(Customer.deleted_at).is_(None),
    )
    same_number = desk.session.exec(rows.where(col(Customer.number).in_(numbers)).limit(10)).all()
    from lab_server.desk.crm.finding import search_customers  # noqa: PLC0415 (it reads records, too)

    named = search_customers(desk, row.mode, row.name, most=20).lines if row.name else ()
    ids = [one.id for one in same_number] + [one.id for one in named if one.name == row.name and one.id != row.id]
    unique = list(dict.fromkeys(ids))[:10]
    found = [desk.session.get_one(Customer, one) for one in unique]
    return tuple(fields.view(desk.session, one) for one in found if within.is_own(desk, one))


def _moved(desk: Desk, table: Any, from_id: str, to_id: str) -> list[str]:
    rows = desk.session.exec(select(table).where(table.customer_id == from_id)).all()
    for row in rows:
        row.customer_id = to_id
        desk.session.add(row)
    return [row.id for row in rows]


def _back(desk: Desk, table: Any, ids: list[str], to_id: str) -> None:
    for one in ids:
        row = desk.session.get(table, one)
        if row is not None:
            row.customer_id = to_id
            desk.session.add(row)


def _membership(desk: Desk, gone_id: str, kept_id: str) -> list[str]:
    rows = desk.session.exec(select(Membership).where(col(Membership.customer_id).in_([gone_id, kept_id]))).all()
    if len(rows) == 2:
        raise StateError("both customers are members: end one membership first, for balances are not added up")
    return _moved(desk, Membership, gone_id, kept_id)


def _numbers(desk: Desk, kept: Customer, gone: Customer) -> list[str]:
    """The other's numbers become further numbers of the kept one; returns the new rows."""
    known = {kept.number, *(row.number for row in customers.further_numbers(desk.session, kept.id))}
    rank, made = len(known), []
    others = [(gone.number, gone.dialled or gone.number, gone.is_virtual)]
    others += [(row.number, row.dialled, row.is_virtual) for row in customers.further_numbers(desk.session, gone.id)]
    for number, dialled, virtual in others:
        if number in known:
            continue
        known.add(number)
        row = CustomerNumber(
            site_id=kept.site_id, mode=kept.mode, customer_id=kept.id, number=number, dialled=dialled,
            is_virtual=virtual, rank=rank,
        )  # fmt: skip
        rank += 1
        desk.session.add(row)
        made.append(row.id)
    return made


def _fill(desk: Desk, kept: Customer, gone: Customer) -> None:
    for name in ("name", "salutation", "address"):
        if not getattr(kept, name) and getattr(gone, name):
            setattr(kept, name, getattr(gone, name))
            fields.versioned(kept, name)
    if gone.note and gone.note not in kept.note:
        kept.note = f"{kept.note}\n{gone.note}".strip()[: fields.LONGEST["note"]]
        fields.versioned(kept, "note")
    kept.extra = {**gone.extra, **kept.extra}
    kept.is_vip = kept.is_vip or gone.is_vip


def _choose(desk: Desk, kept: Customer, gone: Customer, name: str, choice: Choice, before: Mapping[str, Any]) -> None:
    """The field is this one's alone: what joining or filling has made of it does not count."""
    if name not in _TEXTS and not name.startswith("extra."):
        raise BadValueError(f"{name[:40]!r} is nothing to choose: there are {', '.join(_TEXTS)} and extra.<name>")
    if choice == "gone":
        value = fields.value_of(gone, name)
    elif name in _TEXTS:
        value = str(before[name])
    else:
        value = str(before["extra"].get(name.removeprefix("extra."), ""))
    if fields.value_of(kept, name) != value:
        fields.put(desk.session, kept, name, value)
        fields.versioned(kept, name)


def _unfill(desk: Desk, kept: Customer, last: CustomerMerge) -> None:
    """Fields go back to what they were, unless somebody has changed them since the merge."""
    rows = select(CustomerChange.field).where(
        CustomerChange.customer_id == kept.id, col(CustomerChange.at) > last.at, CustomerChange.kind == "edited"
    )
    edited = set(desk.session.exec(rows))
    for name in _TEXTS:
        if name not in edited and getattr(kept, name) != last.before[name]:
            setattr(kept, name, last.before[name])
            fields.versioned(kept, name)
    if not any(name.startswith("extra.") for name in edited):
        kept.extra = dict(last.before["extra"])
    kept.is_vip = bool(last.before["is_vip"])


def _done(desk: Desk, kept: Customer, gone: Customer, kind: str) -> CustomerView:
    desk.session.flush()
    for row, other in ((kept, gone), (gone, kept)):
        desk.session.add(
            CustomerChange(
                site_id=row.site_id, customer_id=row.id, kind=kind, after=other.id, user_id=desk.actor.id,
                at=desk.clock.utc(),
            )
        )  # fmt: skip
        fields.index(desk.session, row)
    desk.session.flush()
    desk.note(None, f"customer.{kind}", {"kept": kept.id, "gone": gone.id})
    return fields.view(desk.session, kept)
