"""Hold: the customer hears music while the agent looks something up."""

from lab_server.floor.call import Call, Place
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking


def hold(call: Call, _kit: Kit, seat: str) -> None:
    """Let the customer hear music. Raises `Refused`: `not_talking`, `not_serving`, `already_held`."""
    customer, _agent = talking(call), serving(call, seat)
    if customer.place is Place.HOLD:
        raise Refused("already_held", "The caller is on hold already: take the call back first.")
    customer.place = Place.HOLD


def resume(call: Call, _kit: Kit, seat: str) -> None:
    """Talk with the customer again. Raises `Refused`: `not_talking`, `not_serving`, `not_held`, `consulting`."""
    customer, agent = talking(call), serving(call, seat)
    if agent.place is Place.CONSULT:
        raise Refused("consulting", "You are talking with a colleague: end that or hand the call over.")
    if customer.place is not Place.HOLD:
        raise Refused("not_held", "The caller is not on hold.")
    customer.place = Place.TALK
