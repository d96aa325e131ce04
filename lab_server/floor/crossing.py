"""A phone that dialled a code goes over into the contact it asked for, with the channel it has.

The channel gets that contact's variables and walks through the dialplan's door once more, as if we had rung it: what it
says is recorded where it belongs, and a brain that comes after us finds it as a leg of the contact it went to.
"""

from lab_server.floor.call import Call, Leg
from lab_server.floor.kit import Kit
from telephony.ami import AmiError, AmiNotFound
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


async def cross_ringing(kit: Kit, own: Leg, to: Call, leg: Leg) -> None:
    """The same for a phone that still rings: it goes on ringing, and is `leg` of `to` when it is answered.

    Its old contact must have given `own` up. If it was answered while this was done, it crosses over in mid-call.
    """
    if kit.ami is None:
        raise LookupError("only AMI can tell a ringing channel where it belongs")
    try:
        await kit.switch.hand_over_ringing(kit.ami, to, leg)
        if own.ours:
            await kit.switch.hand_over(to, leg)
    except (AmiNotFound, AriNotFound):
        kit.gone(to, leg)
    except AmiError as silent:  # nobody would know whose it is when it is answered
        kit.book.noted(to, "call.not_crossed", {"leg": leg.name, "why": str(silent)})
        await kit.hang_up(to, leg)
