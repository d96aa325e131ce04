"""Sending a contact to phones that are rung in turn: a group of the plan, or the numbers that a seat is followed to."""

import json
from collections.abc import Sequence

from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import at_home
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import box_of, boxes_of
from lab_server.routing.plan import Ring
from lab_server.routing.target import Kind, Target

RINGS, OTHERWISE, AT, FOR = "forward", "forward_otherwise", "forward_at", "forward_for"
"""Notes on the customer's channel: the phones with their seconds; where it goes if none is answered; how many came to
nothing so far; for whom it was."""
MOST = 8


def to_group(call: Call, kit: Kit, name: str) -> None:
    """Ring the group's phones in turn. Raises `Refused`: `unknown_group`, `not_talking` (no customer is there)."""
    group = kit.settings.plan.groups.get(name)
    if group is None:
        raise Refused("unknown_group", f"There is no group {name!r}: see groups in the floor plan.")
    _begin(call, kit, group.rings, group.otherwise, f"group:{name}")


def follows(kit: Kit, seat: str) -> bool:
    """Whether calls for this seat follow to other numbers now."""
    return bool(kit.directory.seat(seat).follow_me)


def to_follow(call: Call, kit: Kit, seat: str) -> None:
    """Ring the seat's own phone, if somebody is at work there, then the numbers it has named; then its mailbox.

    Raises `Refused`: `not_talking`.
    """
    rings = []
    if kit.distribution.knows(seat):
        rings.append(Ring(to=Target(Kind.SEAT, seat), seconds=max(5.0, kit.settings.ring_timeout_s)))
    rings.extend(
        Ring(to=at_home(kit, Target(Kind.NUMBER, one.number)), seconds=one.ring_s)
        for one in kit.directory.seat(seat).follow_me
    )
    box = boxes_of(kit, seat)[0]
    queue = Target(Kind.QUEUE, call.queue or kit.settings.fallback)
    _begin(call, kit, rings, Target(Kind.MAILBOX, box) if box_of(kit, box) else queue, f"seat:{seat}")


def _begin(call: Call, kit: Kit, rings: Sequence[Ring], otherwise: Target, whom: str) -> None:
    customer = call.customer
    if customer is None or customer.gone:
        raise Refused("not_talking", f"Contact {call.contact} has no customer on the line.")
    listed = [[str(ring.to), ring.seconds] for ring in rings[:MOST]]
    customer.notes |= {RINGS: json.dumps(listed), OTHERWISE: str(otherwise), AT: "0", FOR: whom}
    kit.distribution.leave(call)
    customer.place = Place.HOLD
    call.stage = Stage.FORWARDED


def rings_of(call: Call) -> list[tuple[Target, float]]:
    """The phones, as they are noted; none if that can't be read."""
    text = call.customer.notes.get(RINGS, "") if call.customer is not None else ""
    try:
        return [(Target.parse(to), float(seconds)) for to, seconds in json.loads(text)]
    except (ValueError, TypeError):
        return []


def otherwise_of(call: Call, kit: Kit) -> Target:
    text = call.customer.notes.get(OTHERWISE, "") if call.customer is not None else ""
    try:
        return Target.parse(text)
    except ValueError:
        return kit.settings.plan.at_last
