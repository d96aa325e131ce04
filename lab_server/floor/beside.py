"""A phone's second call: who serves a customer asks somebody by his own keys, to hand the customer over (`attended`).

Its agent belongs to the customer all the while: the second call neither reserves him nor gives him anything to write
down. The note says so on his leg there, for the next brain.
"""

from lab_server.floor.call import Call, Leg, Stage
from lab_server.floor.kit import Kit

BESIDE = "beside"
"""Note on the leg that dialled: the contact which its agent serves meanwhile."""


def is_beside(leg: Leg) -> bool:
    """Whether this leg is a phone's second call."""
    return bool(leg.notes.get(BESIDE))


def dials_beside(call: Call, kit: Kit, own: Leg) -> bool:
    """Whether `own`, which has dialled `call`, serves a customer meanwhile; it is noted then. One at a time."""
    if is_beside(own):
        return True
    seat = own.seat or ""
    serves = kit.contacts.call(kit.distribution.agent(seat).contact or "") if kit.distribution.knows(seat) else None
    if serves is None or serves is call or serves.internal or serves.stage is not Stage.TALKING:
        return False
    if serves.agent is None or serves.agent.gone or serves.agent.seat != seat:
        return False
    others = [leg for one in kit.contacts.calls() if one is not call for leg in one.legs() if not leg.gone]
    if any(leg.seat == seat and is_beside(leg) for leg in others):
        return False
    own.notes[BESIDE] = serves.contact
    return True
