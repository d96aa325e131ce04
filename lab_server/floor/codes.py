"""What a phone without a page can do by dialling: `TABLE` says which keys do what, `HANDLERS` how.

A code begins with * or #; a parking place is dialled as it is. What was done is said; what was refused, too.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lab_server.floor import availability, dnd, parking, pickup
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.crossing import cross
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.listening import listen
from telephony.numbers import NumberError, spelled


@dataclass(frozen=True)
class Code:
    """`keys` is a regular expression for the whole of what is dialled; its group is the argument."""

    keys: str
    does: str


TABLE = (
    Code(r"\*8", "pick_up"),  # what rings longest elsewhere
    Code(r"\*8\*([0-9]{2,8})", "pick_up"),  # what rings at this colleague's
    Code(r"\*85", "fetch"),  # what this seat parked, else what waits longest
    Code(r"\*85\*?([0-9]{1,5})", "fetch"),  # from this place
    Code(r"\*78", "dnd_on"),
    Code(r"\*79", "dnd_off"),
    Code(r"\*21\*(\+?[0-9]{2,20})#?", "follow_me_on"),
    Code(r"#21#", "follow_me_off"),
    Code(r"\*45", "ready"),
    Code(r"\*46", "not_ready"),
    Code(r"\*97", "own_mailbox"),
)
PARK_CODE = "*76"
"""A desk phone parks a call by sending it here (REFER): see `parks`."""

PROMPTS = {
    "nothing_to_pick_up": "pickup-nothing",
    "park_empty": "park-empty",
    "not_parked": "park-empty",
    "park_full": "park-full",
    "seat_wrap_up": "finish-first",
    "seat_busy": "finish-first",
    "unknown_code": "unknown-code",
    "not_available": "unknown-code",
    "own_number": "number-wrong",
    "number_malformed": "number-wrong",
    "number_not_served": "number-wrong",
    "number_is_virtual": "number-forbidden",
    "unknown_seat": "not-allowed",
    "signed_off": "not-allowed",
}
"""What is heard of a refusal."""


@dataclass(frozen=True)
class Order:
    """What somebody dialled: `does` is a key of `HANDLERS`."""

    does: str
    argument: str = ""


Handler = Callable[[Call, Kit, Leg, str], Awaitable[str | Stage]]
"""(the dialling phone's contact, kit, its leg, argument) → the prompt that confirms it, empty if the phone has gone
over into another contact, or the stage at which its own goes on. Raises `Refused`."""


def read(dialled: str, kit: Kit) -> Order | None:
    """None for an ordinary number. A code that nobody knows is an order that is refused."""
    for code in TABLE:
        found = re.fullmatch(code.keys, dialled)
        if found is not None:
            return Order(code.does, (found.groups() or ("",))[0])
    if dialled.isascii() and dialled.isdecimal() and _is_place(int(dialled), kit):
        return Order("fetch", dialled)
    return Order("unknown") if dialled[:1] in {"*", "#"} else None


def parks(target: str) -> bool:
    """Whether a desk phone that sends its call to `target` parks it."""
    return target == PARK_CODE


def _is_place(number: int, kit: Kit) -> bool:
    return 0 <= number - kit.settings.park_from < kit.settings.park_slots


async def obey(call: Call, kit: Kit, own: Leg, order: Order) -> Stage:
    """Do it, and say how it went."""
    call.outcome = Outcome.INFORMED
    handler, error = HANDLERS.get(order.does, _unknown), ""
    try:
        said = await handler(call, kit, own, order.argument)
    except Refused as refused:
        error, said = refused.error_id, PROMPTS.get(refused.error_id, "failed")
        call.outcome = Outcome.REFUSED
    kit.book.noted(call, "code.dialled", {"code": call.dialled, "does": order.does, "error": error})
    if isinstance(said, Stage):
        call.outcome = None
        return said
    if said:
        await kit.switch.answer(own)
        await kit.switch.prompt(call, own, said)
    return Stage.ENDED


async def _unknown(call: Call, _kit: Kit, _own: Leg, _argument: str) -> str:
    raise Refused("unknown_code", f"There is no code {call.dialled}.")


async def _pick_up(call: Call, kit: Kit, own: Leg, colleague: str) -> str:
    seat = own.seat or ""
    to = pickup.to_pick_up(kit, seat, colleague)
    return await _over(call, kit, own, to, lambda there, kit: pickup.pick_up_with(there, kit, seat, own.channel))


async def _fetch(call: Call, kit: Kit, own: Leg, slot: str) -> str:
    seat = own.seat or ""
    to = parking.parked_at(kit, slot) if slot else parking.parked_by(kit, seat)
    return await _over(call, kit, own, to, lambda there, kit: parking.fetch_with(there, kit, seat, own.channel))


async def _over(call: Call, kit: Kit, own: Leg, to: Call, enter: Callable[[Call, Kit], Leg]) -> str:
    legs: list[Leg] = []
    await kit.switch.answer(own)
    await kit.contacts.change(to.contact, lambda there, kit: legs.append(enter(there, kit)))
    await cross(kit, call, own, to, legs[0])
    return ""


async def _dnd_on(_call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    dnd.set_dnd(kit, own.seat or "", True)
    return "dnd-on"


async def _dnd_off(_call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    dnd.set_dnd(kit, own.seat or "", False)
    return "dnd-off"


async def _follow_me_on(_call: Call, kit: Kit, own: Leg, number: str) -> str:
    seat = own.seat or ""
    try:
        bare = spelled(number)
        kit.trunk_for(seat, bare).endpoint_for(bare)
    except NumberError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    if bare == seat:
        raise Refused("own_number", "A seat cannot follow to itself: name another number.")
    kit.seats.follow_me(seat, bare)
    return "follow-me-on"


async def _follow_me_off(_call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    kit.seats.follow_me(own.seat or "", "")
    return "follow-me-off"


async def _ready(_call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    """Who has no page signs on by this, too."""
    availability.sign_on(kit, own.seat or "")
    availability.set_ready(kit, own.seat or "")
    return "seat-ready"


async def _not_ready(_call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    availability.set_not_ready(kit, own.seat or "")
    return "seat-not-ready"


async def _own_mailbox(call: Call, kit: Kit, own: Leg, _argument: str) -> str:
    await listen(call, kit, own)
    return ""


HANDLERS: dict[str, Handler] = {
    "pick_up": _pick_up,
    "fetch": _fetch,
    "dnd_on": _dnd_on,
    "dnd_off": _dnd_off,
    "follow_me_on": _follow_me_on,
    "follow_me_off": _follow_me_off,
    "ready": _ready,
    "not_ready": _not_ready,
    "own_mailbox": _own_mailbox,
}
