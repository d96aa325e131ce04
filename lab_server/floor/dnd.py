"""Do not disturb: no queue and no colleague rings this seat. It may still dial, pick up and fetch."""

from lab_server.floor.availability import known
from lab_server.floor.kit import Kit
from lab_server.routing.agents import DO_NOT_DISTURB, Agent, AgentState


def set_dnd(kit: Kit, seat: str, on: bool) -> Agent:
    """Switch it on or off; who has a contact keeps it, and it holds afterwards. Twice is no harm.

    Switched off, the agent is ready, unless it was not ready for another reason. Raises `Refused` `unknown_seat`.
    """
    agent = known(kit, seat)
    kit.seats.dnd(seat, on)
    if agent.state is AgentState.OFFLINE:
        return agent
    if on:
        return kit.distribution.set_state(seat, AgentState.NOT_READY, reason=DO_NOT_DISTURB)
    if agent.do_not_disturb or agent.next_reason == DO_NOT_DISTURB:
        return kit.distribution.set_state(seat, AgentState.READY)
    return agent


def has_dnd(kit: Kit, seat: str) -> bool:
    """Whether it is on, or will be when the agent's contact is over."""
    agent = known(kit, seat)
    return agent.do_not_disturb or agent.next_reason == DO_NOT_DISTURB


def bring_in_line(kit: Kit) -> None:
    """Seats' settings were changed elsewhere: who is at work there is left alone from now on, or no more."""
    for agent in kit.distribution.agents():
        on = kit.directory.seat(agent.seat).dnd
        if agent.state is AgentState.OFFLINE or on == has_dnd(kit, agent.seat):
            continue
        if on:
            kit.distribution.set_state(agent.seat, AgentState.NOT_READY, reason=DO_NOT_DISTURB)
        else:
            kit.distribution.set_state(agent.seat, AgentState.READY)
