"""Which customers are the actor's own. In production every agent serves every customer; a class is bound to its own."""

from sqlmodel import col, select

from lab_server.desk import reach
from lab_server.desk.desk import Desk
from lab_server.desk.errors import GoneError, UnknownCustomerError
from lab_server.desk.rights import Right
from lab_server.store.tables import Contact, Customer, Leg, Mode, User

_NEWEST = 1000
"""So many of a student's newest calls are looked at for the customers to search among."""


def is_own(desk: Desk, customer: Customer) -> bool:
    """Whether the actor made the record, or it is of a contact the actor may see."""
    if customer.mode == "production" or customer.created_by == desk.actor.id:
        return True
    if desk.actor.role not in {"student", "supervisor"}:
        return True
    mine = select(Contact.id).where(Contact.customer_id == customer.id)
    if desk.actor.role == "student":
        mine = mine.join(Leg, col(Leg.contact_id) == col(Contact.id)).where(
            Leg.user_id == desk.actor.id, Leg.role == "agent"
        )
        return desk.session.exec(mine.limit(1)).first() is not None
    group = reach.group(desk.session, desk.actor) or frozenset()
    if customer.klass_id is not None and customer.klass_id in group:
        return True
    if customer.created_by is not None and (maker := desk.session.get(User, customer.created_by)) is not None:
        return reach.has_user(desk.session, desk.actor, maker)
    return desk.session.exec(mine.where(col(Contact.klass_id).in_(group)).limit(1)).first() is not None


def own_ids(desk: Desk, mode: Mode) -> set[str] | None:
    """The customers a student or supervisor may search among; None: all of the site."""
    actor = desk.actor
    if mode == "production" or actor.role not in {"student", "supervisor"}:
        return None
    # Asked as a range: where most records were made by nobody, SQLite's statistics speak against the index otherwise.
    made = select(Customer.id).where(col(Customer.created_by).between(actor.id, actor.id), Customer.mode == mode)
    found = set(desk.session.exec(made.order_by(col(Customer.id).desc()).limit(_NEWEST)))
    if actor.role == "student":
        served = (
            select(Contact.customer_id)
            .join(Leg, col(Leg.contact_id) == col(Contact.id))
            .where(Leg.user_id == actor.id, Leg.role == "agent")
            .order_by(col(Leg.started_at).desc())
        )
    else:
        group = reach.group(desk.session, actor) or frozenset()
        served = select(Contact.customer_id).where(col(Contact.klass_id).in_(group)).order_by(col(Contact.id).desc())
    return found | {one for one in desk.session.exec(served.limit(_NEWEST)) if one is not None}


def customer(desk: Desk, customer_id: str, right: Right, *, lock: bool = False, gone: bool = False) -> Customer:
    """The customer, if the actor may do this to the record.

    Raises `UnknownCustomerError`, `NoRightError`, `NotYoursError`; `GoneError` (unless `gone`) for one that was deleted
    or merged, naming where it went.
    """
    found = desk.session.get(Customer, customer_id, with_for_update=lock)
    if found is None or found.site_id != desk.actor.site_id:
        raise UnknownCustomerError(f"there is no customer {customer_id!r}: take the id from a search")
    desk.check(right, own=is_own(desk, found))
    if not gone and found.merged_into is not None:
        raise GoneError(f"customer {customer_id} was merged into {found.merged_into}: open that one, or undo the merge")
    if not gone and found.deleted_at is not None:
        raise GoneError(f"customer {customer_id} was deleted: bring the record back first")
    return found
