"""Blind transfer: the agent sends the customer on and is free to write down what was said."""

from lab_server.floor.arrangement import SENT_BY, SENT_TO, partners
from lab_server.floor.call import Call
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking
from lab_server.floor.sending import send_to
from lab_server.routing.target import Target


def transfer(call: Call, kit: Kit, seat: str, target: Target) -> None:
    """Send the customer from the agent at `seat` to `target`. It hears music until somebody answers.

    A phone that does not answer sends it back to this agent, if he is still free for it, else into the queue at its
    old place. Raises `Refused`: `not_talking`, `not_serving`, `consulting`, `not_available`, `unknown_queue`,
    `seat_takes_part`, `unknown_seat`, `seat_offline`, `dnd`, `seat_wrap_up`, `seat_busy`, and a number's own.
    """
    customer, _agent = talking(call), serving(call, seat)
    if partners(call):
        raise Refused("consulting", "You are asking a colleague: hand the call over to him, or end that first.")
    send_to(call, kit, target)
    if SENT_TO in customer.notes:
        customer.notes[SENT_BY] = seat
    kit.book.noted(call, "call.transferred", {"from": f"seat:{seat}", "to": str(target), "how": "blind"})
