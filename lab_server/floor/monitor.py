"""Keeps a supervisor's ear on a contact: the right tap, on the right leg, in his bridge; told by his leg alone.

What is wanted is read off the supervisor's leg and the contact's arrangement, so that it follows when agents change,
and is found again by whoever takes the contact up after us.
"""

import logging
from collections.abc import Iterable, Mapping

from lab_server.floor.call import Call, Leg, Place
from lab_server.floor.kit import Kit
from lab_server.floor.tap import Tap, tap_id, taps_of, use_of
from telephony.ari import AriConflict, AriNotFound, AriRefused, Channel

log = logging.getLogger(__name__)

MODE, ON = "mode", "on"
"""Notes on the supervisor's channel: listen, whisper or barge; the seat of the agent it is about."""
_TAP, _COUNT = "tap", "spies"
_THERE_S = 2.0  # a tap comes into our hands within some milliseconds


def stand_by(leg: Leg) -> bool:
    """The contact goes elsewhere: a supervisor who listens to it goes with it, and talks with nobody meanwhile.

    False: this is no such leg.
    """
    if leg.role != "supervisor" or leg.place is Place.OUT:
        return False
    if leg.place is not Place.MONITOR:
        leg.place, leg.notes[MODE] = Place.MONITOR, "listen"
    leg.notes[ON] = ""
    return True


def supervisor(call: Call) -> Leg | None:
    """The leg of whoever listens or whispers, once answered."""
    return next(
        (leg for leg in call.others if leg.role == "supervisor" and leg.place is Place.MONITOR and leg.ours), None
    )


def aim(call: Call) -> tuple[str, bool] | None:
    """Which leg is to be tapped, by name, and whether its party is to hear the supervisor.

    The agent who was named, or else who serves. A customer left with an outside party is listened to only.
    """
    leg = supervisor(call)
    if leg is None:
        return None
    named = call.leg_at(leg.notes.get(ON, "")) if leg.notes.get(ON) else None
    for agent in (named, call.agent):
        if agent is not None and agent.ours and agent.place in {Place.TALK, Place.CONSULT, Place.HOLD}:
            return agent.name, leg.notes.get(MODE) == "whisper"
    customer = call.customer
    return (customer.name, False) if customer is not None and customer.ours else None


def untuned(call: Call) -> bool:
    """Is the supervisor's ear elsewhere than it is to be?"""
    wanted, spies = aim(call), _spies(call)
    right = [tap for tap in spies if (tap.on, tap.whispers) == wanted]
    return len(right) < len(spies) or (wanted is not None and not any(tap.seated or tap.vain for tap in right))


async def tune(call: Call, kit: Kit) -> None:
    """Bring the tap in line. May be broken off and done again at any time; a refusal costs the supervisor only."""
    leg, wanted = supervisor(call), aim(call)
    for tap in _spies(call):
        if tap.gone or (tap.on, tap.whispers) != wanted:
            await kit.switch.let_go(tap.channel)
            call.taps.pop(tap.channel, None)
    if leg is None or wanted is None:
        return
    tap = next(iter(_spies(call)), None) or await _hang_on(call, kit, leg, *wanted)
    if tap.seated or tap.vain:
        return
    try:
        await call.until(lambda: tap.ours or tap.gone, _THERE_S)
        await kit.switch.seat_tap(call, tap)
    except (AriNotFound, AriConflict, AriRefused) as refused:
        _in_vain(call, kit, tap, refused)


async def _hang_on(call: Call, kit: Kit, leg: Leg, on: str, whispers: bool) -> Tap:
    number = int(leg.notes.get(_COUNT, "0")) + 1
    tap = Tap(tap_id(call.contact, "spy", number), "spy", on, whispers)
    tapped = next(other for other in call.legs() if other.name == on)
    # What it is stands on the supervisor's channel before it is there: whoever comes after us knows it again.
    await kit.switch.note(leg, **{_COUNT: number, _TAP: f"{tap.channel} {on} {int(whispers)}"})
    call.taps[tap.channel] = tap
    try:
        await kit.switch.tap(tapped, tap)
    except (AriNotFound, AriConflict, AriRefused) as refused:
        _in_vain(call, kit, tap, refused)
    return tap


def _in_vain(call: Call, kit: Kit, tap: Tap, refused: Exception) -> None:
    """The leg is going, or can't be tapped: not tried again before somebody else is to be listened to."""
    if not tap.vain:
        tap.vain = True
        log.warning("contact %s: %s can't be listened to: %s", call.contact, tap.on, refused)
        kit.book.noted(call, "supervision.deaf", {"leg": tap.on, "why": str(refused)})


def recall(call: Call, channels: Iterable[Channel], rooms: Mapping[str, Iterable[str]]) -> None:
    """Know the taps of an earlier brain again. One whose meaning nobody wrote down is aimed at nothing, and goes."""
    noted = [leg.notes.get(_TAP, "").split(" ") for leg in call.legs() if leg.role == "supervisor"]
    meaning = {words[0]: (words[1], words[2] == "1") for words in noted if len(words) == 3}
    in_room = set(rooms.get(call.room(Place.MONITOR), ()))
    call.taps = {
        channel: Tap(channel, use_of(channel), *meaning.get(channel, ("", False)), ours=True, seated=channel in in_room)
        for channel in taps_of(call.contact, channels)
    }


def _spies(call: Call) -> list[Tap]:
    return [tap for tap in call.taps.values() if tap.use == "spy"]
