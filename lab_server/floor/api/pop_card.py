"""Who rings, in a few words, for the event `pop`: read while the phone rings, perhaps before there is a row."""

from typing import Any

from sqlmodel import Session

from lab_server.desk import customers
from lab_server.desk.numbers import identity, is_virtual
from lab_server.floor.api.messages import FloorEvent
from lab_server.store.tables import Contact, Mode, Site
from scenarios.facts import Frozen

POP = "pop"


class CustomerCard(Frozen):
    """The customer of that number."""

    id: str
    name: str
    salutation: str
    is_vip: bool


def rings_at(event: FloorEvent) -> frozenset[str]:
    """The seats whose phones ring, by an event `contact`; none for any other."""
    if event.event != "contact":
        return frozenset()
    legs = event.data.get("legs", [])
    ringing = {str(leg["seat"]) for leg in legs if leg["seat"] and not leg["answered"]}
    if event.data.get("stage") == "ringing":
        ringing |= {str(seat) for seat in event.data.get("offered", [])}
    return frozenset(ringing)


def plain(event: FloorEvent, seat: str) -> dict[str, Any]:
    """What the floor itself knows of it."""
    known = {name: event.data.get(name, "") for name in ("direction", "number", "queue", "stage")}
    return {"contact": event.contact, "seat": seat, **known, "customer": None}


def customer_card(session: Session, site_id: str, contact_id: str, number: str) -> CustomerCard | None:
    """None: a new number, or one that is not shown."""
    if not identity(number):
        return None
    found = customers.find(session, site_id, _mode(session, site_id, contact_id, number), number)
    if found is None:
        return None
    return CustomerCard(id=found.id, name=found.name, salutation=found.salutation, is_vip=found.is_vip)


def _mode(session: Session, site_id: str, contact_id: str, number: str) -> Mode:
    """A virtual customer's number is one of training, whatever row there is."""
    contact = session.get(Contact, contact_id)
    if contact is not None:
        return contact.mode
    return "training" if is_virtual(number, session.get_one(Site, site_id).virtual_prefixes) else "production"
