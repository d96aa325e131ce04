"""What these pages are asked: of training or production, by htmx for a part, with words and ids that are anybody's."""

from fastapi import Request

from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownContactError
from lab_server.desk.ownership import contact_for
from lab_server.ids import is_id
from lab_server.store.tables import Contact, Mode

PANEL = "beside-body"
"""The desk's panel beside the call: a page is put there as a whole, but for the layout around it."""


def mode_of(request: Request) -> Mode:
    """Training unless the address says production."""
    return "production" if request.query_params.get("mode") == "production" else "training"


def part_of(request: Request, *names: str) -> str:
    """The part that htmx puts into the element of the same id; else the page without what is around it."""
    target = request.headers.get("hx-target", "")
    return target if target in names else "main"


def word(request: Request, name: str, longest: int = 100) -> str:
    """A word of the address."""
    return request.query_params.get(name, "")[:longest]


def id_or_none(text: str) -> str | None:
    """An id, if it is spelled as one."""
    return text if is_id(text) else None


def contact_of(desk: Desk, contact_id: str) -> Contact | None:
    """The contact from whose pop the page was opened; None for none. Raises `UnknownContactError`, `NotYoursError`."""
    if not contact_id:
        return None
    if not is_id(contact_id):
        raise UnknownContactError("that is no contact's id: take it from the screen pop")
    return contact_for(desk.session, desk.actor, contact_id, answered=False)


def number_of(contact: Contact | None) -> str:
    """The customer's number of a contact."""
    if contact is None or contact.direction == "conf":
        return ""
    return contact.caller_dialled if contact.direction == "in" else contact.called_dialled
