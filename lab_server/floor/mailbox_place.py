"""Sending a contact to a mailbox: kept on its customer's channel for the next brain."""

from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.plan import Mailbox

BOX, FIRST, NUMBER, DROPPED, TAKEN, KEPT = (
    "mailbox", "message_first", "message", "message_dropped", "message_taken", "message_kept",
)  # fmt: skip
"""Notes: the mailbox; the number of the first recording for it, of the one that was begun last, and of the last one
that is not to be kept; whether the last one is complete; whether it was kept."""


def to_mailbox(call: Call, kit: Kit, name: str) -> None:
    """The customer is to leave a message. Raises `Refused`: `unknown_mailbox`, `not_talking` (nobody to leave one)."""
    if box_of(kit, name) is None:
        raise Refused("unknown_mailbox", f"There is no mailbox {name!r}: see mailboxes in the floor plan.")
    customer = call.customer
    if customer is None or customer.gone:
        raise Refused("not_talking", f"Contact {call.contact} has no customer on the line.")
    before = customer.notes.get(NUMBER, "")
    first = int(before) + 1 if before.isdecimal() else 1
    customer.notes |= {BOX: name, FIRST: str(first), TAKEN: "", KEPT: ""}
    kit.distribution.leave(call)
    customer.place = Place.ALONE
    call.stage = Stage.MAILBOX


def box_of(kit: Kit, name: str) -> Mailbox | None:
    """The mailbox's rules: the plan's, or the ordinary ones for a seat's own."""
    plan = kit.settings.plan
    return plan.mailboxes.get(name) or (Mailbox(seats=(name,)) if name in plan.seats else None)


def boxes_of(kit: Kit, seat: str) -> tuple[str, ...]:
    """The mailboxes whose messages a seat hears and its lamp shows, its own first."""
    plan = kit.settings.plan
    planned = plan.seats.get(seat)
    own = kit.directory.seat(seat).mailbox or (planned.mailbox if planned is not None else None) or seat
    return tuple(dict.fromkeys([own, *(name for name, box in plan.mailboxes.items() if seat in box.seats)]))
