"""Ready (示闲), not ready (示忙) and the end of wrapping up, by command.

An agent with a contact keeps it; what it asks for is a wish that comes true when the contact is over.
"""

from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.agents import DO_NOT_DISTURB, NO_ANSWER, Agent, AgentState
from telephony.numbers import NumberError
from telephony.trunks import HouseTrunk

LONGEST_REASON = 40


def known(kit: Kit, seat: str) -> Agent:
    """The agent at `seat`. Raises `Refused` `unknown_seat`."""
    if not kit.distribution.knows(seat):
        raise Refused("unknown_seat", f"Nobody has signed on at seat {seat}: sign on there first.")
    return kit.distribution.agent(seat)


def sign_on(kit: Kit, seat: str) -> Agent:
    """Somebody works at this seat from now on, not ready yet; do not disturb holds as it did before. Twice is no harm.

    Raises `Refused` `no_such_seat`.
    """
    try:
        is_seat = isinstance(kit.trunk_for(seat, seat), HouseTrunk)
    except NumberError:
        is_seat = False
    if not is_seat:
        raise Refused("no_such_seat", f"There is no seat {seat} here: see seats_from and seats in the settings.")
    new = not kit.distribution.knows(seat)
    agent = kit.distribution.sign_on(seat)
    if not new and agent.state is not AgentState.OFFLINE:
        return agent
    reason = DO_NOT_DISTURB if kit.directory.seat(seat).dnd else ""
    return kit.distribution.set_state(seat, AgentState.NOT_READY, reason=reason)


def sign_off(kit: Kit, seat: str) -> Agent:
    """Nobody works there any more; in a call it comes true afterwards. Raises `Refused` `unknown_seat`."""
    known(kit, seat)
    return kit.distribution.set_state(seat, AgentState.OFFLINE)


def set_ready(kit: Kit, seat: str) -> Agent:
    """Calls may come; do not disturb ends, and so does wrapping up. Raises `Refused`: `unknown_seat`, `signed_off`."""
    agent = known(kit, seat)
    _signed_on(agent)
    if agent.do_not_disturb or agent.next_reason == DO_NOT_DISTURB:
        kit.seats.dnd(seat, False)
    for call in kit.contacts.calls():
        leg = call.leg_at(seat)
        if leg is not None:
            leg.was = AgentState.READY  # and not what it was before this contact
    return kit.distribution.set_state(seat, AgentState.READY)


def set_not_ready(kit: Kit, seat: str, reason: str = "") -> Agent:
    """No queue's calls come; colleagues may still ring. `reason` is the agent's own word: lunch, training.

    Raises `Refused`: `unknown_seat`, `signed_off`, `bad_reason` (too long, not printable, or one of the floor's own
    words).
    """
    agent = known(kit, seat)
    _signed_on(agent)
    if len(reason) > LONGEST_REASON or not (reason or "x").isprintable() or reason in {DO_NOT_DISTURB, NO_ANSWER}:
        raise Refused("bad_reason", f"{reason!r:.60} is no reason: use up to {LONGEST_REASON} characters of your own.")
    return kit.distribution.set_state(seat, AgentState.NOT_READY, reason=reason)


def finish_wrap_up(kit: Kit, seat: str, contact: str | None = None) -> Agent:
    """Everything is written down: what was wished comes true, else the agent is ready.

    Raises `Refused`: `unknown_seat`, `not_in_wrap_up` (also when it is another contact's than `contact`).
    """
    agent = known(kit, seat)
    if agent.state is not AgentState.WRAP_UP or contact not in {None, agent.contact}:
        raise Refused("not_in_wrap_up", f"Seat {seat} is {agent.state}: there is nothing to finish.")
    return kit.distribution.finish_wrap_up(seat, contact)


def _signed_on(agent: Agent) -> None:
    if agent.state is AgentState.OFFLINE:
        raise Refused("signed_off", f"Seat {agent.seat} has signed off: sign on first.")
