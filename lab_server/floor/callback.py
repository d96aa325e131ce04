"""Ordering a call-back by key: offered, this number or another one, read back, written down; the place is kept.

Who does not want it, or names no number that can be rung, waits on in the queue, at the old place.
"""

from collections.abc import Awaitable, Callable

from datasets.sayings import confirm_number
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.callback_place import ORDERED, QUEUE, can_be_rung
from lab_server.floor.kit import Kit
from lab_server.floor.onward import enter
from lab_server.floor.sending import wait_in

ANSWER_S = 5.0
KEYING_S = 6.0
TRIES = 3


async def callback(call: Call, kit: Kit) -> Stage:
    """The stage; begun again it asks again, unless the order is in the book."""
    leg = call.customer
    if leg is None:
        return Stage.ENDED
    queue = leg.notes.get(QUEUE, "")
    await _alone(call, kit, leg)
    if not leg.notes.get(ORDERED):
        if await _asked(call, kit, leg, "callback-offer") != "1":
            return await _wait_on(call, kit, queue)
        number = await _number(call, kit, leg)
        if number is None:
            return await _wait_on(call, kit, queue)
        made = await kit.callbacks.order(call, number, queue)
        if made is None:
            await kit.switch.prompt(call, leg, "callback-refused")
            return await _wait_on(call, kit, queue)
        if not call.served:
            call.outcome = Outcome.CALLBACK
        await kit.switch.note(leg, **{ORDERED: made})
    if not call.served:
        call.outcome = Outcome.CALLBACK
    done = "callback-already" if leg.notes.get(ORDERED) == "already" else "callback-done"
    await kit.switch.prompt(call, leg, done)
    return Stage.ENDED


async def _alone(call: Call, kit: Kit, leg: Leg) -> None:
    if leg.seated is not Place.ALONE:
        await kit.switch.bring(call, Place.ALONE, leg)
        leg.seated = Place.ALONE
    if call.queue is not None:
        await kit.switch.take_out_of_queue(leg, call.queue)
    await kit.switch.note(leg)


async def _wait_on(call: Call, kit: Kit, queue: str) -> Stage:
    """Not past the queue's limit: who waited in it already is not sent away."""
    kit.book.noted(call, "callback.not_ordered", {"queue": queue})
    wait_in(call, kit, queue)
    enter(call, kit)
    return Stage.QUEUED


async def _asked(call: Call, kit: Kit, leg: Leg, prompt: str) -> str:
    """The key that answers the question; empty: none in time."""
    call.digits = ""
    await kit.switch.prompt(call, leg, prompt, cut=lambda: bool(call.digits))
    await call.until(lambda: bool(call.digits), ANSWER_S)
    return call.digits[:1]


async def _number(call: Call, kit: Kit, leg: Leg) -> str | None:
    """The caller's own number or one that was keyed and confirmed; None: neither."""
    own = call.customer_number
    if can_be_rung(call, kit, own):
        key = await _asked(call, kit, leg, "callback-this-number")
        if key == "1":
            return own
        if key != "2":
            return None
    for _ in range(TRIES):
        number = await _keyed(call, kit, leg)
        if not number:
            return None
        if not can_be_rung(call, kit, number):
            await kit.switch.prompt(call, leg, "callback-bad-number")
        elif await _confirmed(call, kit, leg, number):
            return number
    return None


async def _keyed(call: Call, kit: Kit, leg: Leg) -> str:
    """Digits until the hash key or a pause; a star takes it all back."""
    call.digits = ""
    await kit.switch.prompt(call, leg, "callback-enter-number", cut=lambda: bool(call.digits))
    await kit.digits(call, lambda keyed, quiet_s: "#" in keyed or quiet_s >= KEYING_S, lambda _: KEYING_S)
    keyed = call.digits.partition("#")[0]
    return keyed if keyed.isdecimal() else ""


async def _confirmed(call: Call, kit: Kit, leg: Leg, number: str) -> bool:
    language = call.language or kit.settings.plan.language
    said = await kit.announcer.say(confirm_number(number, language), language)
    if said is not None:
        await kit.switch.say(call, leg, said)
    return await _asked(call, kit, leg, "callback-confirm") == "1"


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {Stage.CALLBACK: callback}
