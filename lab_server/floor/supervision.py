"""What a supervisor may do with others' contacts: listen, whisper, barge in, take down, take over, redirect.

Listening and whispering hang a tap onto the agent's leg (`lab_server.floor.monitor`); barging in makes the supervisor a
party of the talk. The contact never depends on him: when he hangs up, only his part ends. One supervisor at a time.
"""

from typing import Literal

from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.monitor import MODE, ON
from lab_server.floor.parking import leave_place
from lab_server.floor.parties import talking
from lab_server.floor.sending import send_to
from lab_server.routing.agents import AWAY, AgentState
from lab_server.routing.target import Target

Mode = Literal["listen", "whisper", "barge"]

RING_S = 20.0
SENDABLE = frozenset(
    {
        Stage.GREETED, Stage.MENU, Stage.QUEUED, Stage.RINGING, Stage.FORWARDED, Stage.CALLBACK, Stage.PARKED,
        Stage.TALKING,
    }
)  # fmt: skip
TOOK_OVER = "took_over"
"""Note on a supervisor's channel: he serves the customer himself, and writes it down afterwards."""


def listen(call: Call, kit: Kit, seat: str, on: str | None = None) -> None:
    """The phone at `seat` hears what the agent at `on` (None: who serves) says and hears; nobody hears it.

    Raises `Refused`: `not_talking`, `no_such_agent`, `own_call`, `already_supervised`, `seat_busy`, `serving_now`.
    """
    _supervise(call, kit, seat, "listen", on)


def whisper(call: Call, kit: Kit, seat: str, on: str | None = None) -> None:
    """As `listen`, and the agent, nobody else, hears the supervisor. Raises `Refused` as `listen`."""
    _supervise(call, kit, seat, "whisper", on)


def barge(call: Call, kit: Kit, seat: str, on: str | None = None) -> None:
    """The supervisor talks with agent and customer. Raises `Refused` as `listen`, and `consulting`."""
    if call.agent is not None and call.agent.place is Place.CONSULT:
        raise Refused("consulting", "The agent is asking a colleague: whisper, or barge in when the customer is back.")
    _supervise(call, kit, seat, "barge", on)


def stop(call: Call, kit: Kit, seat: str) -> None:
    """The supervisor's phone is let go; the contact goes on. Raises `Refused` `not_monitoring`, `serving_now`."""
    monitoring(call, seat).place = Place.OUT
    kit.book.noted(call, "supervision.stopped", {"seat": seat})


def take_down(call: Call, kit: Kit, seat: str) -> None:
    """End the contact for everybody, whatever stage it is in; the caller is asked for no rating."""
    kit.book.noted(call, "supervision.taken_down", {"seat": seat, "stage": call.stage})
    call.released_by, call.dismissed = "supervisor", True
    if not call.served:
        call.outcome = Outcome.STOPPED


def redirect(call: Call, kit: Kit, seat: str, target: Target) -> None:
    """Send the contact to `target` from whatever stage it is in; who served it is free. Who listens goes on listening.

    Raises `Refused`: those of `sending.send_to`, and `not_sendable` for a contact that rates or leaves a message.
    """
    if call.stage not in SENDABLE or call.customer is None or call.customer.gone:
        raise Refused("not_sendable", f"Contact {call.contact} is {call.stage}: it cannot be sent anywhere now.")
    before = call.stage
    send_to(call, kit, target)
    if before is Stage.PARKED:
        leave_place(call)
    kit.book.noted(call, "supervision.redirected", {"seat": seat, "to": str(target), "stage": before})


def take_over(call: Call, kit: Kit, seat: str) -> None:
    """The agents are let go, and the supervisor, who is listening already, serves the customer from now on.

    Raises `Refused`: `not_talking`, `not_monitoring`, `not_answered`, `serving_now`.
    """
    customer, own = talking(call), monitoring(call, seat)
    if not own.ours:
        raise Refused("not_answered", "Your phone is still ringing: answer it, then take the call over.")
    before = call.agent
    if before is not None:
        call.others.append(before)
    for leg in call.others:
        if leg is before or (leg is not own and leg.place is Place.CONSULT):
            leg.place = Place.OUT
    call.others.remove(own)
    call.agent, call.seat = own, seat
    own.notes[TOOK_OVER], own.notes[MODE] = "1", ""
    customer.notes["agent"] = seat
    own.place = customer.place = Place.TALK
    kit.book.noted(call, "supervision.taken_over", {"seat": seat, "from": before.seat if before else None})


def monitoring(call: Call, seat: str) -> Leg:
    """The supervisor's leg at `seat`. Raises `Refused` `not_monitoring`, `serving_now`."""
    leg = call.leg_at(seat)
    if leg is None or leg.role != "supervisor" or leg.place is Place.OUT:
        raise Refused("not_monitoring", f"Seat {seat} is not listening to contact {call.contact}: listen to it first.")
    if leg is call.agent:
        raise Refused("serving_now", "You serve this customer yourself now: hand the call over or hang up.")
    return leg


def _supervise(call: Call, kit: Kit, seat: str, mode: Mode, on: str | None) -> None:
    talking(call)
    _agent_at(call, on)
    there = call.leg_at(seat)
    if there is not None and there.role != "supervisor":
        raise Refused("own_call", "Your own phone takes part in this contact: choose another one.")
    going = there is None or there.place is Place.OUT
    leg = _ring(call, kit, seat) if going else monitoring(call, seat)
    leg.notes[MODE], leg.notes[ON] = mode, on or ""
    leg.place = Place.TALK if mode == "barge" else Place.MONITOR
    kit.book.noted(call, f"supervision.{mode}", {"seat": seat, "on": on or call.seat})


def _agent_at(call: Call, seat: str | None) -> None:
    """Somebody who can be listened to: the agent named, or else whoever is with the customer."""
    if seat is not None and ((leg := call.leg_at(seat)) is None or leg.role != "agent" or leg.place is Place.OUT):
        raise Refused("no_such_agent", f"Nobody at seat {seat} takes part in contact {call.contact}: look again.")


def _ring(call: Call, kit: Kit, seat: str) -> Leg:
    others = [leg for leg in call.legs() if leg.role == "supervisor" and not leg.gone and leg.place is not Place.OUT]
    if others:
        raise Refused("already_supervised", f"Seat {others[0].seat} supervises this contact already.")
    was = _reserve(call, kit, seat)
    leg = call.new_leg("supervisor", kit.now_utc(), seat=seat, endpoint=f"PJSIP/{seat}", ring_s=RING_S)
    leg.was = was
    call.others.append(leg)
    return leg


def _reserve(call: Call, kit: Kit, seat: str) -> AgentState | None:
    """No call is offered to a phone that listens. A supervisor need not be signed on as an agent."""
    busy = Refused("seat_busy", f"The phone at seat {seat} is on another call, or its agent writes one down: end that.")
    if any(_has(other, seat) for other in kit.contacts.calls()):
        raise busy
    if not kit.distribution.knows(seat):
        return None
    before = kit.distribution.agent(seat)
    if before.contact is not None:
        raise busy
    kit.distribution.set_state(seat, AgentState.RINGING, call.contact)
    if before.state in AWAY:  # a wish: afterwards he is away again, for the same reason
        kit.distribution.set_state(seat, before.state, reason=before.reason)
    return before.state


def _has(call: Call, seat: str) -> bool:
    leg = call.leg_at(seat)
    return leg is not None and leg.place is not Place.OUT
