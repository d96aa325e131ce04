"""Stop and start the recording of a contact, while card numbers are said: its files stay in step with the talk.

Every leg is recorded from its first moment to its last. While the recording is stopped, silence is written in place of
what is said. A muted leg's words are kept as little as they are heard.
"""

import logging

from lab_server.floor.call import Call, Leg
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import talking
from telephony.ami import AmiError, AmiNotFound

log = logging.getLogger(__name__)

UNRECORDED, SILENT = "unrecorded", "silent"
"""Notes on every leg: by whom the recording was stopped; and that silence is being written for this one."""


def pause_recording(call: Call, kit: Kit, by: str) -> None:
    """Keep nothing of what anybody in this contact says, whoever joins it, until it is resumed. `by`: who wanted it.

    Raises `Refused`: `not_talking`, `not_recorded` (it is stopped already), `recorder_away`.
    """
    talking(call)
    if call.unrecorded:
        raise Refused("not_recorded", f"The recording is stopped already, by {call.unrecorded}: start it first.")
    _reachable(kit)
    call.unrecorded = by or "?"
    for leg in call.legs():
        leg.notes[UNRECORDED] = call.unrecorded
    kit.book.noted(call, "recording.paused", {"by": by})


def resume_recording(call: Call, kit: Kit, by: str) -> None:
    """Keep again what is said. Raises `Refused`: `not_talking`, `recorded` (it is not stopped), `recorder_away`."""
    talking(call)
    if not call.unrecorded:
        raise Refused("recorded", "The recording is running.")
    _reachable(kit)
    call.unrecorded = ""
    for leg in call.legs():
        leg.notes.pop(UNRECORDED, None)
    kit.book.noted(call, "recording.resumed", {"by": by})


def is_paused(call: Call) -> bool:
    """Whether nothing of anybody is kept now; False also while a command to stop is still on its way."""
    return bool(call.unrecorded) and not uneven(call)


def uneven(call: Call) -> bool:
    """Is something kept that is not to be kept, or the other way round?"""
    return any(leg.silent is not _to_be_silent(call, leg) for leg in _recorded(call))


async def tune(call: Call, kit: Kit) -> None:
    """Bring every leg's recording in line. May be done again; what fails is written down, and speech goes on."""
    for leg in _recorded(call):
        silent = _to_be_silent(call, leg)
        if leg.silent is silent:
            continue
        try:
            if kit.ami is not None:
                await kit.ami.silence_recording(leg.channel, on=silent)
        except AmiNotFound as gone:
            log.info("contact %s: %s is gone: %s", call.contact, leg.name, gone)
        except AmiError as failed:
            log.error("contact %s: the recording of %s could not be changed: %s", call.contact, leg.name, failed)
            kit.book.noted(call, "recording.failed", {"leg": leg.name, "silent": silent, "why": str(failed)})
        leg.silent = silent  # tried once: a recorder that is away must not keep the talk from going on
        # Only now: a brain that died in between leaves the note of before, and it is done again.
        await kit.switch.note(leg, **{SILENT: "1" if silent else ""})


def _recorded(call: Call) -> list[Leg]:
    return [leg for leg in call.legs() if leg.ours and not leg.gone]


def _to_be_silent(call: Call, leg: Leg) -> bool:
    return bool(call.unrecorded) or leg.muted


def _reachable(kit: Kit) -> None:
    if kit.ami is None or not kit.ami.connected:
        raise Refused("recorder_away", "The recorder can't be reached just now: say no card number, try again.")
