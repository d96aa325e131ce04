"""A desk phone's own hold key does what the page's does: the customer hears its music, and everybody is told."""

import contextlib

from lab_server.floor.call import Call, Leg
from lab_server.floor.errors import Refused
from lab_server.floor.hold import hold, resume
from lab_server.floor.kit import Kit


async def held_by_phone(call: Call, leg: Leg, kit: Kit, on: bool) -> None:
    """The phone of `leg` holds its call, or is back. Only who serves the customer can hold it; of others the switch
    itself takes care, and of what the page did before there is nothing left to do."""

    def changed(call: Call, kit: Kit) -> None:
        (hold if on else resume)(call, kit, leg.seat or "")

    if leg is call.agent:
        with contextlib.suppress(Refused):
            await kit.contacts.change(call.contact, changed)
