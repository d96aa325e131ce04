"""Who is to hear whom once somebody has come or gone: decided on the call alone, nothing is done here."""

from lab_server.floor.call import Call, Leg, Place

_CONVERSING = (Place.TALK, Place.CONSULT)


def tidy(call: Call) -> bool:
    """Give those who are left their places. False: nobody is left with whom the customer could talk.

    An agent who goes hands the customer to whoever he was asking, or had joined; to one whose phone still rings too,
    and the customer hears music until then. An agent whose colleague goes is with the customer again.
    """
    call.others = [leg for leg in call.others if not leg.gone]
    if call.customer is None or call.customer.gone:
        return False
    if call.agent is not None and not call.agent.gone:
        if call.agent.place is Place.CONSULT and not asked(call):
            call.agent.place = call.customer.place = Place.TALK
        return True
    call.agent = None
    successor = _successor(call)
    if successor is None:
        return False
    if successor.ours:
        successor.place = call.customer.place = Place.TALK
        if successor.role == "agent":
            call.others.remove(successor)
            call.agent, call.seat = successor, successor.seat
    return True


def asked(call: Call) -> list[Leg]:
    """Whoever the agent is asking, or rings to ask."""
    return [leg for leg in call.others if leg.place is Place.CONSULT and not leg.gone]


def joined(call: Call) -> list[Leg]:
    """Whoever is, or is to be, in the talk beside customer and serving agent."""
    return [leg for leg in call.others if leg.place is Place.TALK and not leg.gone]


def _successor(call: Call) -> Leg | None:
    """Answered before ringing, asked before joined, a colleague before an outside party."""
    conversing = [leg for leg in call.others if leg.place in _CONVERSING]
    order = sorted(
        conversing, key=lambda leg: (not leg.ours, leg.place is not Place.CONSULT, leg.role != "agent", leg.name)
    )
    return order[0] if order else None


def unsettled(call: Call) -> bool:
    """Is anybody not where he is to be, or gone without our having drawn the consequence?"""
    return any(
        leg.gone or not leg.rung or (leg.ours and (leg.seated is not leg.place or leg.quiet is not leg.muted))
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
