"""Customers as the desk knows them, found by their number however it is spelled."""

from sqlmodel import Session, col, select

from lab_server.desk.errors import BadValueError, VirtualNumberError
from lab_server.desk.numbers import is_virtual, spelling
from lab_server.store.tables import Customer, Mode, Site
from telephony.clock import Clock


def find(session: Session, site_id: str, mode: Mode, number: str) -> Customer | None:
    """The newest customer of that number; training knows no customer of production and the other way round."""
    known = select(Customer).where(
        Customer.site_id == site_id, Customer.mode == mode, Customer.number == spelling(number)
    )
    return session.exec(known.order_by(col(Customer.created_at).desc(), col(Customer.id).desc())).first()


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
    return customer
