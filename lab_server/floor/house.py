"""House calls: one seat rings another, in three stages. No customer takes part: nobody rates it or writes it down.

Whoever is at work can be rung, ready or not; a second call never knocks at a busy phone (call waiting is refused), and
who does not want to be disturbed is not.
"""

from collections.abc import Awaitable, Callable

from lab_server.floor import house_follow, talk
from lab_server.floor.beside import dials_beside
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.forwarding import confirmed
from lab_server.floor.forwarding_place import follows
from lab_server.floor.kit import Kit
from lab_server.floor.outbound import BUSY_CAUSES
from lab_server.floor.reserve import refusal, reservable, reserve
from lab_server.floor.ringing import SWITCH_LATER_S, answered

PROMPTS = {
    "own_number": "no-such-extension",
    "unknown_seat": "seat-off",
    "seat_offline": "seat-off",
    "dnd": "seat-do-not-disturb",
    "seat_wrap_up": "call-waiting-refused",
    "seat_busy": "call-waiting-refused",
    "caller_busy": "finish-first",
    "no_answer": "number-no-answer",
}
"""What the caller hears, by why it came to nothing."""

_BUSY = frozenset({"seat_busy", "seat_wrap_up", "caller_busy"})


def caller(call: Call) -> Leg:
    """The dialling phone's leg, which a house call has from its first moment."""
    if call.agent is None:
        raise LookupError(f"contact {call.contact} has no caller's leg")
    return call.agent


def called(call: Call) -> Leg | None:
    """The leg of the seat that was dialled, as long as it is there."""
    return next((leg for leg in call.others if leg.role == "party" and not leg.gone), None)


async def screened(call: Call, kit: Kit) -> Stage:
    """Reserve both, or say why not."""
    own = caller(call)
    try:
        _reserve_both(call, kit, own)
    except Refused as refused:
        return await _told(call, kit, refused.error_id, str(refused))
    await kit.switch.note(own, trunk=call.trunk, was=own.was or "")
    return Stage.DIALLING


def _reserve_both(call: Call, kit: Kit, own: Leg) -> None:
    if call.dialled == own.seat:
        raise Refused("own_number", "This is your own number: dial a colleague's.")
    if not follows(kit, call.dialled) and not house_follow.begun(own):
        reservable(call, kit, call.dialled)
    if kit.distribution.knows(own.seat or "") and not dials_beside(call, kit, own):
        try:
            reserve(call, kit, own, dials=True)
        except Refused as busy:
            raise Refused("caller_busy", str(busy)) from busy
    house_follow.next_phone(call, kit, own)


async def _told(call: Call, kit: Kit, error_id: str, why: str) -> Stage:
    """The caller hears why nobody talks with him."""
    kit.book.noted(call, "dial.refused", {"number": call.dialled, "error": error_id, "why": why})
    call.outcome = Outcome.BUSY if error_id in _BUSY else Outcome.REFUSED
    if error_id == "no_answer":
        call.outcome = Outcome.NO_ANSWER
    own = caller(call)
    await kit.switch.answer(own)
    await kit.switch.prompt(call, own, PROMPTS.get(error_id, "number-no-answer"))
    return Stage.ENDED


async def dialling(call: Call, kit: Kit) -> Stage:
    own, far = caller(call), called(call)
    if far is None:
        return Stage.SCREENED  # an earlier brain got no further, or the colleague has gone meanwhile
    there = True
    if not far.rung:
        await kit.switch.ring_back(own, True)
        kit.book.leg_changed(call, far)
        far.rung = True
        there = await kit.switch.ring(call, far)
        if not there:
            kit.gone(call, far)
    await kit.switch.make_room(call)
    rings_s = max(0.0, far.ring_s - SWITCH_LATER_S) or kit.settings.dial_timeout_s
    if await answered(call, far, rings_s) and (far.seat or await confirmed(call, kit, far)):
        return Stage.TALKING
    await kit.hang_up(call, far, "no_answer")
    await call.until(lambda: far.gone, 2.0)
    kit.free(call, far)
    if await house_follow.goes_on(call, kit, own):
        return Stage.DIALLING
    if not there:
        return await _told(call, kit, "seat_offline", str(refusal("seat_offline", call.dialled)))
    if far.cause in BUSY_CAUSES:
        return await _told(call, kit, "seat_busy", "The phone is busy.")
    return await _told(call, kit, "no_answer", "Nobody answered.")


async def talking(call: Call, kit: Kit) -> Stage:
    """Until one of the two has gone."""
    own, far = call.agent, called(call)
    for leg in call.legs():
        leg.talked = False  # with no customer
    if own is not None and not own.gone and far is not None:
        await kit.switch.answer(own)
        await call.until(lambda: own.up or own.gone, 2.0)
        own.place = far.place = Place.TALK
        await talk.settle(call, kit)
        own.notes["served"] = "1"
        await kit.switch.note(own)
        if not call.served or call.adopted:
            call.served = True
            kit.book.talk_began(call)
        call.carried_out()
        kit.talking(call)
        await call.until(lambda: own.gone or far.gone)
    call.released_by = "agent"
    kit.book.talk_ended(call)
    return Stage.ENDED


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {
    Stage.SCREENED: screened,
    Stage.DIALLING: dialling,
    Stage.TALKING: talking,
}
