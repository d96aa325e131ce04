"""The agent who served this caller last: it gets that one, if the queue wants it so and the agent can be expected."""

from datasets import sayings
from lab_server.floor.call import Call
from lab_server.floor.kit import Kit
from lab_server.floor.screened import customer
from lab_server.routing.agents import AgentState
from lab_server.routing.queues import LastAgent, QueueRules

YES = "1"
ANSWER_S = 4.0
"""So long after the question the caller may answer; then anybody may serve it."""


async def choose(call: Call, kit: Kit, rules: QueueRules) -> None:
    """Set `call.wanted_seat` to the last agent, for `last_agent_wait_s` at most; asked first, if the rules say so.

    While it is asked the caller waits for nobody else, but keeps its place. Nobody is asked twice.
    """
    seat = call.last_seat
    if seat is None or call.wanted_seat is not None or rules.last_agent is LastAgent.OFF:
        return
    call.last_seat = None
    if not kit.distribution.knows(seat) or not kit.distribution.agent(seat).serves(rules.name):
        return
    if rules.last_agent is LastAgent.ASK:
        wanted = kit.distribution.agent(seat).state is AgentState.READY and await _asked(call, kit, seat)
    else:
        wanted = kit.distribution.can_expect(seat)
    if wanted and call.waiting_since_s is not None:
        waited_s = kit.clock.monotonic() - call.waiting_since_s
        call.wanted_seat, call.wanted_s = seat, waited_s + rules.last_agent_wait_s
    kit.book.noted(call, "last_agent", {"seat": seat, "wanted": wanted, "rule": rules.last_agent})


async def _asked(call: Call, kit: Kit, seat: str) -> bool:
    """Whether the caller keys that it wants this agent. Without an announcer nobody is asked."""
    language = call.language or kit.settings.plan.language
    question = await kit.announcer.say(sayings.last_agent(seat, language), language)
    if question is None:
        return False
    kit.distribution.leave(call)
    await kit.switch.say(call, customer(call), question, cut=lambda: bool(call.digits))
    await call.until(lambda: bool(call.digits), ANSWER_S)
    keyed, call.digits = call.digits, ""
    return keyed[:1] == YES
