"""The customer of a new ticket or order: the one that was chosen, or the only one that fits what was typed."""

from collections.abc import Mapping

from lab_server.desk import customers
from lab_server.desk.crm import within
from lab_server.desk.crm.finding import search_customers
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError
from lab_server.desk.numbers import identity
from lab_server.desk.rights import Right
from lab_server.store.tables import Contact, Mode
from web.records.asked import id_or_none


def chosen_customer(desk: Desk, mode: Mode, form: Mapping[str, str], contact: Contact | None) -> str | None:
    """None: nobody was named. Raises `BadValueError` about `customer` for words that fit nobody, or several."""
    if chosen := id_or_none(form.get("customer", "")):
        return chosen
    query = form.get("customer_q", "").strip()
    if not query:
        return None if contact is None else _of(desk, contact)
    there = customers.find(desk.session, desk.actor.site_id, mode, query) if identity(query) else None
    if there is not None:
        return there.id
    found = search_customers(desk, mode, query, most=2).lines
    if len(found) != 1:
        raise BadValueError("customer: choose one of those that fit")
    return found[0].id


def _of(desk: Desk, contact: Contact) -> str | None:
    """The contact's customer, as far as the actor may name him."""
    if contact.customer_id is None:
        return None
    try:
        return within.customer(desk, contact.customer_id, Right.CUSTOMER_READ).id
    except DeskError:
        return None
