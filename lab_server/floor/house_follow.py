"""A colleague's call follows a seat, too: its own phone first, then the numbers it has named, one after the other.

Which they are and how many have been tried is noted on the caller's channel, for the next brain.
"""

import json

from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import at_home
from lab_server.floor.kit import Kit
from lab_server.floor.reserve import reserve
from lab_server.floor.ringing import SWITCH_LATER_S
from lab_server.routing.target import Kind, Target
from telephony.numbers import NumberError

PHONES, TRIED = "follow", "follow_tried"
"""Notes on the caller's channel: the phones with their seconds; how many of them came to nothing."""


def begun(own: Leg) -> bool:
    """Whether some phone came to nothing already, perhaps under an earlier brain."""
    return _tried(own) > 0


def next_phone(call: Call, kit: Kit, own: Leg) -> Leg:
    """The next phone that can be rung, as a new leg of the contact.

    Raises `Refused`, as the first of them was refused, if none is left: those of `reserve.reservable` and of
    `telephony.numbers`; `no_answer` if all have been tried.
    """
    phones, why = _phones(call, kit, own), None
    while (at := _tried(own)) < len(phones):
        target, seconds = phones[at]
        try:
            leg = _leg(call, kit, target, seconds)
        except Refused as refused:
            own.notes[TRIED] = str(at + 1)
            if len(phones) > 1:
                kit.book.noted(call, "forward.refused", {"to": str(target), "error": refused.error_id})
            why = why or refused
            continue
        call.others.append(leg)
        if at:
            kit.book.noted(call, "forward.tried", {"to": str(target), "seconds": seconds})
        return leg
    raise why or Refused("no_answer", "Nobody answered.")


async def goes_on(call: Call, kit: Kit, own: Leg) -> bool:
    """The phone that rang came to nothing: whether there is another one."""
    own.notes[TRIED] = str(_tried(own) + 1)
    try:
        next_phone(call, kit, own)
    except Refused:
        return False
    await kit.switch.note(own)
    return True


def _tried(own: Leg) -> int:
    text = own.notes.get(TRIED, "")
    return int(text) if text.isdecimal() else 0


def _phones(call: Call, kit: Kit, own: Leg) -> list[tuple[Target, float]]:
    noted = own.notes.get(PHONES, "")
    if noted:
        try:
            return [(Target.parse(to), float(seconds)) for to, seconds in json.loads(noted)]
        except (ValueError, TypeError):
            return []
    follow = kit.directory.seat(call.dialled).follow_me
    first_s = kit.settings.ring_timeout_s if follow else kit.settings.dial_timeout_s
    phones = [(Target(Kind.SEAT, call.dialled), first_s)]
    phones += [(at_home(kit, Target(Kind.NUMBER, one.number)), one.ring_s) for one in follow]
    own.notes[PHONES] = json.dumps([[str(target), seconds] for target, seconds in phones])
    return phones


def _leg(call: Call, kit: Kit, target: Target, seconds: float) -> Leg:
    try:
        endpoint = kit.trunk_for(call.seat or "", target.name).endpoint_for(target.name)
    except NumberError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    leg = call.new_leg(
        "party", kit.now_utc(), seat=target.name if target.kind is Kind.SEAT else None, number=target.name,
        place=Place.TALK, endpoint=endpoint, ring_s=seconds + SWITCH_LATER_S,
    )  # fmt: skip
    if target.kind is Kind.SEAT:
        reserve(call, kit, leg)
    return leg
