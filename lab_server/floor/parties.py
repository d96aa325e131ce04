"""What commands ask of a contact before they change it: each answers with the leg, or refuses with the reason."""

from lab_server.floor.call import Call, Leg, Stage
from lab_server.floor.errors import Refused


def talking(call: Call) -> Leg:
    """The customer's leg of a contact that is being talked on. Raises `Refused` `not_talking`."""
    if call.stage is not Stage.TALKING or call.customer is None or call.customer.gone:
        raise Refused("not_talking", f"Contact {call.contact} is {call.stage}: wait until it is answered.")
    return call.customer


def serving(call: Call, seat: str) -> Leg:
    """The leg of the agent who serves the contact, who must be at `seat`. Raises `Refused` `not_serving`."""
    if call.agent is None or call.agent.gone or call.agent.seat != seat:
        raise Refused("not_serving", f"Seat {seat} does not serve contact {call.contact}: it serves another now.")
    return call.agent


def taking_part(call: Call, seat: str) -> Leg:
    """The leg of `seat`, whatever its part. Raises `Refused` `not_taking_part`."""
    leg = call.leg_at(seat)
    if leg is None:
        raise Refused("not_taking_part", f"Seat {seat} takes no part in contact {call.contact}.")
    return leg
