"""What `GET /channels` alone tells of the contacts on the line (DESIGN: a call is a story, every stage re-entrant)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lab_server.floor.call import Call, Leg, Stage
from telephony.ari import Channel
from telephony.clock import Clock


@dataclass
class Finding:
    """A contact found on the switch, with the stage its story is to go on from.

    `vanished`: legs we knew that are not there any more; `surplus`: channels that a story had already given up.
    """

    call: Call
    known: bool
    vanished: list[Leg] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)


def findings(channels: Iterable[Channel], clock: Clock, known: Mapping[str, Call] | None = None) -> list[Finding]:
    """Group channels by contact and rebuild each call; what the same brain still knows of it is kept.

    Channels that are no contact's leg (announcers, snoops) are passed over.
    """
    by_contact: dict[str, list[Channel]] = defaultdict(list)
    for channel in channels:
        contact = channel.channelvars.get("RS_CONTACT", "")
        if contact and channel.channelvars.get("RS_ROLE") in {"customer", "agent"}:
            by_contact[contact].append(channel)
    return [_rebuild(contact, legs, (known or {}).get(contact), clock) for contact, legs in by_contact.items()]


def _rebuild(contact: str, channels: list[Channel], known: Call | None, clock: Clock) -> Finding:
    variables = _merged(channels)
    call = known or _new_call(contact, variables, clock)
    call.folder = call.folder or variables.get("RS_RECORDING", "")
    before = {leg.channel: leg for leg in call.legs()}
    found = Finding(call, known is not None)
    call.customer = call.agent = None
    for channel in sorted(channels, key=_leg_order):
        leg = before.pop(channel.id, None) or Leg(channel.id, channel.channelvars.get("RS_LEG") or "leg")
        if channel.is_up and not leg.up:
            leg.up = True
            if call.direction == "in" and call.stage is Stage.SCREENED:
                leg.up_at = channel.created_at  # no brain was there: the dialplan's door answers at once
        leg.ours = channel.in_stasis
        if channel.channelvars.get("RS_ROLE") == "customer":
            call.customer = leg
            call.customer_number = call.customer_number or _number(channel.caller.number)
        else:
            if call.agent is not None:
                found.surplus.append(call.agent.channel)
            call.agent = leg
            call.seat = call.seat or variables.get("RS_AGENT") or channel.caller.number
    found.vanished = [leg for leg in before.values() if not leg.gone]
    _go_on(call)
    return found


def _leg_order(channel: Channel) -> tuple[int, str]:
    """agent-2 after agent-1, agent-10 after agent-9: the last one is the one that counts."""
    name = channel.channelvars.get("RS_LEG", "")
    return len(name), name


def _new_call(contact: str, variables: Mapping[str, str], clock: Clock) -> Call:
    outbound, dialled = variables.get("RS_DIRECTION") == "out", variables.get("RS_DIALLED", "")
    call = Call(
        contact=contact,
        direction="out" if outbound else "in",
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
    """The variables of all legs; the first leg's win, an empty value never hides a set one."""
    merged: dict[str, str] = {}
    for channel in channels:
        for name, value in channel.channelvars.items():
            if value and not merged.get(name):
                merged[name] = value
    return merged


def _recall(call: Call, variables: Mapping[str, str], clock: Clock) -> None:
    """Take back what an earlier brain wrote on the channels."""
    stage = variables.get("RS_STAGE", "")
    call.stage = Stage(stage) if stage in set(Stage) else Stage.SCREENED
    call.queue = variables.get("RS_QUEUE") or None
    call.wanted_seat = variables.get("RS_WANTED") or None
    call.seat = variables.get("RS_AGENT") or None
    call.announced = variables.get("RS_ANNOUNCED") == "1"
    rating = variables.get("RS_RATING", "")
    call.rating = int(rating) if rating.isdecimal() else None
    call.served = call.stage in {Stage.TALKING, Stage.RATED}
    offers, since_ms = variables.get("RS_OFFERS", ""), variables.get("RS_SINCE", "")
    call.offers = int(offers) if offers.isdecimal() else 0
    if since_ms.isdecimal():
        call.waiting_since_s = clock.monotonic() - (clock.utc().timestamp() - int(since_ms) / 1000)


def _go_on(call: Call) -> None:
    """From the stage written down, unless the legs say that the contact has gone past it meanwhile."""
    lost_customer = call.direction == "out" and call.stage is Stage.TALKING and call.customer is None
    if call.first is None or lost_customer:
        call.stage = Stage.ENDED  # who began the contact, or was phoned, has hung up: what is left is to be released
    elif call.direction == "in" and call.stage is Stage.RINGING and call.agent is None:
        call.stage, call.seat = Stage.QUEUED, None
