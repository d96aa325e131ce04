"""Three-way call: more than one agent or party in the talk with the customer."""

from lab_server.floor.arrangement import joined, partners
from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.consult import answered_partner
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import invite
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, taking_part, talking
from lab_server.routing.target import Target

MOST = 8
"""Parties of one talk, the customer counted; for more there is the conference."""


def join(call: Call, kit: Kit, seat: str) -> None:
    """All talk together: customer, agent and whom he is asking.

    Raises `Refused`: `not_talking`, `not_serving`, `not_consulting`, `not_answered`.
    """
    customer, agent, partner = talking(call), serving(call, seat), answered_partner(call, seat)
    agent.place = customer.place = partner.place = Place.TALK
    kit.book.noted(call, "call.joined", {"seat": seat, "leg": partner.name})


def add(call: Call, kit: Kit, seat: str, target: Target) -> Leg:
    """Ring `target`, a seat or a number, straight into the talk, which goes on meanwhile. Returns the new leg.

    Raises `Refused`: `not_talking`, `not_serving`, `held`, `consulting`, `talk_full`, and `invitation.invite`'s.
    """
    customer, _agent = talking(call), serving(call, seat)
    if partners(call):
        raise Refused("consulting", "You are asking somebody: join him to the talk, or end that first.")
    if customer.place is Place.HOLD:
        raise Refused("held", "The caller is on hold: take the call back first.")
    if len(joined(call)) + 2 >= MOST:
        raise Refused("talk_full", f"There are {MOST} in this talk: make it a conference, or drop somebody.")
    leg = invite(call, kit, target, Place.TALK)
    kit.book.noted(call, "call.added", {"seat": seat, "to": str(target), "leg": leg.name})
    return leg


def leave(call: Call, kit: Kit, seat: str) -> None:
    """The agent at `seat` leaves the others alone; if he served the customer, who joined first does so now.

    Raises `Refused`: `not_talking`, `not_taking_part`, `not_joined` (he hears the talk, or is asked aside), and
    `nobody_left` if only the customer would stay.
    """
    talking(call)
    leg = taking_part(call, seat)
    if leg is not call.agent:
        if leg.place is not Place.TALK or leg.role != "agent":
            raise Refused("not_joined", f"Seat {seat} is not in the talk with the customer.")
        leg.place = Place.OUT
        return
    if partners(call):
        raise Refused("consulting", "You are asking somebody: hand the call over to him, or end that first.")
    if not any(other.ours for other in joined(call)):
        raise Refused("nobody_left", "Nobody else talks with the caller: hang up, or send the call on.")
    leg.place, call.agent = Place.OUT, None
    call.others.append(leg)
    kit.book.noted(call, "call.left", {"seat": seat})


def drop(call: Call, kit: Kit, seat: str, leg: str) -> None:
    """The serving agent lets the leg of that name go: rung, joined or asked.

    Raises `Refused`: `not_talking`, `not_serving`, `unknown_leg`, `not_droppable` (the customer, or himself).
    """
    customer, agent = talking(call), serving(call, seat)
    found = next((one for one in call.legs() if one.name == leg and not one.gone), None)
    if found is None:
        raise Refused("unknown_leg", f"There is no {leg} in contact {call.contact}.")
    if found in (customer, agent) or found.role not in {"agent", "party"}:
        raise Refused("not_droppable", f"{leg} cannot be dropped: hang up, or send the call on.")
    found.place = Place.OUT
    kit.book.noted(call, "call.dropped", {"seat": seat, "leg": leg})
