"""A conference: thirty and more who hear each other, asked by one who may mute, drop, lock and end.

It is a contact of its own without a customer: each member is a leg, recorded in a file of its own. A member hears that
the conference is recorded before he hears the others. What the owner has decided stands on every member's channel.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from lab_server.floor import talk
from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.invitation import at_home
from lab_server.floor.kit import Kit
from lab_server.floor.reserve import reserve
from lab_server.routing.target import Kind, Target
from telephony.numbers import NumberError

MOST_MEMBERS = 100
MOST_OPEN = 5
"""Conferences that one seat has called: each stays open for a while, though nobody comes."""
LONGEST_TITLE = 80
OWNER, TITLE, LOCKED, ENDING, CAME, ASKED = "owner", "title", "locked", "ending", "came", "member"
_SHARED = (OWNER, TITLE, LOCKED, ENDING, CAME, ASKED)
"""Notes that every member's channel carries, so that whoever is left tells them to the next brain."""
WELCOMED = "welcomed"
EMPTY_S = 600.0
"""So long a conference to which nobody comes stays open."""


class Opens(Protocol):
    """The floor, as far as a new contact needs it."""

    @property
    def kit(self) -> Kit: ...

    def open(self, direction: str, *, seat: str, dialled: str, trunk: str, stage: Stage, contact: str = "") -> Call: ...
    def begin(self, call: Call) -> None: ...


def open_conference(floor: Opens, owner_seat: str, title: str) -> str:
    """A conference without members; its contact's id. Raises `Refused`: `bad_title`, `too_many_conferences`."""
    if len(title) > LONGEST_TITLE or not (title or "x").isprintable():
        raise Refused("bad_title", f"{title!r:.90} is no title: use up to {LONGEST_TITLE} characters.")
    if sum(owner(other) == owner_seat for other in floor.kit.contacts.calls()) >= MOST_OPEN:
        raise Refused("too_many_conferences", f"Seat {owner_seat} has called {MOST_OPEN} conferences: end one first.")
    call = floor.open("conf", seat=owner_seat, dialled=title, trunk="house", stage=Stage.CONFERENCE)
    call.notes |= {OWNER: owner_seat, TITLE: title}
    floor.begin(call)
    return call.contact


def invite(call: Call, kit: Kit, by: str, target: Target, *, auto_answer: bool = False) -> str:
    """Ring a seat (`seat:1002`) or a number (`number:…`) for the conference; the new member's name.

    Raises `Refused`: `no_conference`, `not_owner`, `conference_locked`, `conference_full`, `takes_part`,
    `not_available` (neither seat nor number), those of `reserve.reservable` and of `telephony.numbers`.
    """
    _owned(call, by)
    target = at_home(kit, target)
    if target.kind not in {Kind.SEAT, Kind.NUMBER}:
        raise Refused("not_available", f"{target} has no phone that rings: name a seat or a number.")
    _open_to(call, target.name)
    now, ring_s = kit.now_utc(), kit.settings.dial_timeout_s
    try:
        endpoint = kit.trunk_for(by, target.name).endpoint_for(target.name)
    except NumberError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    if target.kind is Kind.SEAT:
        probe = Leg("", "member-0", seat=target.name)
        reserve(call, kit, probe, dials=target.name == by)
        leg = call.new_leg("member", now, seat=target.name, endpoint=endpoint, ring_s=ring_s, auto_answer=auto_answer)
        leg.was = probe.was
    else:
        leg = call.new_leg("member", now, number=target.name, endpoint=endpoint, ring_s=ring_s)
    _enter(call, kit, leg, by)
    return leg.name


def mute(call: Call, kit: Kit, by: str, member: str, on: bool) -> None:
    """Let nobody hear this member, or everybody again. Raises `Refused`: `no_conference`, `not_owner`, `no_member`."""
    _owned(call, by)
    _mute(call, kit, _member(call, member), on)


def mute_all(call: Call, kit: Kit, by: str, on: bool) -> None:
    """Everybody but the owner. Raises `Refused`: `no_conference`, `not_owner`."""
    _owned(call, by)
    for leg in members(call):
        if leg.seat != call.notes.get(OWNER):
            _mute(call, kit, leg, on)


def drop(call: Call, kit: Kit, by: str, member: str) -> None:
    """This member leaves, or is rung no more. Raises `Refused`: `no_conference`, `not_owner`, `no_member`."""
    _owned(call, by)
    leg = _member(call, member)
    leg.place = Place.OUT
    kit.note(call, "conference.dropped", {"member": member})


def lock(call: Call, kit: Kit, by: str, on: bool) -> None:
    """Nobody further is let in, or again. Raises `Refused`: `no_conference`, `not_owner`."""
    _owned(call, by)
    _share(call, LOCKED, "1" if on else "")
    kit.note(call, "conference.locked", {"on": on})


def end(call: Call, kit: Kit, by: str) -> None:
    """It is over for everybody, who hears so. Raises `Refused`: `no_conference`, `not_owner`."""
    _owned(call, by)
    _share(call, ENDING, "1")
    kit.note(call, "conference.ended", {"by": by})


def owner(call: Call) -> str:
    """The seat that called it; empty for what is no conference."""
    return _shared(call, OWNER)


def title(call: Call) -> str:
    """What it is called; empty for what is no conference."""
    return _shared(call, TITLE)


def _shared(call: Call, note: str) -> str:
    """From the contact, or, just taken up from an earlier brain, from whoever is there."""
    if call.direction != "conf":
        return ""
    return call.notes.get(note) or next((leg.notes[note] for leg in call.others if leg.notes.get(note)), "")


def members(call: Call) -> list[Leg]:
    """Who takes part or is rung."""
    return [leg for leg in call.others if leg.role == "member" and not leg.gone and leg.place is not Place.OUT]


def _running(call: Call) -> None:
    if call.direction != "conf" or call.stage is not Stage.CONFERENCE or call.notes.get(ENDING):
        raise Refused("no_conference", f"Contact {call.contact} is no conference, or one that is ending.")


def _owned(call: Call, by: str) -> None:
    _running(call)
    if call.notes.get(OWNER) != by:
        raise Refused("not_owner", f"Seat {call.notes.get(OWNER)} has called this conference: ask there.")


def _open_to(call: Call, name: str) -> None:
    if call.notes.get(LOCKED):
        raise Refused("conference_locked", "The conference is locked: unlock it first.")
    if len(members(call)) >= MOST_MEMBERS:
        raise Refused("conference_full", f"A conference has at most {MOST_MEMBERS} members.")
    if any(name in {leg.seat, leg.number} for leg in members(call)):
        raise Refused("takes_part", f"{name} takes part already, or is rung.")


def _member(call: Call, name: str) -> Leg:
    for leg in members(call):
        if leg.name == name:
            return leg
    raise Refused("no_member", f"{name} takes no part in this conference: it has left.")


def _enter(call: Call, kit: Kit, leg: Leg, by: str) -> None:
    for note in _SHARED:
        leg.notes[note] = call.notes.get(note, "")
    call.others.append(leg)
    _share(call, ASKED, call.notes[ASKED])
    kit.note(call, "conference.invited", {"member": leg.name, "who": leg.seat or leg.number, "by": by})


def _share(call: Call, note: str, value: str) -> None:
    call.notes[note] = value
    for leg in call.others:
        leg.notes[note] = value


def _mute(call: Call, kit: Kit, leg: Leg, on: bool) -> None:
    leg.muted = on
    leg.notes["muted"] = "1" if on else ""
    kit.note(call, "conference.muted", {"member": leg.name, "on": on})


async def meeting(call: Call, kit: Kit) -> Stage:
    """People come and go, until the owner ends it or the last has left."""
    _recall(call)
    if not call.notes.get(CAME):
        await kit.switch.make_room(call, Place.ALONE, name=_opened(call))
    while True:
        _see_off(call, kit)
        if call.notes.get(ENDING):
            break
        if not members(call) and call.notes.get(CAME):
            return _over(call)
        if call.notes.get(CAME) and Place.ALONE in call.rooms:
            await kit.switch.close_room(call, Place.ALONE)
        await talk.settle(call, kit)
        call.carried_out()
        for leg in members(call):
            if _to_be_welcomed(call, leg):
                welcoming = _welcome(call, kit, leg)
                call.errands[leg.channel] = asyncio.create_task(welcoming, name=f"welcome {leg.channel}")
        if not await call.until(lambda: _changed(call), None if members(call) else EMPTY_S):
            return _over(call)
    if any(leg.seated is Place.TALK for leg in members(call)):
        await kit.switch.announce(call, "conference-ended")
    return _over(call)


def _opened(call: Call) -> str:
    """What the next brain must know of a conference to which nobody has come, and which no channel tells."""
    return json.dumps({note: call.notes[note] for note in (OWNER, TITLE)}, ensure_ascii=False)


def _to_be_welcomed(call: Call, leg: Leg) -> bool:
    return leg.ours and leg.place is Place.ALONE and leg.channel not in call.errands


def _changed(call: Call) -> bool:
    """Somebody came, left, or is to be somewhere else, in earnest or for his welcome."""
    return any(_to_be_welcomed(call, leg) for leg in members(call)) or any(
        leg.gone or not leg.rung or (leg.ours and (leg.seated is not leg.place or leg.quiet is not leg.muted))
        for leg in call.others
    )


async def _welcome(call: Call, kit: Kit, leg: Leg) -> None:
    """What one who comes hears for himself; then the others hear that he is there.

    It goes on whatever is asked of the conference meanwhile: an owner who asks one after the other is welcomed once.
    """
    if not leg.notes.get(WELCOMED):
        for prompt in ("conference-welcome", "conference-recorded"):
            await kit.switch.tell(call, leg, prompt)
    leg.notes[WELCOMED] = "1"
    others = [one for one in members(call) if one.seated is Place.TALK]
    if not others:
        await kit.switch.tell(call, leg, "conference-alone")
    leg.place = Place.TALK
    _share(call, CAME, "1")
    kit.note(call, "conference.joined", {"member": leg.name, "who": leg.seat or leg.number})
    call.touch()
    if others:
        await kit.switch.announce(call, "conference-join")


def _see_off(call: Call, kit: Kit) -> None:
    """Who has left is forgotten; the owner is told of one who was asked and did not come."""
    for leg in [*call.others]:
        if leg.gone:
            if not leg.up:
                data = {"member": leg.name, "who": leg.seat or leg.number, "cause": leg.cause}
                kit.note(call, "conference.no_answer", {**data, "owner": call.notes.get(OWNER)})
            elif leg.place is not Place.OUT:
                kit.note(call, "conference.left", {"member": leg.name, "who": leg.seat or leg.number})
            talk.departed(call, kit, leg)


def _over(call: Call) -> Stage:
    call.outcome = Outcome.SERVED if call.notes.get(CAME) else Outcome.NO_ANSWER
    return Stage.ENDED


def _recall(call: Call) -> None:
    """What the owner had decided, from whoever is still there."""
    for leg in call.others:
        leg.talked = False  # with no customer: nobody has anything to write down
        if not call.notes.get(OWNER):
            call.notes |= {note: leg.notes[note] for note in _SHARED if leg.notes.get(note)}
    call.seat = call.notes.get(OWNER) or call.seat


STAGES: dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]] = {Stage.CONFERENCE: meeting}
