"""A customer whom nobody took who was to: back to who sent it on, else into the queue at its old place."""

from lab_server.floor.arrangement import SENT_BY, SENT_TO, TO_RING
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
    if customer.notes.pop(TO_RING, "") and _rings(call, kit, to):
        customer.notes |= {SENT_TO: to, SENT_BY: by}
        return Stage.TALKING
    if by:
        try:
            invite(call, kit, Target(Kind.SEAT, by), Place.TALK)
        except Refused as busy:
            kit.book.noted(call, "call.not_recalled", {"seat": by, "error": busy.error_id})
        else:
            customer.notes |= {SENT_TO: f"seat:{by}", TO_RING: "1"}
            kit.book.noted(call, "call.returned", {"from": to, "to": f"seat:{by}"})
            return Stage.TALKING
    queue = call.queue or kit.settings.fallback
    wait_in(call, kit, queue)
    kit.book.noted(call, "call.returned", {"from": to, "to": f"queue:{queue}"})
    return Stage.QUEUED


def _rings(call: Call, kit: Kit, to: str) -> bool:
    """Ring where it was sent: the brain that was to do so has died. False if that cannot be done any more."""
    try:
        invite(call, kit, Target.parse(to), Place.TALK)
    except (Refused, ValueError) as refused:
        kit.book.noted(call, "contact.not_sent", {"to": to, "why": str(refused)})
        return False
    return True
