"""Customers as the desk knows them, found by their number however it is spelled."""

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, TakenError, UnknownCustomerError, VirtualNumberError
from lab_server.desk.numbers import identity, is_virtual, spelling
from lab_server.desk.rights import Right
from lab_server.store.tables import Customer, CustomerNumber, Mode, Site
from telephony.clock import Clock


def find(session: Session, site_id: str, mode: Mode, number: str) -> Customer | None:
    """The newest customer of that number, or else of whom it is a further number.

    Training knows no customer of production and the other way round.
    """
    spelled, newest = spelling(number), (col(Customer.created_at).desc(), col(Customer.id).desc())
    there = (col(Customer.deleted_at).is_(None), col(Customer.merged_into).is_(None))
    known = select(Customer).where(
        Customer.site_id == site_id, Customer.mode == mode, Customer.number == spelled, *there
    )
    further = (
        select(Customer)
        .join(CustomerNumber)
        .where(CustomerNumber.site_id == site_id, CustomerNumber.mode == mode, CustomerNumber.number == spelled, *there)
    )
    return session.exec(known.order_by(*newest)).first() or session.exec(further.order_by(*newest)).first()


def save(
    session: Session,
    clock: Clock,
    site: Site,
    mode: Mode,
    number: str,
    *,
    name: str | None = None,
    address: str | None = None,
    note: str | None = None,
    session_id: str | None = None,
    klass_id: str | None = None,
) -> Customer:
    """Create the customer of that number, or update what is given (None leaves a field as it is)."""
    if not number.strip():
        raise BadValueError("a customer needs a number: it is what the record is found by")
    virtual = is_virtual(number, site.virtual_prefixes)
    if virtual and mode == "production":
        raise VirtualNumberError(f"{number} is a virtual customer's number: it belongs to training only")
    now = clock.utc()
    customer = find(session, site.id, mode, number) or Customer(
        site_id=site.id,
        klass_id=klass_id,
        session_id=session_id,
        mode=mode,
        number=spelling(number)[:32],
        dialled=number[:40],
        is_virtual=virtual,
        created_at=now,
        updated_at=now,
    )
    for field, value, longest in (("name", name, 80), ("address", address, 300), ("note", note, 2000)):
        if value is None:
            continue
        if len(value) > longest:
            raise BadValueError(f"{field}: {len(value)} characters are too many: at most {longest} can be kept")
        setattr(customer, field, value)
    customer.updated_at = now
    session.add(customer)
    session.flush()
    _index(session, customer)
    return customer


def numbers_of(session: Session, customer_id: str) -> list[str]:
    """The numbers to ring the customer at, as dialled, in the order they are tried."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        return []
    return [customer.dialled or customer.number, *(row.dialled for row in further_numbers(session, customer_id))]


def next_number(session: Session, customer_id: str, tried: str) -> str | None:
    """What to ring after `tried` was busy or silent; None after the last."""
    numbers = numbers_of(session, customer_id)
    places = [at for at, number in enumerate(numbers) if spelling(number) == spelling(tried)]
    return next(iter(numbers[places[-1] + 1 :]), None) if places else None


def further_numbers(session: Session, customer_id: str) -> list[CustomerNumber]:
    """The customer's numbers but for the first, in order."""
    rows = select(CustomerNumber).where(CustomerNumber.customer_id == customer_id)
    return list(session.exec(rows.order_by(col(CustomerNumber.rank), col(CustomerNumber.id))))


def add_number(desk: Desk, customer_id: str, number: str, label: str = "") -> CustomerNumber:
    """One more number, tried after those that are there. Raises `BadValueError`, `TakenError`, `VirtualNumberError`."""
    customer = managed(desk, customer_id)
    spelled = identity(number)
    if not spelled or len(number) > 40 or len(label) > 40:
        raise BadValueError(f"{number!r} ({label}) cannot be kept: a number and a label of at most 40 characters each")
    there = further_numbers(desk.session, customer_id)
    if spelled in {customer.number, *(row.number for row in there)}:
        raise TakenError(f"the customer has the number {number} already")
    virtual = is_virtual(number, desk.session.get_one(Site, customer.site_id).virtual_prefixes)
    if virtual and customer.mode == "production":
        raise VirtualNumberError(f"{number} is a virtual customer's number: it belongs to training only")
    row = CustomerNumber(
        site_id=customer.site_id,
        mode=customer.mode,
        customer_id=customer_id,
        number=spelled[:32],
        dialled=number.strip(),
        is_virtual=virtual,
        label=label,
        rank=max((row.rank for row in there), default=0) + 1,
    )
    desk.session.add(row)
    desk.session.flush()
    _index(desk.session, customer)
    desk.note(None, "customer.number_added", {"customer": customer_id, "number": row.dialled, "label": label})
    return row


def remove_number(desk: Desk, customer_id: str, number: str) -> None:
    """Forget one of the further numbers. Raises `BadValueError` if it is none of them."""
    customer = managed(desk, customer_id)
    rows = [row for row in further_numbers(desk.session, customer_id) if row.number == spelling(number)]
    if not rows:
        raise BadValueError(f"{number} is none of the customer's further numbers")
    desk.session.delete(rows[0])
    desk.session.flush()
    _index(desk.session, customer)
    desk.note(None, "customer.number_removed", {"customer": customer_id, "number": rows[0].dialled})


def set_vip(desk: Desk, customer_id: str, is_vip: bool) -> Customer:
    """VIPs go first in every queue."""
    customer = managed(desk, customer_id)
    if customer.is_vip != is_vip:
        customer.is_vip, customer.updated_at = is_vip, desk.clock.utc()
        desk.session.add(customer)
        desk.session.flush()
        desk.note(None, "customer.vip", {"customer": customer_id, "vip": is_vip})
    return customer


def managed(desk: Desk, customer_id: str) -> Customer:
    """The customer, if the actor may change what the exchange knows of him. Raises `UnknownCustomerError`."""
    desk.check(Right.CUSTOMER_MANAGE)
    customer = desk.session.get(Customer, customer_id)
    if customer is None or customer.site_id != desk.actor.site_id:
        raise UnknownCustomerError(f"there is no customer {customer_id!r}: take the id from the customer's record")
    return customer


def _index(session: Session, customer: Customer) -> None:
    """It is found by what it holds now."""
    from lab_server.desk.crm import fields  # noqa: PLC0415 (which reads the further numbers from here)

    fields.index(session, customer)
