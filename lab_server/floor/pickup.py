"""Picking up a call that rings at a colleague's (代接): his phone stops, and he is as free as he was before.

By command the picker's own phone rings, if it can by itself; a phone that dials the code is taken over as it is.
"""

from lab_server.floor.arrangement import SENT_TO
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.reserve import reserve
from lab_server.floor.ringing import SWITCH_LATER_S, rung


def pick_up(call: Call, kit: Kit, seat: str, *, auto_answer: bool = False) -> Leg:
    """Ring the phone at `seat` beside the colleague's: who answers first has the call.

    `auto_answer` asks the phone to answer by itself. Raises `Refused`: `nothing_to_pick_up`, `already_rings`, and for
    the picker `unknown_seat`, `seat_busy`, `seat_wrap_up`.
    """
    leg = _leg(call, kit, seat)
    leg.endpoint, leg.auto_answer = f"PJSIP/{seat}", auto_answer
    leg.ring_s = kit.settings.ring_timeout_s + SWITCH_LATER_S
    _take(call, kit, leg)
    return leg


def pick_up_with(call: Call, kit: Kit, seat: str, channel: str) -> Leg:
    """As `pick_up`, with a phone that has dialled the code: its channel comes over (see `crossing`)."""
    leg = _leg(call, kit, seat)
    leg.channel, leg.up, leg.rung, leg.up_at = channel, True, True, kit.now_utc()
    _take(call, kit, leg)
    return leg


def to_pick_up(kit: Kit, picker: str, colleague: str = "") -> Call:
    """The contact that rings longest elsewhere, or at that colleague's. Raises `Refused` `nothing_to_pick_up`."""
    calls = [
        call
        for call in kit.contacts.calls()
        if (seats := {leg.seat for leg in rings(call)} - {picker}) and (not colleague or colleague in seats)
    ]
    if not calls:
        where = f"at seat {colleague}" if colleague else "at any other seat"
        raise Refused("nothing_to_pick_up", f"No call rings {where} now: somebody has answered it, or it has ended.")
    return min(calls, key=lambda call: call.contact)


def rings(call: Call) -> list[Leg]:
    """The agents' legs at which the customer rings and waits; empty if he is served, or nobody is rung."""
    customer = call.customer
    if customer is None or customer.gone or call.internal:
        return []
    if call.stage is Stage.RINGING and (call.direction == "in" or call.served):
        return rung(call)
    if call.stage is Stage.TALKING and call.agent is None and SENT_TO in customer.notes:
        return [leg for leg in rung(call) if not leg.up]
    return []


def _leg(call: Call, kit: Kit, seat: str) -> Leg:
    ringing = rings(call)
    if not ringing:
        raise Refused("nothing_to_pick_up", f"Contact {call.contact} rings nowhere: somebody has answered it.")
    if any(leg.seat == seat for leg in ringing):
        raise Refused("already_rings", f"It rings at seat {seat} already: just answer.")
    probe = Leg("", "agent-0", seat=seat)
    reserve(call, kit, probe, dials=True)
    leg = call.new_leg("agent", kit.now_utc(), seat=seat, place=Place.TALK)
    leg.was = probe.was
    return leg


def _take(call: Call, kit: Kit, leg: Leg) -> None:
    """A customer who was sent on is taken off the other phone at once; one who waits rings at both."""
    kit.book.noted(call, "call.picked_up", {"seat": leg.seat, "from": [one.seat for one in rings(call)]})
    customer = call.customer
    if call.stage is Stage.TALKING and customer is not None:
        for other in rings(call):
            other.place = Place.OUT
        customer.notes[SENT_TO] = f"seat:{leg.seat}"
    call.others.append(leg)
    kit.book.leg_changed(call, leg)
