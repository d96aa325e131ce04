"""Play an earlier recording during a call, to everybody in the talk or to the customer alone; the talk goes on.

Before: the caller of these commands has looked the recording up, checked the right to it, and mixed the voices of its
legs into one file (`lab_server.floor.voices.mixed`).
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab_server.floor.call import Call, Place
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parties import serving, talking
from lab_server.floor.playing import Playing, To
from lab_server.floor.tap import Tap, tap_id
from telephony.ari import AriConflict, AriNotFound, AriRefused

PROMPT, NOTE = "earlier", "playing"
_THERE_S = 2.0


def play_recording(
    call: Call, kit: Kit, seat: str, path: Path, to: To = "both", length_s: float = 0.0
) -> dict[str, Any]:
    """Play a wav file (8 kHz mono) below the recordings folder. Agents hear it with the customer, or (`customer`) only
    he does. Returns `progress`. It ends by itself; `length_s` is for those who want to see how far it is.

    Raises `Refused`: `not_talking`, `not_serving`, `held`, `already_playing`, `not_a_recording`.
    """
    customer = talking(call)
    serving(call, seat)
    if customer.place is not Place.TALK:
        raise Refused("held", "The customer hears music: take the call back first, then play.")
    if call.playing is not None:
        raise Refused("already_playing", "A recording is being played: stop it first.")
    sound = _sound(kit, path)
    number = call.begun.get(PROMPT, 0)
    call.begun[PROMPT] = number + 1
    playing = Playing(f"{call.contact}-{PROMPT}-{number}", sound, to, seat, length_s, kit.now_utc().timestamp())
    call.playing = playing
    customer.notes[NOTE] = _written(playing)
    kit.book.noted(call, "playback.began", {"seat": seat, "file": Path(sound).name, "to": to, "of": _of(kit, sound)})
    return progress(call, kit)


def stop_playing(call: Call, _kit: Kit, seat: str) -> None:
    """Raises `Refused`: `not_talking`, `not_serving`, `not_playing`."""
    talking(call)
    serving(call, seat)
    if call.playing is None:
        raise Refused("not_playing", "No recording is being played.")
    call.playing.stopping = True


def progress(call: Call, kit: Kit) -> dict[str, Any]:
    """`playing`, and if so `to`, `seat`, `at_s`, `length_s` (0: not known)."""
    playing = call.playing
    if playing is None:
        return {"playing": False}
    at_s = max(0.0, kit.now_utc().timestamp() - playing.began_s)
    return {
        "playing": True, "to": playing.to, "seat": playing.seat, "length_s": round(playing.length_s, 1),
        "at_s": round(min(at_s, playing.length_s) if playing.length_s else at_s, 1),
    }  # fmt: skip


def due(call: Call) -> bool:
    """Is something to be begun, stopped or asked after?"""
    playing = call.playing
    return playing is not None and (not playing.begun or playing.stopping)


async def tune(call: Call, kit: Kit) -> None:
    """Begin or stop what is to be. May be broken off and done again at any time."""
    playing = call.playing
    if playing is None or (playing.begun and not playing.stopping):
        return
    if playing.stopping:
        if not await kit.switch.silence(playing.id):
            await _over(call, kit, playing, "done")
        await call.until(lambda: call.playing is not playing, _THERE_S)
        return
    try:
        if await kit.switch.plays(playing.id):
            playing.begun = True
        elif playing.recalled:
            await _over(call, kit, playing, "done")  # while nobody was there
        else:
            await _begin(call, kit, playing)
    except (AriNotFound, AriConflict, AriRefused) as refused:
        await _over(call, kit, playing, f"refused: {refused}")


async def _over(call: Call, kit: Kit, playing: Playing, state: str) -> None:
    for channel in ended(call, kit, playing.id, state):
        await kit.switch.let_go(channel)


async def _begin(call: Call, kit: Kit, playing: Playing) -> None:
    channel = None
    if playing.to == "customer":
        channel = await _ear(call, kit, playing)
    if playing.id not in call.playbacks:
        await kit.switch.play_file(playing.id, playing.path, channel or call.bridge, in_bridge=channel is None)
    playing.begun = True


async def _ear(call: Call, kit: Kit, playing: Playing) -> str:
    """A tap that only the customer hears: played to his channel itself, the talk would stop for him."""
    channel = tap_id(call.contact, "play", int(playing.id.rpartition("-")[2]))
    tap = call.taps.get(channel)
    if tap is None and call.customer is not None:
        tap = call.taps[channel] = Tap(channel, "play", "customer", whispers=True)
        await kit.switch.tap(call.customer, tap)
    if tap is None or not await call.until(lambda: tap.ours or tap.gone, _THERE_S) or tap.gone:
        raise AriNotFound("the customer's channel can't be whispered to")
    return channel


def ended(call: Call, kit: Kit, playback: str, state: str) -> list[str]:
    """A playback of this contact has ended; the channels returned are needed no more."""
    playing = call.playing
    if playing is None or playing.id != playback:
        return []
    call.playing = None
    if call.customer is not None:
        call.customer.notes.pop(NOTE, None)
    kit.book.noted(call, "playback.ended", {"seat": playing.seat, "state": state, "stopped": playing.stopping})
    call.touch()
    return [tap.channel for tap in call.taps.values() if tap.use == "play"]


def recall(call: Call) -> None:
    """Take back what an earlier brain was playing; a note that can't be read is none."""
    text = call.customer.notes.get(NOTE, "") if call.customer is not None else ""
    try:
        playing = Playing(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return
    if playing is not None:
        playing.recalled, playing.begun = True, False
        call.playing = playing
        call.begun[PROMPT] = int(playing.id.rpartition("-")[2]) + 1


def _written(playing: Playing) -> str:
    return json.dumps(asdict(playing))


def _sound(kit: Kit, path: Path) -> str:
    """The file as the switch is told it, if it lies below the recordings folder. Nothing on disk is looked at."""
    whole = Path(os.path.normpath(path))
    root = kit.recordings
    if root is None or not whole.is_relative_to(root) or whole.suffix != ".wav" or "," in str(whole):
        raise Refused("not_a_recording", "This is no recording of this site: choose one from the customer's list.")
    return str(whole.with_suffix(""))


def _of(kit: Kit, sound: str) -> str:
    """The folder it was taken from, which bears the contact's id."""
    return str(Path(sound).relative_to(kit.recordings or "/").parent)
