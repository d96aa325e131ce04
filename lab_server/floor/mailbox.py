"""Leaving a message: asked for it, a tone, recorded, heard again if wished, kept. Nothing that was said is lost.

The switch itself ends a recording (hash key, silence, its length), whether a brain is there or not; who hangs up in the
middle has left what was said until then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from lab_server.floor import message
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import BOX, DROPPED, FIRST, KEPT, NUMBER, TAKEN, box_of
from lab_server.floor.message import Judged, Message, Verdict
from lab_server.routing.plan import Mailbox

log = logging.getLogger(__name__)

TRIES = 3
SILENCE_S = 5
REVIEWS = 4
ANSWER_S = 4.0
LOOK_S = 1.0  # the end of a recording is told; a brain that was away asks
ENDING_S = 2.0
_SAID = {Verdict.SHORT: "mailbox-too-short", Verdict.SILENT: "mailbox-nothing-heard"}


async def mailbox(call: Call, kit: Kit) -> Stage:
    """The stage. It may be begun again at any point: what is on the switch and on the disk says how far it was."""
    leg = call.customer
    if leg is None:
        return Stage.ENDED
    name = leg.notes.get(BOX, "")
    box = box_of(kit, name)
    if not _under_way(leg):
        await _alone(call, kit, leg)
    if box is None:
        return await _goodbye(call, kit, leg, "mailbox-unknown")
    if kit.mailboxes.count(name) >= box.most and not _under_way(leg):
        kit.book.noted(call, "voicemail.full", {"mailbox": name})
        return await _goodbye(call, kit, leg, "mailbox-full")
    first = _noted(leg, FIRST, 1)
    while True:
        one = await _taken(call, kit, leg, box, first)
        judged = await _judged(kit, one, box)
        if judged.verdict is Verdict.GOOD:
            if leg.notes.get(KEPT) or await _accepted(call, kit, leg, one, box, judged):
                await _keep(call, kit, leg, one, judged)
                return await _goodbye(call, kit, leg, "mailbox-saved")
        else:
            kit.book.noted(call, "voicemail.refused", {"mailbox": name, "why": judged.verdict})
            await kit.switch.prompt(call, leg, _SAID.get(judged.verdict, "mailbox-nothing-heard"))
        await _discard(kit, one)
        if one.number - first + 1 >= TRIES:
            return await _goodbye(call, kit, leg, "goodbye")
        await kit.switch.note(leg, **{TAKEN: "", NUMBER: one.number, DROPPED: one.number})


async def _alone(call: Call, kit: Kit, leg: Leg) -> None:
    """Out of the talk's room, or the queue's: nobody else is to be heard on the message."""
    if leg.seated is not Place.ALONE:
        await kit.switch.bring(call, Place.ALONE, leg)
        leg.seated = Place.ALONE
    if call.queue is not None:
        await kit.switch.take_out_of_queue(leg, call.queue)


def _under_way(leg: Leg) -> bool:
    return _noted(leg, NUMBER) >= _noted(leg, FIRST, 1)


def _noted(leg: Leg, note: str, otherwise: int = 0) -> int:
    text = leg.notes.get(note, "")
    return int(text) if text.isdecimal() else otherwise


async def _goodbye(call: Call, kit: Kit, leg: Leg, prompt: str) -> Stage:
    await kit.switch.prompt(call, leg, prompt)
    return Stage.ENDED


def _file(kit: Kit, one: Message) -> Path:
    return (kit.recordings or Path("/nowhere")) / one.path


async def _judged(kit: Kit, one: Message, box: Mailbox) -> Judged:
    return await asyncio.to_thread(message.judge, _file(kit, one), box)


async def _discard(kit: Kit, one: Message) -> None:
    await asyncio.to_thread(message.discard, _file(kit, one))


async def _taken(call: Call, kit: Kit, leg: Leg, box: Mailbox, first: int) -> Message:
    """The caller's recording, complete: one that was begun is waited for, else a new one is asked for."""
    number = max(first - 1, _noted(leg, NUMBER))
    again = _noted(leg, DROPPED)
    if number < first or number <= again:
        number = max(number, again) + 1
        if number == first:
            call.digits = ""
            await kit.switch.prompt(call, leg, box.prompt, 60.0, cut=lambda: "#" in call.digits)
        await kit.switch.prompt(call, leg, "beep")
        await kit.switch.note(leg, **{NUMBER: number})
    one = Message(call.contact, number, leg.notes[BOX])
    if not leg.notes.get(TAKEN):
        await _record(call, kit, leg, one, box)
        call.digits = ""  # whatever was keyed while speaking
        await kit.switch.note(leg, **{TAKEN: "1"})
    return one


async def _record(call: Call, kit: Kit, leg: Leg, one: Message, box: Mailbox) -> None:
    if not await kit.switch.records(one.name) and not await asyncio.to_thread(_file(kit, one).exists):
        call.recorded.pop(one.name, None)
        await kit.switch.record(leg, one.name, longest_s=round(box.longest_s), silence_s=SILENCE_S)
    while not await call.until(lambda: one.name in call.recorded, LOOK_S):
        if not await kit.switch.records(one.name):
            break


async def _accepted(call: Call, kit: Kit, leg: Leg, one: Message, box: Mailbox, judged: Judged) -> bool:
    """Whether to keep it: key 1, or no key; 2 plays it, 3 records once more."""
    if judged.length_s >= box.longest_s - 0.5:
        await kit.switch.prompt(call, leg, "mailbox-time-up")
    for _ in range(REVIEWS):
        call.digits = ""
        await kit.switch.prompt(call, leg, "mailbox-review", cut=lambda: bool(call.digits))
        await call.until(lambda: bool(call.digits), ANSWER_S)
        match call.digits[:1]:
            case "2":
                call.digits = ""
                sound = _file(kit, one).with_suffix("")
                await kit.switch.say(call, leg, sound, judged.length_s + 10.0, cut=lambda: bool(call.digits))
            case "3":
                return False
            case "" | "1" | "#":
                return True
            case _:
                await kit.switch.prompt(call, leg, "wrong-key")
    return True


async def _keep(call: Call, kit: Kit, leg: Leg, one: Message, judged: Judged) -> None:
    _write_down(call, kit, one, judged)
    await kit.switch.note(leg, **{KEPT: "1"})


def _write_down(call: Call, kit: Kit, one: Message, judged: Judged) -> None:
    """Twice is no harm: the message's path is its identity."""
    _has_left_one(call)
    kit.mailboxes.left(one, judged.length_s, judged.spoken_s)


def _has_left_one(call: Call) -> None:
    if not call.served:
        call.outcome = Outcome.MESSAGE


async def hung_up(call: Call, kit: Kit) -> None:
    """The caller has hung up in this stage: what was said until then is kept, if it is worth it."""
    leg = call.customer
    number = _noted(leg, NUMBER) if leg is not None else 0
    if leg is not None and leg.notes.get(KEPT):
        _has_left_one(call)
    if leg is None or number <= _noted(leg, DROPPED) or leg.notes.get(KEPT):
        return
    one = Message(call.contact, number, leg.notes.get(BOX, ""))
    box = box_of(kit, one.mailbox)
    if box is None:
        return
    try:
        await call.until(lambda: one.name in call.recorded, ENDING_S if not leg.notes.get(TAKEN) else 0.0)
        judged = await _judged(kit, one, box)
    except OSError as failed:
        log.error("contact %s: its message waits for the next look: %s", call.contact, failed)
        return
    if judged.verdict is Verdict.GOOD:
        _write_down(call, kit, one, judged)
    elif judged.verdict is not Verdict.MISSING:
        kit.book.noted(call, "voicemail.refused", {"mailbox": one.mailbox, "why": judged.verdict})
        await _discard(kit, one)


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {Stage.MAILBOX: mailbox}
