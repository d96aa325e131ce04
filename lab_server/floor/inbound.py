"""A customer rings: screened → greeted → menu → queued → ringing → talking → rated → ended."""

from collections.abc import Awaitable, Callable

from lab_server.floor.call import Call, Leg, Outcome, Stage
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
    await kit.switch.note(leg, queue=call.queue, since=since_ms, wanted=call.wanted_seat or "")
    kit.distribution.wait(call, kit.settings.wanted_seat_wait_s)
    if call.offered is None and call.offers == 0 and not call.adopted:
        await kit.switch.prompt(call, leg, "queued", cut=lambda: call.offered is not None)
    await kit.switch.hold_in_queue(call, leg)
    left_s = max(0.0, kit.settings.max_wait_s - age_s)
    if await call.until(lambda: call.offered is not None, left_s):
        return Stage.RINGING
    kit.distribution.leave(call)
    call.outcome = Outcome.CLOSED_LOST
    await kit.switch.take_out_of_queue(call, leg)
    await kit.switch.prompt(call, leg, "nobody-free")
    return Stage.ENDED


async def ringing(call: Call, kit: Kit) -> Stage:
    """Ring the agent we were given; one who does not answer is set aside and the caller keeps its place."""
    if call.agent is None or call.agent.gone:
        if call.offered is None:
            return Stage.QUEUED
        call.seat, call.offered = call.offered, None
        call.offers += 1
        call.agent = Leg(f"{call.contact}-agent-{call.offers}", f"agent-{call.offers}", began_at=kit.now_utc())
        await kit.switch.note(customer(call), agent=call.seat, offers=call.offers)
        kit.book.leg_changed(call, call.agent)
        there = await kit.switch.originate(
            call, call.agent, f"PJSIP/{call.seat}", context="agent-leg", caller=call.customer_number,
            timeout_s=kit.settings.ring_timeout_s + SWITCH_LATER_S,
            RS_AGENT=call.seat, RS_STAGE=Stage.RINGING, RS_QUEUE=call.queue or "",
        )  # fmt: skip
        if not there:
            kit.gone(call, call.agent)
    await kit.switch.make_room(call)
    agent, seat = call.agent, call.seat or ""
    if await answered(call, agent, kit.settings.ring_timeout_s):
        return Stage.TALKING
    await kit.hang_up(call, agent, "no_answer")
    await call.until(lambda: agent.gone, GOING_S)
    kit.book.noted(call, "agent.no_answer", {"seat": seat, "cause": agent.cause})
    kit.distribution.free_from(seat, call.contact, AgentState.NOT_READY)
    call.agent = call.seat = None
    return _in_the_queue(call, kit)


async def answered(call: Call, leg: Leg, timeout_s: float) -> bool:
    """Whether the leg was answered and is in our hands. Who answers in the last moment is not hung up on."""
    await call.until(lambda: leg.gone or leg.ours or leg.up, timeout_s)
    if leg.up:
        await call.until(lambda: leg.gone or leg.ours, DOOR_S)
    return leg.ours and not leg.gone


async def talking(call: Call, kit: Kit) -> Stage:
    leg, agent = customer(call), call.agent
    if agent is not None and not agent.gone and call.seat is not None:
        kit.distribution.set_state(call.seat, AgentState.TALKING, call.contact)
        await kit.switch.connect(call, leg, agent)
        if not call.served or (call.adopted and not call.announced):
            call.served = True
            kit.book.talk_began(call)
        if not call.announced:
            await kit.switch.announce(call, f"agent-{call.seat}", cut=lambda: agent.gone)
            call.announced = True
            await kit.switch.note(leg, announced=1)
        if not agent.gone:
            kit.talking(call)
        await call.until(lambda: agent.gone)
    call.released_by = "agent"
    wrap_up(call, kit)
    await kit.switch.disconnect(call)
    return Stage.RATED


def wrap_up(call: Call, kit: Kit) -> None:
    """The talk is over for the agent, who now writes down what was said."""
    kit.book.talk_ended(call)
    if call.seat is not None:
        kit.distribution.free_from(call.seat, call.contact, AgentState.WRAP_UP)


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
