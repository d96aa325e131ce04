"""What `GET /channels` alone tells of the contacts on the line (DESIGN: a call is a story, every stage re-entrant)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_server.floor.call import Call, Leg, Stage
from telephony.ari import Channel
from telephony.clock import Clock


@dataclass(frozen=True)
class Finding:
    """A contact found on the switch, with the stage its story is to go on from."""

    call: Call


def findings(channels: Iterable[Channel], clock: Clock, known: Mapping[str, Call] | None = None) -> list[Finding]:
    """Group channels by contact and rebuild each call; what the same brain still knows of it is kept.

    Channels that are no contact's leg (announcers, snoops) are passed over.
    """
    by_contact: dict[str, list[Channel]] = defaultdict(list)
    for channel in channels:
        contact = channel.channelvars.get("RS_CONTACT", "")
        if contact and channel.channelvars.get("RS_ROLE") in {"customer", "agent"}:
            by_contact[contact].append(channel)
    return [Finding(_rebuild(contact, legs, (known or {}).get(contact), clock)) for contact, legs in by_contact.items()]


def _rebuild(contact: str, channels: list[Channel], known: Call | None, clock: Clock) -> Call:
    variables = _merged(channels)
    call = known or Call(
        contact=contact,
        direction="out" if variables.get("RS_DIRECTION") == "out" else "in",
        trunk=variables.get("RS_TRUNK", "lab"),
        customer_number="",
        dialled=variables.get("RS_DIALLED", ""),
        stage=Stage.SCREENED,
    )
    if known is None:
        _recall(call, variables, clock)
    call.folder = call.folder or variables.get("RS_RECORDING", "")
    before = {leg.channel: leg for leg in call.legs()}
    call.customer = call.agent = None
    for channel in channels:
        leg = before.get(channel.id) or Leg(channel.id, channel.channelvars.get("RS_LEG") or "leg")
        leg.up = leg.up or channel.is_up
        if channel.channelvars.get("RS_ROLE") == "customer":
            call.customer = leg
            call.customer_number = call.customer_number or (
                call.dialled if call.direction == "out" else channel.caller.number
            )
        else:
            call.agent = leg
            call.seat = call.seat or variables.get("RS_AGENT") or channel.caller.number
    call.stage = _stage_to_go_on_from(call)
    return call


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
    call.served = call.stage in {Stage.TALKING, Stage.RATED}
    offers, since_ms = variables.get("RS_OFFERS", ""), variables.get("RS_SINCE", "")
    call.offers = int(offers) if offers.isdecimal() else 0
    if since_ms.isdecimal():
        call.waiting_since_s = clock.monotonic() - (clock.utc().timestamp() - int(since_ms) / 1000)


def _stage_to_go_on_from(call: Call) -> Stage:
    """The stage written down, unless the legs say that the contact has gone past it meanwhile."""
    first = call.agent if call.direction == "out" else call.customer
    if first is None or (call.direction == "out" and call.stage is Stage.TALKING and call.customer is None):
        return Stage.ENDED  # who began the contact has hung up: what is left is to be released
    if call.stage is Stage.ENDED:
        return Stage.ENDED
    return call.stage
