"""A customer rings: screened → greeted → menu → queued → ringing → talking → rated → ended."""

from collections.abc import Awaitable, Callable

from lab_server.floor import talk
from lab_server.floor.arrangement import unsettled
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.routing.agents import AgentState
from lab_server.routing.menu import ChoseQueue, ChoseSeat, Wrong

RATINGS = frozenset("12345")
SWITCH_LATER_S = 3.0  # the story's own time-out comes first: it knows whether somebody is just answering
DOOR_S = 5.0  # an answered leg's way through the dialplan into our hands takes 50 ms
GOING_S = 2.0


def customer(call: Call) -> Leg:
    """The customer's leg, which an inbound contact has from its first moment."""
    if call.customer is None:
        raise LookupError(f"contact {call.contact} has no customer's leg")
    return call.customer


async def screened(call: Call, kit: Kit) -> Stage:
    await kit.switch.answer(customer(call))
    return Stage.GREETED


async def greeted(call: Call, kit: Kit) -> Stage:
    await kit.switch.prompt(call, customer(call), "greeting")
    return Stage.MENU


async def menu(call: Call, kit: Kit) -> Stage:
    """Ask until a key leads somewhere; who keys nothing useful goes to the fallback queue, never into the void."""
    for again in range(kit.settings.menu.tries):
        if again:
            call.digits = ""
        choice = await _choose(call, kit)
        if isinstance(choice, ChoseQueue):
            return _to_queue(call, kit, choice.queue)
        if isinstance(choice, ChoseSeat):
            free = kit.distribution.can_expect(choice.seat)
            if not free:
                await kit.switch.prompt(call, customer(call), "seat-not-available")
            return _to_queue(call, kit, kit.settings.menu.fallback, choice.seat if free else None)
        if isinstance(choice, Wrong):
            await kit.switch.prompt(call, customer(call), "wrong-key")
    return _to_queue(call, kit, kit.settings.menu.fallback)


async def _choose(call: Call, kit: Kit) -> object:
    """Play the menu and read keys; the first key cuts the prompt short, or spares it if it came with the greeting."""
    rules = kit.settings.menu
    if not call.digits:
        await kit.switch.prompt(call, customer(call), "menu", 60.0, cut=lambda: bool(call.digits))
    choice: object = None

    def decided(digits: str, quiet_s: float) -> bool:
        nonlocal choice
        choice = rules.choose(digits, quiet_s)
        return choice is not None

    await kit.digits(call, decided, rules.wait_s)
    kit.book.noted(call, "menu.keyed", {"digits": call.digits, "choice": repr(choice)})
    return choice


def _to_queue(call: Call, kit: Kit, queue: str, wanted_seat: str | None = None) -> Stage:
    call.queue, call.wanted_seat, call.waiting_since_s = queue, wanted_seat, kit.clock.monotonic()
    return _in_the_queue(call, kit)


def _in_the_queue(call: Call, kit: Kit) -> Stage:
    """In the distribution at once: while we speak to the switch, somebody who came later must not be served first."""
    kit.distribution.wait(call, kit.settings.wanted_seat_wait_s)
    return Stage.QUEUED


async def queued(call: Call, kit: Kit) -> Stage:
    leg = customer(call)
    if call.queue is None:
        call.queue = kit.settings.menu.fallback
    if call.waiting_since_s is None:
        call.waiting_since_s = kit.clock.monotonic()
    age_s = kit.clock.monotonic() - call.waiting_since_s
    since_ms = round((kit.now_utc().timestamp() - age_s) * 1000)
    back_s = 0.0 if call.back_since_s is None else kit.clock.monotonic() - call.back_since_s
    back_ms = "" if call.back_since_s is None else round((kit.now_utc().timestamp() - back_s) * 1000)
    await kit.switch.note(
        leg, queue=call.queue, since=since_ms, back=back_ms, wanted=call.wanted_seat or "", dropped=call.dropped
    )
    kit.distribution.wait(call, kit.settings.wanted_seat_wait_s)
    if not call.offered and call.offers == 0 and not call.adopted:
        await kit.switch.prompt(call, leg, "queued", cut=lambda: bool(call.offered))
    await kit.switch.hold_in_queue(call, leg)
    left_s = max(0.0, kit.settings.max_wait_s - (back_s if call.back_since_s is not None else age_s))
    if await call.until(lambda: bool(call.offered), left_s):
        return Stage.RINGING
    kit.distribution.leave(call)
    call.outcome = Outcome.CLOSED_LOST
    await kit.switch.take_out_of_queue(call, leg)
    await kit.switch.prompt(call, leg, "nobody-free")
    return Stage.ENDED


async def ringing(call: Call, kit: Kit) -> Stage:
    """Ring the agents we were given; who does not answer is set aside and the caller keeps its place."""
    if not rung(call):
        if not call.offered:
            return Stage.QUEUED
        _begin_ringing(call, kit)
    legs = rung(call)
    await kit.switch.note(customer(call), agent=call.seat, offers=call.offers)
    for leg in legs:
        if not leg.rung:
            kit.book.leg_changed(call, leg)
            leg.rung = True
            if not await kit.switch.ring(call, leg):
                kit.gone(call, leg)
    await kit.switch.make_room(call)
    chosen = await first_answer(call, legs, kit.settings.ring_timeout_s)
    losers = [leg for leg in legs if leg is not chosen]
    call.others = [leg for leg in call.others if leg not in losers]
    if chosen is not None:
        call.agent, call.seat = chosen, chosen.seat
        call.others = [leg for leg in call.others if leg is not chosen]
        customer(call).place = chosen.place = Place.TALK
        for leg in losers:
            await _give_up(call, kit, leg, AgentState.READY)
        return Stage.TALKING
    call.dropped = call.offers
    for leg in losers:
        await _give_up(call, kit, leg, AgentState.NOT_READY)
    call.agent = call.seat = None
    return _in_the_queue(call, kit)


def rung(call: Call) -> list[Leg]:
    """The agents' legs that ring for a caller who has none yet."""
    legs = [leg for leg in call.legs() if leg.role == "agent"]
    return [leg for leg in legs if not leg.gone and leg.place is not Place.OUT]


def _begin_ringing(call: Call, kit: Kit) -> None:
    seats, call.offered = call.offered, ()
    ring_s = kit.settings.ring_timeout_s + SWITCH_LATER_S
    legs = [
        call.new_leg("agent", kit.now_utc(), seat=seat, endpoint=f"PJSIP/{seat}", ring_s=ring_s, place=Place.TALK)
        for seat in seats
    ]
    call.agent, call.seat, call.others = legs[0], legs[0].seat, [*call.others, *legs[1:]]


async def _give_up(call: Call, kit: Kit, leg: Leg, state: AgentState) -> None:
    """This phone is not to ring any more; its agent, if he was the only one asked, will not be asked again for now."""
    await kit.hang_up(call, leg, "no_answer" if state is AgentState.NOT_READY else "answered_elsewhere")
    await call.until(lambda: leg.gone, GOING_S)
    if state is AgentState.NOT_READY:
        kit.book.noted(call, "agent.no_answer", {"seat": leg.seat, "cause": leg.cause})
    if leg.seat is not None:
        kit.distribution.free_from(leg.seat, call.contact, state)


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


async def talking(call: Call, kit: Kit) -> Stage:
    """The talk with all that happens in it; who is left when it is over is asked for a rating."""
    own = call.agent
    if own is not None and not own.gone:
        customer(call).notes["served"] = "1"
        await talk.settle(call, kit)
        if not call.served or (call.adopted and not call.announced):
            call.served = True
            kit.book.talk_began(call)
        call.carried_out()
        if not call.announced:
            await kit.switch.announce(call, f"agent-{call.seat}", cut=lambda: own.gone or unsettled(call))
            call.announced = True
            await kit.switch.note(customer(call), announced=1)
        if not own.gone:
            kit.talking(call)
    waits = await talk.talk_on(call, kit)
    if waits is not None:
        return waits
    call.released_by = "customer" if customer(call).gone else "agent"
    talk.end(call, kit)
    if customer(call).gone:
        return Stage.ENDED
    await kit.switch.disconnect(call)
    return Stage.RATED


async def rated(call: Call, kit: Kit) -> Stage:
    """Ask for a key from 1 to 5, once more if it was another; the contact's end does not depend on the answer."""
    leg = customer(call)
    for prompt in ("rate-us", "bad-rating") if call.rating is None else ():
        call.digits = ""
        await kit.switch.prompt(call, leg, prompt, cut=lambda: bool(call.digits))
        await call.until(lambda: bool(call.digits), kit.settings.rating_s)
        if call.digits[:1] in RATINGS:
            call.rating = int(call.digits[0])
            kit.book.noted(call, "contact.rated", {"rating": call.rating})
            await kit.switch.note(leg, rating=call.rating)  # a brain that comes after us need not ask again
        if not call.digits or call.rating is not None:
            break
    await kit.switch.prompt(call, leg, "thanks")
    return Stage.ENDED


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {
    Stage.SCREENED: screened,
    Stage.GREETED: greeted,
    Stage.MENU: menu,
    Stage.QUEUED: queued,
    Stage.RINGING: ringing,
    Stage.TALKING: talking,
    Stage.RATED: rated,
}
