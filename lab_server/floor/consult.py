"""Attended transfer: the agent asks a colleague or an outside party while the customer hears music, then hands over."""

from lab_server.floor.arrangement import SENT_BY, SENT_TO, joined, partners, reached_at
from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import invite
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking
from lab_server.routing.target import Target


def consult(call: Call, kit: Kit, seat: str, target: Target) -> None:
    """Ask `target`, a seat or a number; the customer hears music, the agent the ringing tone.

    Raises `Refused`: `not_talking`, `not_serving`, `consulting`, `in_conference`, and `invitation.invite`'s.
    """
    customer, agent = talking(call), serving(call, seat)
    if partners(call):
        raise Refused("consulting", "You are asking somebody already: end that first.")
    if joined(call):
        raise Refused("in_conference", "Others are in the talk: drop them first, or add whom you want to ask.")
    invite(call, kit, target, Place.CONSULT)
    agent.place, customer.place = Place.CONSULT, Place.HOLD
    kit.book.noted(call, "call.consulted", {"from": f"seat:{seat}", "to": str(target)})


def swap(call: Call, kit: Kit, seat: str) -> None:
    """Talk with the customer while the colleague hears music, or the other way round.

    Raises `Refused`: `not_talking`, `not_serving`, `not_consulting`, `not_answered`.
    """
    customer, agent, partner = talking(call), serving(call, seat), answered_partner(call, seat)
    if agent.place is Place.CONSULT:
        agent.place, customer.place, partner.place = Place.TALK, Place.TALK, Place.HOLD
    else:
        agent.place, customer.place, partner.place = Place.CONSULT, Place.HOLD, Place.CONSULT


def complete(call: Call, kit: Kit, seat: str) -> None:
    """Hand the customer over to who is asked. While his phone still rings the customer goes on hearing music, and
    comes back to this agent if it is not answered.

    Raises `Refused`: `not_talking`, `not_serving`, `not_consulting`.
    """
    customer, agent, partner = talking(call), serving(call, seat), _partner(call, seat)
    how = "attended" if partner.ours else "semi_attended"
    agent.place, call.agent = Place.OUT, None
    call.others.append(agent)
    if not partner.ours:
        partner.place, customer.place = Place.TALK, Place.HOLD
        customer.notes |= {SENT_TO: reached_at(partner), SENT_BY: seat}
    kit.book.noted(call, "call.transferred", {"from": f"seat:{seat}", "to": reached_at(partner), "how": how})


def cancel(call: Call, kit: Kit, seat: str) -> None:
    """Let the colleague go; the agent is back with the customer.

    Raises `Refused`: `not_talking`, `not_serving`, `not_consulting`.
    """
    customer, agent, partner = talking(call), serving(call, seat), _partner(call, seat)
    partner.place = Place.OUT
    agent.place = customer.place = Place.TALK


def answered_partner(call: Call, seat: str) -> Leg:
    """Who is asked, once he has answered. Raises `Refused`: `not_consulting`, `not_answered`."""
    partner = _partner(call, seat)
    if not partner.ours:
        raise Refused("not_answered", "The colleague has not answered yet: wait, or end the consultation.")
    return partner


def _partner(call: Call, seat: str) -> Leg:
    found = partners(call)
    if not found:
        raise Refused("not_consulting", f"Seat {seat} is asking nobody.")
    return found[0]
