"""Who is to hear whom once somebody has come or gone: decided on the call alone, nothing is done here."""

from lab_server.floor.call import Call, Leg, Place

_CONVERSING = (Place.TALK, Place.CONSULT)
_PARTNERS = frozenset({"agent", "party"})

SENT_TO, SENT_BY, HELD_SINCE = "to", "by", "held"
"""Notes on the customer's channel: whom it is on its way to, which seat sent it there, since when it hears music."""
TO_RING = "to_ring"
"""Likewise: nobody has rung there yet. Who had it before is let go first, and a brain may die in between."""


def tidy(call: Call) -> bool:
    """Give those who are left their places. False: nobody is left with whom the customer could talk.

    An agent who goes hands the customer to whoever he was asking, or had joined; to one whose phone still rings too,
    and the customer hears music until then. An agent whose colleague goes is with the customer again.
    """
    customer = call.customer
    call.others = [leg for leg in call.others if not leg.gone]
    if customer is None or customer.gone:
        return False
    if call.agent is not None and not call.agent.gone:
        if call.agent.place is Place.CONSULT and not asked(call):
            call.agent.place = customer.place = Place.TALK
        return True
    call.agent = None
    successor = _successor(call)
    if successor is None:
        return False
    for leg in partners(call):
        leg.place = Place.TALK
    if not successor.ours:
        customer.place = Place.HOLD
        if SENT_TO not in customer.notes:
            customer.notes |= {SENT_TO: reached_at(successor), SENT_BY: call.seat or ""}
        return True
    customer.notes.pop(SENT_TO, None)
    customer.notes.pop(SENT_BY, None)
    successor.place = customer.place = Place.TALK
    if successor.role != "party":
        call.others.remove(successor)
        call.agent, call.seat = successor, successor.seat
    return True


def reached_at(leg: Leg) -> str:
    """Where this leg's phone is, as a `routing.target.Target` is written."""
    return f"seat:{leg.seat}" if leg.seat else f"number:{leg.number}"


def asked(call: Call) -> list[Leg]:
    """Whoever the agent is asking, or rings to ask."""
    return [leg for leg in call.others if leg.place is Place.CONSULT and not leg.gone]


def partners(call: Call) -> list[Leg]:
    """Whoever the agent is asking, also while that one waits on hold."""
    there = [leg for leg in call.others if leg.role in _PARTNERS and not leg.gone]
    return [leg for leg in there if leg.place in {Place.CONSULT, Place.HOLD}]


def joined(call: Call) -> list[Leg]:
    """Whoever is, or is to be, in the talk beside customer and serving agent."""
    return [leg for leg in call.others if leg.place is Place.TALK and not leg.gone]


def _successor(call: Call) -> Leg | None:
    """Answered before ringing, asked before joined, a colleague before an outside party."""
    conversing = [leg for leg in call.others if leg.place in _CONVERSING or leg in partners(call)]
    conversing = [leg for leg in conversing if leg.ours or leg.role != "supervisor"]
    order = sorted(conversing, key=lambda leg: (not leg.ours, leg.place is Place.TALK, leg.role != "agent", leg.name))
    return order[0] if order else None


def unsettled(call: Call) -> bool:
    """Is anybody not where he is to be, or gone without our having drawn the consequence?"""
    return any(
        leg.gone
        or not (leg.rung or leg.awaited)
        or (leg.ours and (leg.seated is not leg.place or leg.quiet is not leg.muted))
        for leg in call.legs()
    )


def pairs(call: Call) -> frozenset[tuple[str, str]]:
    """Who talks with whom, as names of legs: customer and agents, or an agent and whoever he asks.

    A customer on hold is still his agent's: a segment lasts through the hold, which is counted beside it.
    """
    found: set[tuple[str, str]] = set()
    for place in _CONVERSING:
        there = [leg for leg in call.legs() if leg.seated is place and leg.ours and not leg.gone]
        if place is Place.TALK and call.customer in there:
            found |= {("customer", leg.name) for leg in there if leg is not call.customer}
        elif there:
            found |= {(there[0].name, leg.name) for leg in there[1:]}
    customer, agent = call.customer, call.agent
    if customer is not None and customer.seated is Place.HOLD and agent is not None and agent.talked and not agent.gone:
        found.add(("customer", agent.name))
    return frozenset(found)
