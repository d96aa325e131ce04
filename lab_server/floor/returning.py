"""A customer whom nobody took who was to: back to who sent it on, else into the queue at its old place."""

from lab_server.floor.arrangement import SENT_BY, SENT_TO
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import invite
from lab_server.floor.kit import Kit
from lab_server.floor.sending import wait_in
from lab_server.routing.target import Kind, Target


def back(call: Call, kit: Kit) -> Stage | None:
    """Where the customer waits now: TALKING while the phone of who sent it rings once more, or QUEUED.

    None if it was on its way to nobody: then its talk is over.
    """
    customer = call.customer
    if customer is None or customer.gone:
        return None
    to, by = customer.notes.pop(SENT_TO, ""), customer.notes.pop(SENT_BY, "")
    if not to:
        return None
    if by:
        try:
            invite(call, kit, Target(Kind.SEAT, by), Place.TALK)
        except Refused as busy:
            kit.book.noted(call, "call.not_recalled", {"seat": by, "error": busy.error_id})
        else:
            customer.notes[SENT_TO] = f"seat:{by}"
            kit.book.noted(call, "call.returned", {"from": to, "to": f"seat:{by}"})
            return Stage.TALKING
    queue = call.queue or kit.settings.fallback
    wait_in(call, kit, queue)
    kit.book.noted(call, "call.returned", {"from": to, "to": f"queue:{queue}"})
    return Stage.QUEUED
