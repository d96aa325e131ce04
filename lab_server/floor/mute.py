"""Mute: what a leg's party says is heard by nobody, and kept by nobody, until it is unmuted."""

from lab_server.floor.call import Call, Leg
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import taking_part, talking

MUTED = "muted"


def mute(call: Call, kit: Kit, seat: str, on: bool = True) -> None:
    """The seat's own leg. Raises `Refused`: `not_talking`, `not_taking_part`, `already_so`."""
    talking(call)
    _set(call, kit, taking_part(call, seat), on)


def mute_leg(call: Call, kit: Kit, name: str, on: bool = True) -> None:
    """Any leg, by its name (`customer`, `agent-1`). Raises `Refused`: `not_talking`, `unknown_leg`, `already_so`."""
    talking(call)
    leg = next((one for one in call.legs() if one.name == name and not one.gone), None)
    if leg is None:
        raise Refused("unknown_leg", f"Contact {call.contact} has no leg {name} now: look again.")
    _set(call, kit, leg, on)


def _set(call: Call, kit: Kit, leg: Leg, on: bool) -> None:
    if leg.muted is on:
        raise Refused("already_so", f"{leg.name} is {'muted' if on else 'not muted'}.")
    leg.muted = on
    leg.notes[MUTED] = "1" if on else ""
    kit.book.noted(call, "leg.muted" if on else "leg.unmuted", {"leg": leg.name, "seat": leg.seat})
