"""What `GET /channels` alone tells of the contacts on the line (DESIGN: a call is a story, every stage re-entrant)."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from datasets.language import LANGUAGES
from lab_server.floor.arrangement import SENT_TO, TO_RING, reached_at
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.routing.agents import AgentState
from telephony.ari import Bridge, Channel
from telephony.clock import Clock
from telephony.seat_phones import is_page

BEFORE_RINGING = frozenset({Stage.SCREENED, Stage.GREETED, Stage.MENU, Stage.QUEUED})
"""A contact may ring before that is written on its customer's channel: the phone goes first."""

ROLES = frozenset({"customer", "agent", "party", "supervisor", "member"})


@dataclass
class Finding:
    """A contact found on the switch, with the stage its story is to go on from.

    `vanished`: legs we knew that are not there any more; `surplus`: channels that a story had already given up.
    """

    call: Call
    known: bool
    vanished: list[Leg] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)


def findings(
    channels: Iterable[Channel],
    clock: Clock,
    known: Mapping[str, Call] | None = None,
    bridges: Iterable[Bridge] = (),
) -> list[Finding]:
    """Group channels by contact and rebuild each call; what the same brain still knows of it is kept.

    Channels that are no contact's leg (announcers, snoops) are passed over. A conference to which nobody has come may
    have no channel at all: its bridge tells of it.
    """
    by_contact: dict[str, list[Channel]] = defaultdict(list)
    for channel in channels:
        contact = channel.channelvars.get("RS_CONTACT", "")
        if contact and channel.channelvars.get("RS_ROLE") in ROLES:
            by_contact[contact].append(channel)
    bridges = tuple(bridges)
    rooms = {bridge.id: frozenset(bridge.channels) for bridge in bridges}
    opened = _opened(bridges)
    return [
        _rebuild(contact, by_contact[contact], (known or {}).get(contact), clock, rooms, opened.get(contact, {}))
        for contact in dict.fromkeys((*by_contact, *opened))
    ]


def _opened(bridges: Iterable[Bridge]) -> dict[str, dict[str, str]]:
    """Conferences to which nobody has come yet: who has called each, and its title (see `conference`)."""
    ending = f"-{Place.ALONE}"
    waiting = {bridge.id.removesuffix(ending): _read(bridge.name) for bridge in bridges if bridge.id.endswith(ending)}
    return {contact: notes for contact, notes in waiting.items() if notes}


def _rebuild(
    contact: str, channels: list[Channel], known: Call | None, clock: Clock, rooms: Mapping[str, frozenset[str]],
    opened: Mapping[str, str],
) -> Finding:  # fmt: skip
    variables = _merged(channels) if channels else _conference(opened)
    call = known or _new_call(contact, variables, clock)
    call.notes = {**opened, **call.notes}
    call.folder = call.folder or variables.get("RS_RECORDING", "")
    call.rooms = {place for place in Place if call.room(place) in rooms}
    before = {leg.channel: leg for leg in call.legs()}
    served_by = call.agent
    found = Finding(call, known is not None)
    call.customer, call.agent, call.others = None, None, []
    for channel in sorted(channels, key=_leg_order):
        leg = before.pop(channel.id, None) or _new_leg(channel)
        if channel.is_up and not leg.up:
            leg.up = True
            if call.direction == "in" and call.stage is Stage.SCREENED:
                leg.up_at = channel.created_at  # no brain was there: the dialplan's door answers at once
        leg.ours = channel.in_stasis
        leg.seated = next((place for place in call.rooms if channel.id in rooms[call.room(place)]), Place.ALONE)
        if leg.role == "customer":
            call.customer = leg
            call.customer_number = call.customer_number or _number(channel.caller.number)
        elif leg.role == "agent" and known is None and _counted(leg) <= call.dropped:
            found.surplus.append(channel.id)
        else:
            call.others.append(leg)
    _find_agent(call, served_by if known is not None else None)
    call.offers = max([call.offers, *(_counted(leg) for leg in call.legs() if leg.role == "agent")])
    found.vanished = [leg for leg in before.values() if not leg.gone]
    if known is None and call.stage in BEFORE_RINGING and call.direction == "in" and _rings(call, channels):
        call.stage = Stage.RINGING
    _go_on(call)
    call.unheld = call.stage is Stage.RINGING and call.customer is not None and not _in_queue(call.customer, rooms)
    return found


def _rings(call: Call, channels: Iterable[Channel]) -> bool:
    """Whether the phone of who serves next was rung, and nothing more: its leg has been told no later stage."""
    agent = call.agent
    return agent is not None and any(
        channel.id == agent.channel and channel.var("RS_STAGE") == Stage.RINGING for channel in channels
    )


def _in_queue(leg: Leg, rooms: Mapping[str, frozenset[str]]) -> bool:
    return any(room.startswith("queue-") and leg.channel in there for room, there in rooms.items())


def _find_agent(call: Call, before: Leg | None) -> None:
    """Who serves the customer, or is rung for it. Nobody while it is on its way from one to the other."""
    _let_go(call)
    there = [leg for leg in call.others if leg.place is not Place.OUT]
    serving = [leg for leg in there if leg is before] or [leg for leg in there if leg.notes.get("serving") == "1"]
    handed_on = call.stage is Stage.TALKING and call.customer is not None and call.customer.place is Place.HOLD
    if not serving and not handed_on:
        serving = [leg for leg in there if leg.role == "agent"]
    if serving:
        call.agent = serving[0]
        call.seat = call.agent.seat or call.seat
        call.others.remove(call.agent)


def _let_go(call: Call) -> None:
    """The customer was just being sent on: whoever had it is to go, who may not have been told so yet."""
    notes = call.customer.notes if call.customer is not None else {}
    if call.stage is Stage.TALKING and notes.get(TO_RING):
        for leg in call.others:
            if leg.role != "supervisor" and reached_at(leg) != notes.get(SENT_TO):
                leg.place = Place.OUT


def _new_leg(channel: Channel) -> Leg:
    """A leg as its channel tells it, with what an earlier brain wrote there."""
    notes = _notes(channel)
    name = channel.var("RS_LEG") or "leg"
    place = notes.get("place", "")
    was = notes.get("was", "")
    seat = notes.get("agent") or channel.var("RS_AGENT") or channel.caller.number
    return Leg(
        channel.id,
        name,
        seat=seat if name.startswith(("agent", "supervisor")) else _own_seat(name, notes),
        place=Place(place) if place in set(Place) else Place.ALONE,
        muted=notes.get("muted") == "1",
        silent=notes.get("silent") == "1",
        talked=notes.get("talked") == "1" or (place == Place.TALK and channel.is_up),
        was=AgentState(was) if was in set(AgentState) else None,
        number=notes.get("number", ""),
        rung=True,
        page=notes.get("page") == "1" or (seat is not None and is_page(channel.name, seat)),
        notes=notes,
        written=channel.var("RS_NOTE"),
    )


def _own_seat(name: str, notes: Mapping[str, str]) -> str | None:
    """A party's or a member's; on the customer's channel the same note says who serves him."""
    return None if name.startswith("customer") else notes.get("agent")


def _conference(opened: Mapping[str, str]) -> dict[str, str]:
    """What a channel of it would tell."""
    told = {"RS_DIRECTION": "conf", "RS_TRUNK": "house", "RS_STAGE": Stage.CONFERENCE}
    return told | {"RS_DIALLED": opened.get("title", ""), "RS_AGENT": opened.get("owner", "")}


def _notes(channel: Channel) -> dict[str, str]:
    return _read(channel.var("RS_NOTE"))


def _read(noted: str) -> dict[str, str]:
    try:
        notes = json.loads(noted or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in notes.items()} if isinstance(notes, dict) else {}


def _counted(leg: Leg) -> int:
    number = leg.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _leg_order(channel: Channel) -> tuple[int, str]:
    """agent-2 after agent-1, agent-10 after agent-9."""
    name = channel.channelvars.get("RS_LEG", "")
    return len(name), name


def _new_call(contact: str, variables: Mapping[str, str], clock: Clock) -> Call:
    outbound = variables.get("RS_DIRECTION") == "out"
    dialled = variables.get("dialled") or variables.get("RS_DIALLED", "")
    call = Call(
        contact=contact,
        direction="out" if outbound else "conf" if variables.get("RS_DIRECTION") == "conf" else "in",
        trunk=variables.get("RS_TRUNK") or ("" if outbound else "lab"),
        customer_number=dialled if outbound else "",
        dialled=dialled,
        stage=Stage.SCREENED,
    )
    _recall(call, variables, clock)
    return call


def _number(given: str) -> str:
    """A caller's number as it came, but printable and of a length that no number has."""
    return "".join(character for character in given if character.isprintable())[:40]


def _merged(channels: list[Channel]) -> dict[str, str]:
    """The variables and notes of all legs; the first leg's win, an empty value never hides a set one."""
    merged: dict[str, str] = {}
    for channel in channels:
        for name, value in (channel.channelvars | _notes(channel)).items():
            if value and not merged.get(name):
                merged[name] = value
    return merged


def _recall(call: Call, told: Mapping[str, str], clock: Clock) -> None:
    """Take back what an earlier brain wrote on the channels."""
    stage = told.get("RS_STAGE", "")
    call.stage = Stage(stage) if stage in set(Stage) else Stage.SCREENED
    call.queue = told.get("queue") or None
    call.unrecorded = told.get("unrecorded", "")
    call.wanted_seat = told.get("wanted") or None
    call.seat = told.get("agent") or told.get("RS_AGENT") or None
    call.announced = told.get("announced") == "1"
    call.language = next((one for one in LANGUAGES if one == told.get("language")), None)
    call.priority = _count(told.get("priority", "")) or 0
    call.music = told.get("music") or call.music
    call.menu = told.get("menu", "")
    call.last_seat = told.get("last") or None
    call.wanted_s = _seconds(told.get("wanted_s", ""))
    call.rating = _count(told.get("rating", ""))
    call.served = told.get("served") == "1" or call.stage in {Stage.TALKING, Stage.RATED}
    call.offers, call.dropped = _count(told.get("offers", "")) or 0, _count(told.get("dropped", "")) or 0
    call.trunk = told.get("trunk") or call.trunk
    since_ms = _count(told.get("since", ""))
    if since_ms is not None:
        call.waiting_since_s = clock.monotonic() - (clock.utc().timestamp() - since_ms / 1000)
    back_ms = _count(told.get("back", ""))
    if back_ms is not None:
        call.back_since_s = clock.monotonic() - (clock.utc().timestamp() - back_ms / 1000)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _go_on(call: Call) -> None:
    """From the stage written down, unless the legs say that the contact has gone past it meanwhile."""
    lost_customer = call.direction == "out" and call.stage is Stage.TALKING and call.customer is None
    lost_customer = lost_customer and not call.internal
    if call.direction != "conf" and (lost_customer or (call.customer is None and call.agent is None)):
        call.stage = Stage.ENDED  # who began the contact, or was phoned, has hung up: what is left is to be released
    elif call.over:
        call.stage = Stage.ENDED
    elif call.direction == "in" and call.stage is Stage.RINGING and call.agent is None:
        call.stage, call.seat = Stage.QUEUED, None
    if call.stage is Stage.TALKING and call.customer is not None and call.customer.place is Place.ALONE:
        call.customer.place = Place.TALK
    elif call.stage is Stage.RATED and call.customer is not None:
        call.customer.place = Place.ALONE  # whatever it was when that was last written down
