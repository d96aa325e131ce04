"""An agent dials: screened → dialling → talking → ended. The agent's leg is the one that was there first."""

from collections.abc import Awaitable, Callable

from lab_server.floor import click_to_dial, codes, talk
from lab_server.floor.beside import dials_beside
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.queueing import queued
from lab_server.floor.ringing import SWITCH_LATER_S, answered, ringing
from lab_server.routing.acd import RoutingError
from lab_server.routing.agents import AgentState
from telephony.numbers import NumberError

BUSY_CAUSES = frozenset({17, 21})  # Q.850: user busy, call rejected


def agent(call: Call) -> Leg:
    """The dialling agent's leg, which an outbound contact has from its first moment."""
    if call.agent is None:
        raise LookupError(f"contact {call.contact} has no agent's leg")
    return call.agent


async def screened(call: Call, kit: Kit) -> Stage:
    """May this seat call, and is there such a number? The agent hears why not."""
    seat, own = call.seat or "", agent(call)
    order = codes.read(call.dialled, kit)
    if order is not None:
        return await codes.obey(call, kit, own, order)
    try:
        kit.trunk_for(seat, call.dialled).endpoint_for(call.dialled)
        if not dials_beside(call, kit, own):
            before = kit.distribution.agent(seat)
            if before.contact is None:
                own.was = before.state
            kit.distribution.set_state(seat, AgentState.RINGING, call.contact)
        await kit.switch.note(own, trunk=call.trunk)
    except (RoutingError, NumberError) as refused:
        kit.book.noted(call, "dial.refused", {"number": call.dialled, "error": refused.error_id, "why": str(refused)})
        call.outcome = Outcome.REFUSED
        await kit.switch.answer(own)
        await kit.switch.prompt(call, own, "number-wrong" if isinstance(refused, NumberError) else "finish-first")
        return Stage.ENDED
    return Stage.DIALLING


async def dialling(call: Call, kit: Kit) -> Stage:
    own, clicked = agent(call), click_to_dial.clicked(agent(call))
    if call.customer is None:
        call.customer = _customer(call, kit)
    leg = call.customer
    if clicked:
        await click_to_dial.ring_back(call, kit, own)
    if not leg.rung:
        await kit.switch.ring_back(own, True)
        kit.book.leg_changed(call, leg)
        leg.rung = True
        if not await kit.switch.ring(call, leg):
            kit.gone(call, leg)
    await kit.switch.make_room(call)
    if await answered(call, leg, kit.settings.dial_timeout_s):
        return Stage.TALKING
    await kit.hang_up(call, leg, "no_answer")
    call.outcome = Outcome.BUSY if leg.cause in BUSY_CAUSES else Outcome.NO_ANSWER
    return await click_to_dial.next_number(call, kit, own, leg) if clicked else Stage.ENDED


def _customer(call: Call, kit: Kit) -> Leg:
    """The leg of the number that is to be dialled. A second number's is another channel under the same name."""
    number = click_to_dial.tries(call)
    return Leg(
        f"{call.contact}-customer" + (f"-{number}" if number > 1 else ""), "customer", began_at=kit.now_utc(),
        number=call.dialled, place=Place.TALK, ring_s=kit.settings.dial_timeout_s + SWITCH_LATER_S,
        endpoint=kit.trunk_for(call.seat or "", call.dialled).endpoint_for(call.dialled),
    )  # fmt: skip


async def rings(call: Call, kit: Kit) -> Stage:
    """An agent's phone: before the customer's, or afterwards for a customer who was sent on."""
    return await (ringing(call, kit) if call.served else click_to_dial.calling_agent(call, kit))


async def talking(call: Call, kit: Kit) -> Stage:
    own, leg = call.agent, call.customer
    if leg is not None and not leg.gone:
        if not call.served and own is not None:
            if click_to_dial.clicked(own):
                await kit.switch.tone(call, False)
            await kit.switch.answer(own)
            await call.until(lambda: own.up, 2.0)
            own.place = leg.place = Place.TALK
        leg.notes["served"] = "1"
        await talk.settle(call, kit)
        if not call.served or call.adopted:
            call.served = True
            kit.book.talk_began(call)
        kit.talking(call)
        waits = await talk.talk_on(call, kit)
        if waits is not None:
            return waits
    call.released_by = "customer" if leg is None or leg.gone else "agent"
    talk.end(call, kit)
    return Stage.ENDED


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {
    Stage.SCREENED: screened,
    Stage.DIALLING: dialling,
    Stage.TALKING: talking,
    Stage.QUEUED: queued,  # handed on by who dialled
    Stage.RINGING: rings,
}
