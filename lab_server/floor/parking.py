"""Park and fetch (驻留): a customer waits at a numbered place, with music, until any phone takes it from there.

Nobody serves it meanwhile: who parked it writes it down and goes on. Not fetched in time it goes back to him, then to
the queue.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from lab_server.floor import talk
from lab_server.floor.arrangement import HELD_SINCE
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking
from lab_server.floor.reserve import reserve
from lab_server.floor.ringing import GOING_S, SWITCH_LATER_S, first_answer, rung
from lab_server.floor.screened import customer
from lab_server.floor.sending import clear, wait_in

SLOT, PARKER, SINCE, RETURNING = "slot", "parker", "parked", "returning"
"""Notes on the customer's channel: where, by which seat, since when; and that the parker's phone rings again for it."""


def park(call: Call, kit: Kit, seat: str) -> str:
    """Let the customer wait at a free place, whose number is returned; the agent's leg ends.

    Raises `Refused`: `not_talking`, `not_serving`, `others_take_part`, `park_full`.
    """
    own, agent = talking(call), serving(call, seat)
    if any(leg.place in {Place.TALK, Place.CONSULT, Place.HOLD} and not leg.gone for leg in call.others):
        raise Refused("others_take_part", "Others take part in this call: let them go first.")
    slot = _free_slot(kit)
    now = kit.now_utc()
    clear(call, kit)
    since = own.notes.pop(HELD_SINCE, "")
    if call.held and since:
        kit.book.held(call, False, (now - datetime.fromisoformat(since)).total_seconds())
    call.held = call.speaking = False
    call.seat, own.place = None, Place.HOLD
    own.notes |= {SLOT: slot, PARKER: agent.seat or "", SINCE: now.isoformat(), RETURNING: "", "agent": ""}
    own.notes["place"] = str(Place.HOLD)
    call.stage = Stage.PARKED
    kit.book.noted(call, "call.parked", {"slot": slot, "by": seat})
    return slot


def fetch(call: Call, kit: Kit, seat: str, *, auto_answer: bool = False) -> Leg:
    """Ring the phone at `seat` for a parked customer; `auto_answer` asks it to answer by itself.

    Raises `Refused`: `not_parked`, `already_rings`, `unknown_seat`, `seat_busy`, `seat_wrap_up`.
    """
    leg = _leg(call, kit, seat)
    leg.endpoint, leg.auto_answer = f"PJSIP/{seat}", auto_answer
    call.others.append(leg)
    return leg


def fetch_with(call: Call, kit: Kit, seat: str, channel: str) -> Leg:
    """As `fetch`, with a phone that has dialled the place: its channel comes over (see `crossing`)."""
    leg = _leg(call, kit, seat)
    leg.channel, leg.up, leg.rung, leg.up_at = channel, True, True, kit.now_utc()
    call.others.append(leg)
    kit.book.leg_changed(call, leg)
    return leg


def parked_at(kit: Kit, slot: str) -> Call:
    """The contact at this place. Raises `Refused` `park_empty`."""
    found = lot(kit).get(slot)
    if found is None:
        raise Refused("park_empty", f"No call is parked at {slot}: it was fetched, went back, or hung up.")
    return found


def parked_by(kit: Kit, seat: str) -> Call:
    """What this seat parked last, or else what waits longest. Raises `Refused` `park_empty`."""
    calls = sorted(lot(kit).values(), key=lambda call: customer(call).notes[SINCE])
    own = [call for call in calls if customer(call).notes[PARKER] == seat]
    if not calls:
        raise Refused("park_empty", "No call is parked now.")
    return own[-1] if own else calls[0]


def lot(kit: Kit) -> dict[str, Call]:
    """Who is parked where."""
    parked = [call for call in kit.contacts.calls() if call.stage is Stage.PARKED and call.customer is not None]
    return {customer(call).notes[SLOT]: call for call in parked if SLOT in customer(call).notes}


def _free_slot(kit: Kit) -> str:
    taken, first = lot(kit), kit.settings.park_from
    for slot in range(first, first + kit.settings.park_slots):
        if str(slot) not in taken:
            return str(slot)
    raise Refused("park_full", f"All {kit.settings.park_slots} places are taken: fetch one first, or hold the call.")


def _leg(call: Call, kit: Kit, seat: str, *, asked_for_it: bool = True) -> Leg:
    if call.stage is not Stage.PARKED:
        raise Refused("not_parked", f"Contact {call.contact} is {call.stage}: somebody has fetched it already.")
    if any(leg.seat == seat for leg in rung(call)):
        raise Refused("already_rings", f"It rings at seat {seat} already: just answer.")
    probe = Leg("", "agent-0", seat=seat)
    reserve(call, kit, probe, dials=asked_for_it)
    ring_s = kit.settings.ring_timeout_s + SWITCH_LATER_S
    leg = call.new_leg("agent", kit.now_utc(), seat=seat, ring_s=ring_s, place=Place.TALK)
    leg.was = probe.was
    return leg


async def parked(call: Call, kit: Kit) -> Stage:
    """Music, until a phone that rings for it is answered, or the time is up."""
    await _seat_down(call, kit)
    while True:
        legs = rung(call)
        if not legs:
            if await call.until(lambda: bool(rung(call)), _left_s(call, kit)):
                continue
            if not _recall(call, kit):
                return _give_back(call, kit)
            continue
        if await _answered(call, kit, legs):
            return Stage.TALKING
        if customer(call).notes.get(RETURNING):
            return _give_back(call, kit)


async def _seat_down(call: Call, kit: Kit) -> None:
    own = customer(call)
    for leg in [*call.others]:
        if leg.gone:
            talk.departed(call, kit, leg)
    own.place = Place.HOLD
    if own.seated is not Place.HOLD:
        await kit.switch.bring(call, Place.HOLD, own)
        own.seated = Place.HOLD
    await kit.switch.note(own, place=Place.HOLD)


def _left_s(call: Call, kit: Kit) -> float:
    since = datetime.fromisoformat(customer(call).notes.get(SINCE) or kit.now_utc().isoformat())
    return max(0.0, kit.settings.park_limit_s - (kit.now_utc() - since).total_seconds())


def _recall(call: Call, kit: Kit) -> bool:
    """The time is up: the parker's phone rings once more. False if he cannot take it."""
    own = customer(call)
    if own.notes.get(RETURNING):
        return False
    own.notes[RETURNING] = "1"
    try:
        leg = _leg(call, kit, own.notes.get(PARKER, ""), asked_for_it=False)
    except Refused as busy:
        kit.book.noted(call, "call.not_recalled", {"seat": own.notes.get(PARKER), "error": busy.error_id})
        return False
    leg.endpoint = f"PJSIP/{leg.seat}"
    call.others.append(leg)
    kit.book.noted(call, "call.park_returned", {"slot": own.notes.get(SLOT), "to": f"seat:{leg.seat}"})
    return True


def _give_back(call: Call, kit: Kit) -> Stage:
    """Into the queue, where it is served as one who has waited since it first came."""
    slot, queue = customer(call).notes.get(SLOT), call.queue or kit.settings.fallback
    leave_place(call)
    kit.book.noted(call, "call.park_returned", {"slot": slot, "to": f"queue:{queue}"})
    wait_in(call, kit, queue)
    return Stage.QUEUED


async def _answered(call: Call, kit: Kit, legs: list[Leg]) -> bool:
    """Whether one of the phones is answered; its agent serves the customer now. The others ring no more."""
    await kit.switch.note(customer(call))
    for leg in legs:
        if not leg.rung:
            kit.book.leg_changed(call, leg)
            leg.rung = True
            await kit.ring(call, leg)
    await kit.switch.make_room(call)
    chosen = await first_answer(call, legs, kit.settings.ring_timeout_s)
    call.agent = chosen
    call.others = [leg for leg in call.others if leg is not chosen]
    if chosen is not None:
        call.seat = chosen.seat
        customer(call).place = chosen.place = Place.TALK
        kit.book.noted(call, "call.fetched", {"slot": customer(call).notes.get(SLOT), "seat": chosen.seat})
        leave_place(call)
    for leg in legs:
        if leg is not chosen:
            await _ring_no_more(call, kit, leg)
    call.others = [leg for leg in call.others if leg not in legs]
    return chosen is not None


async def _ring_no_more(call: Call, kit: Kit, leg: Leg) -> None:
    await kit.hang_up(call, leg, "no_answer" if call.agent is None else "answered_elsewhere")
    await call.until(lambda: leg.gone, GOING_S)
    kit.free(call, leg)


def leave_place(call: Call) -> None:
    """The place is free for the next."""
    for note in (SLOT, PARKER, SINCE, RETURNING):
        customer(call).notes.pop(note, None)


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {Stage.PARKED: parked}
