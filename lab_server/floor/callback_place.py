"""Sending a contact to the order of a call-back; and which numbers can be called back at all."""

from lab_server.desk.numbers import identity
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.knowing import mode_of
from telephony.numbers import NumberError, spelled
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk

QUEUE, ORDERED = "callback_queue", "callback_ordered"
"""Notes on the customer's channel: for which queue; and that the order is in the book."""


def to_callback(call: Call, kit: Kit, queue: str) -> None:
    """The customer is to order a call-back from `queue`, in which it keeps its place.

    Raises `Refused`: `unknown_queue`, `not_talking` (no customer is there), `no_callbacks` (none are taken here).
    """
    queues = kit.settings.plan.queues
    if queue not in queues:
        raise Refused("unknown_queue", f"There is no queue {queue!r}: choose one of {', '.join(queues)}.")
    if not kit.callbacks.taken:
        raise Refused("no_callbacks", "Call-backs are not kept here: there is no database behind this floor.")
    customer = call.customer
    if customer is None or customer.gone:
        raise Refused("not_talking", f"Contact {call.contact} has no customer on the line.")
    if call.waiting_since_s is None:
        call.waiting_since_s = kit.clock.monotonic()
    since_ms = round((kit.now_utc().timestamp() - (kit.clock.monotonic() - call.waiting_since_s)) * 1000)
    customer.notes |= {QUEUE: queue, ORDERED: "", "since": str(since_ms)}
    kit.distribution.leave(call)
    customer.place = Place.ALONE
    call.stage = Stage.CALLBACK


def can_be_rung(call: Call, kit: Kit, number: str) -> bool:
    """Whether an agent could dial it: a number that is one, on a trunk that leads there.

    A virtual customer's number is rung for a virtual customer only, and never over a carrier.
    """
    if not identity(number):
        return False
    try:
        trunk = kit.trunk_for("", spelled(number))
        if trunk.name in {HouseTrunk.name, NullTrunk.name}:
            return False
        if trunk.name == LabTrunk.name:
            return mode_of(call) == "training"
        trunk.endpoint_for(number)
    except NumberError:
        return False
    return True
