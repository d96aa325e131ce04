"""A customer rings: screened → greeted → menu → queued → ringing → talking → rated → ended."""

from collections.abc import Awaitable, Callable

from lab_server.floor import talk
from lab_server.floor.arrangement import unsettled
from lab_server.floor.call import Call, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.menu import menu
from lab_server.floor.queueing import queued
from lab_server.floor.rating import rated
from lab_server.floor.ringing import ringing
from lab_server.floor.screened import customer, greeted, screened


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
    await kit.switch.hush(call)
    await kit.switch.disconnect(call)
    return Stage.RATED


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {
    Stage.SCREENED: screened,
    Stage.GREETED: greeted,
    Stage.MENU: menu,
    Stage.QUEUED: queued,
    Stage.RINGING: ringing,
    Stage.TALKING: talking,
    Stage.RATED: rated,
}
