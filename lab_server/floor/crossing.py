"""A phone that dialled a code goes over into the contact it asked for, with the channel it has.

The channel gets that contact's variables and walks through the dialplan's door once more, as if we had rung it: what it
says is recorded where it belongs, and a brain that comes after us finds it as a leg of the contact it went to.
"""

from lab_server.floor.call import Call, Leg
from lab_server.floor.kit import Kit
from telephony.ari import AriNotFound


async def cross(kit: Kit, call: Call, own: Leg, to: Call, leg: Leg) -> bool:
    """`own` of `call` becomes `leg` of `to`, which already counts on it; False if the phone has hung up meanwhile.

    `call` has lost its first leg then, and is over.
    """
    try:
        await kit.switch.answer(own)
        await kit.switch.hand_over(to, leg)
    except AriNotFound:
        kit.gone(to, leg)
        return False
    kit.gone(call, own)
    return True
