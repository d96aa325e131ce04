"""Bringing somebody else into a contact: a colleague's seat, reserved before its phone rings, or an outside number."""

from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.reserve import reservable, reserve
from lab_server.routing.agents import AgentState
from lab_server.routing.target import Kind, Target
from telephony.numbers import NumberError
from telephony.trunks import HouseTrunk


def invite(call: Call, kit: Kit, target: Target, place: Place) -> Leg:
    """A new leg of the contact, which the talk's story rings; answered, it is to be at `place`.

    Raises `Refused`: `seat_takes_part`, those of `reserve.reservable`, `not_available` for what has no phone, and for a
    number the error ids of `telephony.numbers` and `telephony.trunks`.
    """
    target = at_home(kit, target)
    if target.kind is Kind.SEAT:
        return _seat(call, kit, target.name, place)
    if target.kind is Kind.NUMBER:
        return _number(call, kit, target.name, place)
    raise Refused("not_available", f"{target} has no phone that rings: name a seat or a number.")


def at_home(kit: Kit, target: Target) -> Target:
    """A colleague's number is his seat: who is asked for by it is reserved, and not disturbed, as by any other way."""
    if target.kind is not Kind.NUMBER:
        return target
    try:
        trunk = kit.trunk_for("", target.name)
    except NumberError:
        return target
    return Target(Kind.SEAT, target.name) if trunk.name == HouseTrunk.name else target


def _seat(call: Call, kit: Kit, seat: str, place: Place) -> Leg:
    there = call.leg_at(seat)
    if there is not None and there.place is not Place.OUT:
        raise Refused("seat_takes_part", f"Seat {seat} takes part in this contact already.")
    before = reservable(call, kit, seat)
    leg = call.new_leg(
        "agent", kit.now_utc(), seat=seat, endpoint=f"PJSIP/{seat}", ring_s=kit.settings.ring_timeout_s, place=place
    )
    if before.contact is None:
        reserve(call, kit, leg)
    else:  # he had this contact before, and has not written everything down yet
        kit.distribution.set_state(seat, AgentState.RINGING, call.contact)
        leg.was = before.state
    call.others.append(leg)
    return leg


def _number(call: Call, kit: Kit, number: str, place: Place) -> Leg:
    try:
        endpoint = kit.trunk_for(call.seat or "", number).endpoint_for(number)
    except NumberError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    ring_s = kit.settings.dial_timeout_s
    leg = call.new_leg("party", kit.now_utc(), number=number, endpoint=endpoint, ring_s=ring_s, place=place)
    call.others.append(leg)
    return leg
