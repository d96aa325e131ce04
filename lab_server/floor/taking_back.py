"""After a gap: agents, the queue and the books are brought in line with what was found, or not found any more."""

import logging
from collections.abc import Callable

from lab_server.floor import talk
from lab_server.floor.adoption import Finding
from lab_server.floor.beside import is_beside
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.kit import Kit
from lab_server.routing.acd import RoutingError
from lab_server.routing.agents import AgentState

log = logging.getLogger(__name__)


def take_back(finding: Finding, kit: Kit, let_go: Callable[[str], None]) -> None:
    """Bring agents and the queue in line with what was found; `let_go` hangs up a channel that is nobody's leg."""
    call, distribution = finding.call, kit.distribution
    call.adopted = call.adopted or not finding.known
    for leg in finding.vanished:
        kit.gone(call, leg)
        if leg.up:
            kit.free(call, leg)
    for channel in finding.surplus:
        let_go(channel)
    if call.stage is Stage.QUEUED and call.queue is not None and call.waiting_since_s is not None:
        distribution.wait(call, kit.settings.wanted_seat_wait_s)
    if (call.agent is None or call.agent.gone) and not call.offered:
        distribution.free_ringing(call.contact)
    if call.stage is Stage.RATED and not finding.known:
        talk.end(call, kit)  # the brain before us may have died before it could write that down
    for leg in call.legs():
        if leg.seat is None or leg.gone or is_beside(leg) or not distribution.knows(leg.seat):
            continue
        talks = leg.up and call.stage in {Stage.TALKING, Stage.CONFERENCE}
        state = AgentState.TALKING if talks else AgentState.RINGING
        try:
            distribution.set_state(leg.seat, state, call.contact)
        except RoutingError as odd:
            log.warning("contact %s: %s", call.contact, odd)
    here = {leg.seat for leg in call.legs() if not leg.gone}
    for agent in distribution.agents():
        if agent.contact == call.contact and agent.state is AgentState.TALKING and agent.seat not in here:
            # he left while nobody saw it
            distribution.free_from(agent.seat, call.contact, AgentState.WRAP_UP, queue=call.queue)


def lost(call: Call, kit: Kit) -> None:
    """Its channels went while nobody listened: its agents are free, and it is broken if nothing says otherwise."""
    for leg in call.legs():
        kit.gone(call, leg)
    if call.served:
        kit.book.talk_ended(call)
    kit.distribution.leave(call)
    for leg in call.legs():
        leg.talked = leg.talked or (call.served and leg is call.agent and not call.internal)
        kit.free(call, leg)
    if call.outcome is None and call.stage not in {Stage.RATED, Stage.ENDED}:
        call.outcome = Outcome.BROKEN
