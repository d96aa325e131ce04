"""A desk phone's attended transfer (REFER with Replaces): whom it asks in its second call crosses over to the customer.

The second call is a contact of its own (`beside`), so its far end goes over with the channel it has (`crossing`), and
the rest is what the page's `consult.complete` does.
"""

from lab_server.floor.arrangement import SENT_BY, SENT_TO, partners, reached_at
from lab_server.floor.beside import BESIDE
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.house import called
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking
from lab_server.floor.reserve import reserve


def both(call: Call, leg: Leg, kit: Kit, channel: str) -> tuple[Call, Call]:
    """The customer's contact and the one beside it, of a phone that names its `leg` of `call` and its other `channel`,
    in either order. Raises `Refused` `not_available`."""
    for other in kit.contacts.calls():
        found = other.leg_of(channel)
        if found is None or found.seat != leg.seat or other is call:
            continue
        if found.notes.get(BESIDE) == call.contact:
            return call, other
        if leg.notes.get(BESIDE) == other.contact:
            return other, call
    raise Refused("not_available", "A phone can hand a customer over to whom it asked meanwhile, and to nobody else.")


def far_leg(beside: Call, kit: Kit) -> Leg:
    """Whom the phone asks in its second call: once he has answered, a colleague also while his phone rings.

    Raises `Refused` `not_answered`: of a number outside it is not known before that which leg it will be.
    """
    far = called(beside) if beside.internal else beside.customer
    if far is None or far.gone or not (_rings(beside, far, kit) or (far.ours and beside.stage is Stage.TALKING)):
        raise Refused("not_answered", "The other has not answered yet: wait, or take the customer back.")
    return far


def _rings(beside: Call, far: Leg, kit: Kit) -> bool:
    """It goes on ringing under another name, which only AMI can give it."""
    there = beside.internal and far.seat is not None and kit.ami is not None and kit.ami.connected
    return there and beside.stage is Stage.DIALLING and far.rung and not far.up


def take_over(call: Call, kit: Kit, seat: str, beside: Call) -> Leg:
    """Hand the customer of the agent at `seat` over to the far end of `beside`, which is to cross over as the leg
    returned (`crossing.cross`, or `cross_ringing`). The customer hears music until it is there, and comes back to this
    agent if it does not answer.

    Raises `Refused`: `not_talking`, `not_serving`, `consulting`, `not_answered`, `seat_takes_part`.
    """
    customer, agent, far = talking(call), serving(call, seat), far_leg(beside, kit)
    if partners(call):
        raise Refused("consulting", "You are asking a colleague on your page: hand the call over there.")
    if far.seat is not None and call.leg_at(far.seat) is not None:
        raise Refused("seat_takes_part", f"Seat {far.seat} takes part in this call already.")
    leg = _crossing(call, kit, far, beside)
    agent.place, call.agent = Place.OUT, None
    customer.place = Place.HOLD
    customer.notes |= {SENT_TO: reached_at(leg), SENT_BY: seat}
    call.others += [agent, leg]
    kit.book.leg_changed(call, leg)
    told = {"from": f"seat:{seat}", "to": reached_at(leg), "how": "attended" if far.up else "semi_attended"}
    kit.book.noted(call, "call.transferred", told)
    kit.book.noted(beside, "call.transferred", told | {"contact": call.contact})
    return leg


def _crossing(call: Call, kit: Kit, far: Leg, beside: Call) -> Leg:
    """The leg that `far` will be here; its agent belongs to this contact from now on, and nobody gets in between."""
    number = far.number if beside.internal else beside.dialled
    leg = call.new_leg("party" if far.seat is None else "agent", kit.now_utc(), number=number, seat=far.seat)
    leg.channel, leg.up, leg.rung, leg.place = far.channel, far.up, True, Place.TALK
    leg.up_at = kit.now_utc() if far.up else None
    leg.page, leg.notes["page"] = far.page, "1" if far.page else ""
    if far.seat is not None and kit.distribution.knows(far.seat):
        with kit.distribution.held():
            kit.free(beside, far)
            reserve(call, kit, leg, dials=True)
    if not far.up:
        _give_up(beside, far, kit)
    return leg


def _give_up(beside: Call, far: Leg, kit: Kit) -> None:
    """The second call is over for who asked, and for the phone that rings it is another one from now on."""
    kit.gone(beside, far)
    beside.outcome, beside.released_by, beside.dismissed = Outcome.NO_ANSWER, "agent", True
    beside.touch()
