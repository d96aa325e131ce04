"""A customer's fields: what each may hold, and the record as pages see it."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from lab_server.desk.customers import further_numbers
from lab_server.desk.errors import BadValueError, VirtualNumberError
from lab_server.desk.numbers import identity, is_virtual, spelling
from lab_server.desk.search.words import name_terms, number_terms, pieces, place_terms
from lab_server.desk.typed import typed
from lab_server.store import search
from lab_server.store.tables import Customer, Site
from scenarios.facts import Frozen

KIND = "customer"
LONGEST: Mapping[str, int] = {"number": 40, "name": 80, "salutation": 2, "address": 300, "note": 2000}
_MOST_EXTRA = 40


class CustomerView(Frozen):
    """The record. `versions`: of each field that was ever changed; send the ones you saw back with an edit."""

    id: str
    number: str
    numbers: tuple[str, ...]
    name: str
    salutation: str
    address: str
    note: str
    extra: dict[str, str]
    is_vip: bool
    is_virtual: bool
    versions: dict[str, int]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    merged_into: str | None = None


def view(session: Session, row: Customer) -> CustomerView:
    """The record of a row."""
    return CustomerView(
        id=row.id,
        number=row.dialled or row.number,
        numbers=tuple(one.dialled for one in further_numbers(session, row.id)),
        name=row.name,
        salutation=row.salutation,
        address=row.address,
        note=row.note,
        extra={str(key): str(value) for key, value in row.extra.items()},
        is_vip=row.is_vip,
        is_virtual=row.is_virtual,
        versions={str(key): int(value) for key, value in row.field_versions.items()},
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        merged_into=row.merged_into,
    )


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are kept. `extra.<name>` are fields of the school's own. Raises `BadValueError`."""
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: str) -> str:
    if name.startswith("extra."):
        typed("extra", name, 60, needed=True)
        return typed(name, value, 500)
    if name not in LONGEST:
        raise BadValueError(f"{name[:40]!r} is no field of a customer: there are {', '.join(LONGEST)} and extra.<name>")
    kept = typed(name, value, LONGEST[name], lines=name == "note")
    if name == "salutation" and kept not in {"", "f", "m"}:
        raise BadValueError("salutation: f, m, or nothing")
    if name == "number" and not identity(kept):
        raise BadValueError(f"number: {kept!r} has no digits: a customer needs a number that can be rung")
    if name == "number" and len(spelling(kept)) > 32:
        raise BadValueError("number: at most 32 digits")
    return kept


def value_of(row: Customer, name: str) -> str:
    """What stands in the field."""
    if name.startswith("extra."):
        return str(row.extra.get(name.removeprefix("extra."), ""))
    return row.dialled or row.number if name == "number" else str(getattr(row, name))


def put(session: Session, row: Customer, name: str, value: str) -> None:
    """Write one checked value. Raises `VirtualNumberError` for a virtual customer's number in production."""
    if name.startswith("extra."):
        extra = {**row.extra, name.removeprefix("extra."): value}
        if len(extra) > _MOST_EXTRA:
            raise BadValueError(f"a customer has at most {_MOST_EXTRA} fields of the school's own")
        row.extra = {key: kept for key, kept in extra.items() if kept}
    elif name == "number":
        row.is_virtual = is_virtual(value, session.get_one(Site, row.site_id).virtual_prefixes)
        if row.is_virtual and row.mode == "production":
            raise VirtualNumberError(f"{value} is a virtual customer's number: it belongs to training only")
        row.number, row.dialled = spelling(value), value
    else:
        setattr(row, name, value)


def versioned(row: Customer, name: str) -> int:
    """Count a change of the field and return its version."""
    row.field_versions = {**row.field_versions, name: int(row.field_versions.get(name, 0)) + 1}
    return int(row.field_versions[name])


def index(session: Session, row: Customer) -> None:
    """Make it found by what stands in it; one that is gone by nothing."""
    if row.deleted_at is not None or row.merged_into is not None:
        search.remove(session, KIND, row.id)
        return
    further = [one.number for one in further_numbers(session, row.id)]
    search.put(session, KIND, row.id, realm(row.mode), terms(row, further))


def terms(row: Customer, further: list[str]) -> set[str]:
    """The words a customer is found by."""
    found = name_terms(row.name) | place_terms(row.address)
    for number in (row.number, *further):
        found |= number_terms(number)
    for value in row.extra.values():
        found |= pieces(str(value)[:60])
    return found


def realm(mode: str) -> str:
    """Training's customers are never found in production."""
    return f"c{mode[0]}"
