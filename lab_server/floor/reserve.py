"""Reserving an agent before his phone rings: nobody else can be given him, and he is afterwards what he was."""

from lab_server.floor.call import Call, Leg
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.agents import AWAY, Agent, AgentState

REASONS = {
    "unknown_seat": "Nobody is signed on at seat {seat}: choose another.",
    "seat_offline": "Nobody is at work at seat {seat}: choose another.",
    "dnd": "Seat {seat} does not want to be disturbed: choose another, or try later.",
    "seat_wrap_up": "Seat {seat} is still writing down its last call: wait a moment, or finish it first.",
    "seat_busy": "Seat {seat} is on the phone: try again when it is free.",
}


def reservable(call: Call, kit: Kit, seat: str) -> Agent:
    """The agent at `seat`, if his phone may ring for this contact; ready or not does not matter.

    Raises `Refused`: `unknown_seat`, `seat_offline`, `dnd`, `seat_wrap_up`, `seat_busy`.
    """
    if not kit.distribution.knows(seat):
        raise refusal("unknown_seat", seat)
    agent = kit.distribution.agent(seat)
    if agent.contact not in {None, call.contact}:
        raise refusal("seat_wrap_up" if agent.state is AgentState.WRAP_UP else "seat_busy", seat)
    if agent.state is AgentState.OFFLINE:
        raise refusal("seat_offline", seat)
    if agent.do_not_disturb:
        raise refusal("dnd", seat)
    return agent


def refusal(error_id: str, seat: str) -> Refused:
    return Refused(error_id, REASONS[error_id].format(seat=seat))


def reserve(call: Call, kit: Kit, leg: Leg, *, dials: bool = False) -> None:
    """The agent of `leg.seat` belongs to this contact now. Raises as `reservable`; nothing has changed then.

    Who `dials` himself, or asked for it, is not protected from disturbance. Someone who was not ready is so again
    afterwards, with his reason, unless he wishes something else meanwhile.
    """
    seat = leg.seat or ""
    try:
        agent = reservable(call, kit, seat)
    except Refused as refused:
        if not dials or refused.error_id not in {"dnd", "seat_offline"}:
            raise
        agent = kit.distribution.agent(seat)
    if agent.contact is None or agent.state is AgentState.WRAP_UP:  # he may be writing down this very contact
        leg.was = agent.state
        kit.distribution.set_state(seat, AgentState.RINGING, call.contact)
        if agent.state in AWAY:
            kit.distribution.set_state(seat, agent.state, reason=agent.reason)
