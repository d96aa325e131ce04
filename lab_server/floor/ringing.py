"""Phones ring for a caller: one, or several at once; who answers first has it."""

import asyncio

from lab_server.floor import page_return
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.onward import enter
from lab_server.floor.screened import customer
from lab_server.routing.agents import NO_ANSWER, AgentState

SWITCH_LATER_S = 3.0  # the story's own time-out comes first: it knows whether somebody is just answering
DOOR_S = 5.0  # an answered leg's way through the dialplan into our hands takes 50 ms
GOING_S = 2.0
SILENCED_S = 0.2
"""So long an answered caller may wait until the other phones are silent; the slower ones are freed in the talk."""


async def ringing(call: Call, kit: Kit) -> Stage:
    """Ring the agents we were given; who does not answer is set aside and the caller keeps its place.

    The phones come first: what is written down and heard meanwhile takes several turns to the switch. A brain that dies
    in between is told by the phones' own legs that they ring.
    """
    if not rung(call):
        if not call.offered:
            return Stage.QUEUED
        _begin_ringing(call, kit)
    legs = rung(call)
    await asyncio.gather(*(_ring(call, kit, leg) for leg in legs if not leg.rung))
    await kit.switch.note(customer(call), agent=call.seat, offers=call.offers)
    await _hears_music(call, kit)
    await kit.switch.make_room(call)
    until_s = kit.clock.monotonic() + ring_s(call, kit)
    chosen = await first_answer(call, legs, ring_s(call, kit))
    while chosen is None and await page_return.rings_again(call, kit, legs, until_s):
        legs = [leg for leg in call.legs() if leg.role == "agent" and leg.place is not Place.OUT]
        await asyncio.gather(*(_ring(call, kit, leg) for leg in legs if not leg.rung))
        chosen = await first_answer(call, legs, until_s - kit.clock.monotonic())
    others = [leg for leg in legs if leg is not chosen]
    if chosen is not None:
        await _has(call, kit, chosen, others)
        return Stage.TALKING
    call.dropped = call.offers
    await asyncio.gather(*(_set_aside(call, kit, leg) for leg in others))
    call.others = [leg for leg in call.others if leg not in others]
    call.agent = call.seat = None
    call.stage = Stage.QUEUED
    enter(call, kit)
    return Stage.QUEUED


async def _hears_music(call: Call, kit: Kit) -> None:
    """Who has passed through its queue, because somebody was free, hears the queue's music while the phone rings."""
    if call.unheld and call.queue:
        await kit.switch.hold_in_queue(customer(call), call.queue, kit.distribution.rules(call.queue).music)
        call.unheld = False


def ring_s(call: Call, kit: Kit) -> float:
    """How long phones ring for this caller: as its queue says, else as long as any."""
    own = kit.distribution.rules(call.queue).ring_timeout_s if call.queue else None
    return kit.settings.ring_timeout_s if own is None else own


def rung(call: Call) -> list[Leg]:
    """The agents' legs that ring for a caller who has none yet."""
    legs = [leg for leg in call.legs() if leg.role == "agent"]
    return [leg for leg in legs if not leg.gone and leg.place is not Place.OUT]


def _begin_ringing(call: Call, kit: Kit) -> None:
    seats, call.offered = call.offered, ()
    switch_s = ring_s(call, kit) + SWITCH_LATER_S
    legs = [
        call.new_leg("agent", kit.now_utc(), seat=seat, endpoint=f"PJSIP/{seat}", ring_s=switch_s, place=Place.TALK)
        for seat in seats
    ]
    call.agent, call.seat, call.others = legs[0], legs[0].seat, [*call.others, *legs[1:]]


async def _ring(call: Call, kit: Kit, leg: Leg) -> None:
    kit.book.leg_changed(call, leg)
    leg.rung = True
    await kit.ring(call, leg)


async def _has(call: Call, kit: Kit, chosen: Leg, others: list[Leg]) -> None:
    """`chosen` has the caller; the other phones stop, told that it was answered elsewhere, and are free again."""
    call.others = [leg for leg in (call.agent, *call.others) if leg is not None and leg is not chosen]
    call.agent, call.seat = chosen, chosen.seat
    customer(call).place = chosen.place = Place.TALK
    for leg in others:
        leg.place = leg.seated = Place.OUT
    await asyncio.gather(*(kit.hang_up(call, leg, "answered_elsewhere") for leg in others))
    await call.until(lambda: all(leg.gone for leg in others), SILENCED_S)
    for leg in others:
        if leg.gone:
            call.others.remove(leg)
            kit.free(call, leg)


async def _set_aside(call: Call, kit: Kit, leg: Leg) -> None:
    """Who does not answer gets no more calls until he says that he is there; everybody is told."""
    await kit.hang_up(call, leg, "no_answer")
    await call.until(lambda: leg.gone, GOING_S)
    kit.book.noted(call, "agent.no_answer", {"seat": leg.seat, "cause": leg.cause})
    if leg.seat is not None:
        kit.distribution.free_from(leg.seat, call.contact, AgentState.NOT_READY, NO_ANSWER)
        kit.book.noted(call, "agent.set_aside", {"seat": leg.seat, "reason": NO_ANSWER})


async def answered(call: Call, leg: Leg, timeout_s: float) -> bool:
    """Whether the leg was answered and is in our hands. Who answers in the last moment is not hung up on."""
    return await first_answer(call, [leg], timeout_s) is leg


async def first_answer(call: Call, legs: list[Leg], timeout_s: float) -> Leg | None:
    """Which of the ringing legs is answered and in our hands first."""

    def there() -> Leg | None:
        return next((leg for leg in legs if leg.ours and not leg.gone), None)

    await call.until(lambda: all(leg.gone for leg in legs) or any(leg.ours or leg.up for leg in legs), timeout_s)
    answering = [leg for leg in legs if leg.up]
    if answering:
        await call.until(lambda: there() is not None or all(leg.gone for leg in answering), DOOR_S)
    return there()
