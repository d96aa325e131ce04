"""A page that is reloaded in mid-call is lost and comes back: the customer hears music, the page is rung, both talk on.

Whom the customer waits for is noted on its channel as for a transfer: a brain that comes in between rings that seat.
"""

import asyncio

from lab_server.floor.arrangement import HELD_SINCE, SENT_BY, SENT_TO, pairs, reached_at
from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.kit import Kit
from lab_server.routing.agents import AgentState
from telephony.seat_phones import PAGE_LOST

BACK_S = 10.0
"""So long a page may take to come back; a reload takes less than a second. After that its agent counts as gone."""
LOOK_S = 0.05
AGAIN_S = 0.3
"""A page that is registered but could not be reached is rung again no sooner."""
RETURNS = "returns"
"""Note on the leg: since when the page is awaited, whoever may be rung meanwhile."""
AGAIN = "again"
"""Likewise: it was rung before, in vain."""
WAITS_FOR = "waits_page"
"""Note on the customer's channel: it hears music because of the page alone."""


def kept(call: Call, kit: Kit, leg: Leg) -> bool:
    """The serving agent's page was lost: keep his place for the leg that is to come. False: this leg has left."""
    customer = call.customer
    if leg is not call.agent or leg.seat is None or call.internal or call.over or customer is None or customer.gone:
        return False
    since = leg.notes.get(RETURNS, "")
    again = bool(since) and not leg.up and kit.clock.monotonic() - float(since) < BACK_S
    lost = leg.page and leg.up and leg.place is not Place.OUT and leg.cause in PAGE_LOST
    if not (lost or again):
        if since and not leg.up:
            _goes_on(customer)
        return False
    next_leg = call.new_leg(
        "agent", kit.now_utc(), seat=leg.seat, endpoint=f"PJSIP/{leg.seat}", place=leg.place, auto_answer=True,
        ring_s=BACK_S, muted=leg.muted, silent=leg.silent, was=AgentState.WRAP_UP, awaited=True,
    )  # fmt: skip
    next_leg.notes[RETURNS] = since if again else str(kit.clock.monotonic())
    if again:
        next_leg.notes[AGAIN] = "1"
    call.agent = next_leg
    waits(call, kit)
    if customer.place is Place.HOLD:
        customer.notes |= {SENT_TO: reached_at(next_leg), SENT_BY: leg.seat}
    kit.book.paired(call, pairs(call))
    if lost:
        kit.book.noted(call, "page.lost", {"seat": leg.seat, "leg": leg.name, "cause": leg.cause})
    return True


def waits(call: Call, kit: Kit) -> None:
    """Whoever is to talk with an agent whose page is awaited, hears music until it is there; also
    if the colleague who was being asked has gone meanwhile."""
    agent, customer = call.agent, call.customer
    if agent is None or customer is None or agent.ours or RETURNS not in agent.notes:
        return
    if customer.place is Place.TALK and agent.place is Place.TALK:
        customer.place = Place.HOLD
        customer.notes[WAITS_FOR] = "1"
        customer.notes.setdefault(HELD_SINCE, kit.now_utc().isoformat())


def settled(call: Call) -> None:
    """The page has answered: whoever heard music because of it talks on."""
    agent, customer = call.agent, call.customer
    if agent is None or customer is None or not agent.ours or RETURNS not in agent.notes:
        return
    del agent.notes[RETURNS]
    _goes_on(customer)


def look_s(call: Call) -> float | None:
    """How soon to `look`; None while no page is awaited."""
    agent = call.agent
    return LOOK_S if agent is not None and RETURNS in agent.notes and not agent.up else None


async def look(call: Call, kit: Kit) -> bool:
    """Is the page there? Then its leg is to be rung. True: it is given up, as if its agent had hung up."""
    agent = call.agent
    if agent is None or agent.seat is None or look_s(call) is None:
        return False
    there = await kit.switch.page_is_open(agent.seat)
    if there and agent.awaited and _age_s(agent, kit) >= (AGAIN_S if AGAIN in agent.notes else 0.0):
        agent.awaited = False
        kit.book.noted(call, "page.back", {"seat": agent.seat, "leg": agent.name})
    elif agent.awaited and kit.clock.monotonic() - float(agent.notes[RETURNS]) >= BACK_S:
        if call.customer is not None:
            _goes_on(call.customer)
        call.agent = None
        kit.distribution.free_from(agent.seat, call.contact, AgentState.WRAP_UP, queue=call.queue)
        kit.book.noted(call, "page.not_back", {"seat": agent.seat, "seconds": BACK_S})
        return True
    elif agent.rung and not there and not agent.up and not agent.gone:
        await kit.hang_up(call, agent)  # it was reached on its way out: rung anew when it is really back
    return False


def _age_s(leg: Leg, kit: Kit) -> float:
    return (kit.now_utc() - leg.began_at).total_seconds() if leg.began_at is not None else 0.0


def _goes_on(customer: Leg) -> None:
    for note in (SENT_TO, SENT_BY):
        customer.notes.pop(note, None)
    if customer.notes.pop(WAITS_FOR, ""):
        customer.place = Place.TALK


async def rings_again(call: Call, kit: Kit, legs: list[Leg], until_s: float) -> bool:
    """A page was left while it rang: its leg is replaced by one that is to be rung, as soon as the page is back.

    False if none was lost, or none is back by `until_s` (the steady clock): then nothing has changed.
    """
    lost = [leg for leg in legs if leg.page and leg.gone and not leg.up and leg.seat is not None]
    if not lost or call.over:
        return False
    away = {leg.channel for leg in lost if leg.cause in PAGE_LOST}
    began_s = kit.clock.monotonic()
    while kit.clock.monotonic() < min(until_s, began_s + BACK_S):
        for leg in lost:
            if not await kit.switch.page_is_open(leg.seat or ""):
                away.add(leg.channel)
            elif leg.channel in away:
                _ring_anew(call, kit, leg)
                return True
        if not away and kit.clock.monotonic() > began_s + AGAIN_S:
            return False  # the pages are there: whoever did not answer did not want to
        await asyncio.sleep(LOOK_S)
    return False


def _ring_anew(call: Call, kit: Kit, leg: Leg) -> None:
    again = call.new_leg(
        "agent", kit.now_utc(), seat=leg.seat, endpoint=leg.endpoint, ring_s=leg.ring_s, place=leg.place,
        was=leg.was, auto_answer=leg.auto_answer,
    )  # fmt: skip
    if leg is call.agent:
        call.agent = again
    else:
        call.others = [again if one is leg else one for one in call.others]
    kit.book.noted(call, "page.rings_again", {"seat": leg.seat, "leg": again.name})
