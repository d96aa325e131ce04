"""Follow-me: phones are rung one after the other while the caller hears music, each with its own seconds.

Whoever answers an outside number is asked to press a key first: a private answering machine presses none.
"""

from collections.abc import Awaitable, Callable

from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.forwarding_place import AT, FOR, otherwise_of, rings_of
from lab_server.floor.invitation import invite
from lab_server.floor.kit import Kit
from lab_server.floor.onward import go_on
from lab_server.floor.ringing import GOING_S, SWITCH_LATER_S, answered
from lab_server.routing.target import Kind, Target

TRY = "forward_try"
"""Note on the rung phone's channel: which of them it is."""
TAKEN = "forward_taken"
"""Likewise: somebody there has taken the call."""
ANSWER_S = 4.0
ASKED = 2
TAKE, REFUSE = "1", "2"


async def forwarded(call: Call, kit: Kit) -> Stage:
    """The stage; begun again it goes on with the phone that rings."""
    customer = call.customer
    if customer is None:
        return Stage.ENDED
    await _music(call, kit, customer)
    rings = rings_of(call)
    while (at := _count(customer)) < len(rings):
        target, seconds = rings[at]
        leg = _rung(call, at) or _invited(call, kit, target, seconds, at)
        if leg is not None and await _taken(call, kit, leg, seconds):
            await _has(call, kit, leg)
            return Stage.TALKING
        if leg is not None:
            await _let_go(call, kit, leg)
        customer.notes[AT] = str(at + 1)
        await kit.switch.note(customer)
    kit.book.noted(call, "forward.nobody", {"for": customer.notes.get(FOR, ""), "tried": len(rings)})
    await kit.switch.bring(call, Place.ALONE, customer)
    customer.place = customer.seated = Place.ALONE
    return await go_on(call, kit, otherwise_of(call, kit))


def _count(customer: Leg) -> int:
    text = customer.notes.get(AT, "")
    return int(text) if text.isdecimal() else 0


async def _music(call: Call, kit: Kit, customer: Leg) -> None:
    if call.queue is not None and customer.seated is Place.ALONE:
        await kit.switch.take_out_of_queue(customer, call.queue)
    customer.place = Place.HOLD
    if customer.seated is not Place.HOLD:
        await kit.switch.bring(call, Place.HOLD, customer)
        customer.seated = Place.HOLD
    await kit.switch.note(customer, place=Place.HOLD)


def _rung(call: Call, at: int) -> Leg | None:
    """The phone that rings for this try already: an earlier brain, or this story before a command, began it."""
    found = [leg for leg in call.legs() if leg.notes.get(TRY) == str(at) and leg.place is not Place.OUT]
    leg = found[0] if found else None
    if leg is not None and leg is call.agent:
        call.agent = None
        call.others.append(leg)
    return leg


def _invited(call: Call, kit: Kit, target: Target, seconds: float, at: int) -> Leg | None:
    try:
        leg = invite(call, kit, target, Place.ALONE)
    except Refused as refused:
        kit.book.noted(call, "forward.refused", {"to": str(target), "error": refused.error_id, "why": str(refused)})
        return None
    leg.ring_s = seconds + SWITCH_LATER_S
    leg.notes[TRY] = str(at)
    kit.book.noted(call, "forward.tried", {"to": str(target), "seconds": seconds})
    return leg


async def _taken(call: Call, kit: Kit, leg: Leg, seconds: float) -> bool:
    """Rung, answered, and, outside the house, confirmed by key."""
    if not leg.rung:
        kit.book.leg_changed(call, leg)
        leg.rung = True
        await kit.ring(call, leg)
    if not await answered(call, leg, seconds):
        return False
    if leg.notes.get(TAKEN):
        return True
    return leg.role == "agent" or await confirmed(call, kit, leg)


async def confirmed(call: Call, kit: Kit, leg: Leg) -> bool:
    """Whether somebody, and no answering machine, has answered at an outside number and takes the call."""
    for _ in range(ASKED):
        leg.digits = ""
        await kit.switch.prompt(call, leg, "follow-me-call", cut=lambda: bool(leg.digits) or leg.gone)
        await call.until(lambda: bool(leg.digits) or leg.gone, ANSWER_S)
        if leg.gone or leg.digits[:1] == REFUSE:
            return False
        if leg.digits[:1] == TAKE:
            return True
    return False


async def _has(call: Call, kit: Kit, leg: Leg) -> None:
    """Everything is written down before the stage is: a brain that dies in between leaves nobody without the other."""
    await kit.switch.note(leg, **{TAKEN: "1", "place": Place.TALK})
    if call.customer is not None:
        await kit.switch.note(call.customer, place=Place.TALK)
    if leg.role == "agent":
        call.others.remove(leg)
        call.agent, call.seat = leg, leg.seat
    leg.place = Place.TALK
    if call.customer is not None:
        call.customer.place = Place.TALK
    target = Target(Kind.SEAT, leg.seat) if leg.seat else Target(Kind.NUMBER, leg.number)
    kit.book.noted(call, "forward.taken", {"by": str(target)})


async def _let_go(call: Call, kit: Kit, leg: Leg) -> None:
    leg.place = Place.OUT
    await kit.hang_up(call, leg, "no_answer")
    await call.until(lambda: leg.gone, GOING_S)
    if leg in call.others:
        call.others.remove(leg)
    kit.book.noted(call, "leg.unanswered", {"leg": leg.name, "seat": leg.seat, "number": leg.number})
    kit.free(call, leg)


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {Stage.FORWARDED: forwarded}
