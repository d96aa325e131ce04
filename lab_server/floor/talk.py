"""A talk of any number of parties: legs are brought to their places, until nobody is left to talk with the customer."""

import asyncio
from datetime import datetime

from lab_server.floor import monitor, page_return, playback, recording
from lab_server.floor.arrangement import HELD_SINCE, TO_RING, asked, pairs, tidy, unsettled
from lab_server.floor.beside import is_beside
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.returning import back
from lab_server.routing.acd import RoutingError
from lab_server.routing.agents import AgentState

_ORDER = (Place.HOLD, Place.ALONE, Place.CONSULT, Place.TALK, Place.MONITOR)
"""Whoever is to hear nothing of the others leaves before they speak."""


async def talk_on(call: Call, kit: Kit) -> Stage | None:
    """Go on with the talk until it is over; who has left is freed, who has come is let in.

    Returns None when it is over, or the stage at which the customer waits whom nobody took who was to.
    """
    while True:
        for leg in call.legs():
            if leg.gone and leg is not call.customer and not page_return.kept(call, kit, leg):
                departed(call, kit, leg)
        page_return.settled(call)
        before = call.seat
        if not tidy(call):
            stage = back(call, kit)
            if stage is not Stage.TALKING:
                return stage
        elif call.agent is not None and call.seat != before:
            kit.book.noted(call, "call.taken_over", {"seat": call.seat, "from": before})
        await settle(call, kit)
        call.carried_out()
        while not await call.until(lambda: unsettled(call) or _untuned(call), page_return.look_s(call)):
            if await page_return.look(call, kit):
                break


def _untuned(call: Call) -> bool:
    """Is anything to be done for those who listen, are recorded or are played something?"""
    return monitor.untuned(call) or recording.uneven(call) or playback.due(call)


async def settle(call: Call, kit: Kit) -> None:
    """Bring every leg to its place. What is there already is left alone, so it may be done again at any time."""
    page_return.waits(call, kit)
    await asyncio.gather(*(_ring(call, kit, leg) for leg in call.legs() if not (leg.rung or leg.awaited or leg.gone)))
    if call.customer is not None:
        call.customer.notes.pop(TO_RING, None)
    await show_out(call, kit)
    _note_hold(call, kit)
    moving = [leg for leg in call.legs() if leg.ours and not leg.gone and leg.seated is not leg.place]
    held = any(leg.seated is Place.HOLD for leg in moving)
    noting = asyncio.create_task(_note_all(call, kit), name=f"notes of {call.contact}")
    try:
        for place in _ORDER:
            legs = [leg for leg in moving if leg.place is place]
            if legs:
                await kit.switch.bring(call, place, *legs)
                for leg in legs:
                    leg.seated = place
        for leg in call.legs():
            if leg.ours and not leg.gone and leg.quiet is not leg.muted:
                await kit.switch.mute(leg, leg.muted)
                leg.quiet = leg.muted
        await noting
    finally:
        noting.cancel()
        await asyncio.gather(noting, return_exceptions=True)
    await _ring_tone(call, kit)
    await recording.tune(call, kit)
    await monitor.tune(call, kit)
    await playback.tune(call, kit)
    if held and not any(leg.place is Place.HOLD for leg in call.legs()):
        await kit.switch.end_music(call)
    _arrived(call, kit)


async def _note_all(call: Call, kit: Kit) -> None:
    await asyncio.gather(*(_note(call, kit, leg) for leg in call.legs() if leg.ours and not leg.gone))


async def _note(call: Call, kit: Kit, leg: Leg) -> None:
    """What the next brain cannot see: where the leg is to be, whether it serves, and has talked with, the customer."""
    customer = call.customer
    talks = leg.place is Place.TALK and customer is not None and customer.place is Place.TALK
    serving, talked = leg is call.agent, leg.talked or (talks and leg is not customer)
    was = leg.was or ""
    await kit.switch.note(
        leg, place=leg.place, serving="1" if serving else "", talked="1" if talked else "", was=was, number=leg.number
    )


async def _ring_tone(call: Call, kit: Kit) -> None:
    """Whoever waits for a colleague to answer hears the ringing tone."""
    agent, colleagues = call.agent, asked(call)
    waits = agent is not None and agent.seated is Place.CONSULT and not any(leg.ours for leg in colleagues)
    if waits is not bool(call.tone) or (call.tone is None and call.adopted and colleagues):
        await kit.switch.tone(call, waits)
    call.tone = waits


def _note_hold(call: Call, kit: Kit) -> None:
    """Since when the customer hears music, written on the channel with its place."""
    customer = call.customer
    if customer is not None and customer.place is Place.HOLD:
        customer.notes.setdefault(HELD_SINCE, kit.now_utc().isoformat())


async def _ring(call: Call, kit: Kit, leg: Leg) -> None:
    await kit.ring(call, leg)
    if not leg.gone:
        kit.book.leg_changed(call, leg)


def _arrived(call: Call, kit: Kit) -> None:
    """Everybody is in place: agents talk now, the books say who with whom, and whoever listens hears of a hold."""
    customer = call.customer
    for leg in call.legs():
        talks = leg.ours and not leg.gone and leg.seated in {Place.TALK, Place.CONSULT}
        there = talks or (leg.seated is Place.MONITOR and not leg.gone)
        if there and leg.seat is not None and kit.distribution.knows(leg.seat) and not is_beside(leg):
            try:
                kit.distribution.set_state(leg.seat, AgentState.TALKING, call.contact)
            except RoutingError as busy:
                kit.book.noted(call, "agent.odd", {"seat": leg.seat, "why": str(busy)})
        if talks and leg.seated is Place.TALK and customer is not None and customer.seated is Place.TALK:
            leg.talked = True
            if not call.served and leg is not customer:  # sent straight to a phone, past every queue
                call.served, customer.notes["served"] = True, "1"
                kit.book.talk_began(call)
    kit.book.paired(call, pairs(call))
    held = customer is not None and customer.seated is Place.HOLD
    if customer is not None and held is not call.held:
        call.held = held
        since = customer.notes[HELD_SINCE] if held else customer.notes.pop(HELD_SINCE, "")
        kit.held(call, (kit.now_utc() - datetime.fromisoformat(since)).total_seconds() if since else 0.0)


def departed(call: Call, kit: Kit, leg: Leg) -> None:
    """Someone other than the customer has left the talk: his agent writes it down, if he took part."""
    if leg in call.others:
        call.others.remove(leg)
    kit.book.paired(call, pairs(call))
    kind = "leg.left" if leg.up else "leg.unanswered"
    kit.book.noted(call, kind, {"leg": leg.name, "seat": leg.seat, "number": leg.number, "cause": leg.cause})
    kit.free(call, leg)


def end(call: Call, kit: Kit) -> None:
    """The talk is over for all agents who took part; they write down now what was said."""
    kit.book.talk_ended(call)
    if call.internal:
        return
    for leg in call.legs():
        if leg.talked:
            kit.free(call, leg)
    if call.seat is not None:  # his leg may have gone while no brain was there
        kit.distribution.free_from(call.seat, call.contact, AgentState.WRAP_UP, queue=call.queue)
    if call.held and call.customer is not None:
        call.held = False
        since = call.customer.notes.pop(HELD_SINCE, "")
        kit.book.held(call, False, (kit.now_utc() - datetime.fromisoformat(since)).total_seconds() if since else 0.0)


async def show_out(call: Call, kit: Kit) -> None:
    """Hang up those whose part is over; each is forgotten when its end is told."""
    for leg in call.legs():
        if leg.place is Place.OUT and leg.seated is not Place.OUT and not leg.gone:
            if leg.ours:
                await kit.switch.note(leg, place=leg.place, talked="1" if leg.talked else "", serving="")
            await kit.hang_up(call, leg)
            leg.seated = Place.OUT
            kit.free(call, leg)
