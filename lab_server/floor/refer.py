"""A desk phone's own transfer (REFER), which the switch leaves to us, does the same as the page's."""

import asyncio
import contextlib
from collections.abc import Callable

from lab_server.floor import attended, codes, parking
from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.crossing import cross, cross_ringing
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.transfer import transfer
from lab_server.routing.target import Kind, Target
from telephony.ari.events import ChannelTransfer


async def refer(call: Call, leg: Leg, kit: Kit, asked: ChannelTransfer) -> None:
    """Send the customer where the phone wants it, and tell the phone that it may let go, or that it keeps its call."""
    if leg.place is Place.OUT or leg.gone:
        return  # told twice
    telling: list[asyncio.Task[None]] = []

    def told() -> None:
        # Told now: when the story has let the phone go, nobody is there to be told.
        telling.append(asyncio.create_task(kit.switch.tell_transfer(leg, "channel_answered")))

    def sent(call: Call, kit: Kit) -> None:
        if not asked.protocol_id and codes.parks(asked.destination.partition("@")[0]):
            parking.park(call, kit, leg.seat or "")
        else:
            transfer(call, kit, leg.seat or "", _target(kit, asked))
        told()

    try:
        if asked.destination_channel is not None:
            await _hand_over(call, leg, kit, asked.destination_channel.id, told)
        else:
            await kit.contacts.change(call.contact, sent)
    except Refused as refused:
        kit.book.noted(
            call, "call.refer_refused", {"seat": leg.seat, "to": asked.destination, "error": refused.error_id}
        )
        await kit.switch.tell_transfer(leg, "channel_declined")
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*telling)


async def _hand_over(call: Call, leg: Leg, kit: Kit, channel: str, told: Callable[[], None]) -> None:
    """To whom it asked meanwhile in its other call, `channel`. Raises `Refused` as `attended`."""
    of, beside = attended.both(call, leg, kit, channel)
    far, crossing = attended.far_leg(beside, kit), []
    rings = not far.up
    going: list[asyncio.Task[None]] = []

    def taken(of: Call, kit: Kit) -> None:
        crossing.append(attended.take_over(of, kit, leg.seat or "", beside))
        if rings:
            going.append(asyncio.create_task(cross_ringing(kit, far, of, crossing[0])))
        told()

    await kit.contacts.change(of.contact, taken)
    if rings:
        await going[0]
    else:
        await cross(kit, beside, far, of, crossing[0])


def _target(kit: Kit, asked: ChannelTransfer) -> Target:
    """What was dialled: a seat's number, a queue's name, else a number outside. Raises `Refused` `not_available`."""
    if asked.protocol_id or not asked.destination:
        raise Refused("not_available", "Only a call that this exchange knows can be handed over by the phone.")
    dialled = asked.destination.partition("@")[0]
    if kit.distribution.knows(dialled):
        return Target(Kind.SEAT, dialled)
    if dialled.removeprefix("queue-") in kit.settings.plan.queues:
        return Target(Kind.QUEUE, dialled.removeprefix("queue-"))
    return Target(Kind.NUMBER, dialled[:40])
