"""The agent who served this caller last: it gets that one, if the queue wants it so and the agent can be expected."""

from datasets import sayings
from lab_server.floor.call import Call
from lab_server.floor.kit import Kit
from lab_server.routing.agents import AgentState
from lab_server.routing.queues import LastAgent, QueueRules

YES = "1"
ANSWER_S = 4.0
"""So long after the question the caller may answer; then anybody may serve it."""


def prefer(call: Call, kit: Kit, rules: QueueRules) -> None:
    """Let the caller wait for its last agent, for `last_agent_wait_s` at most, if the queue's rule is to."""
    seat = _last(call, kit, rules, LastAgent.PREFER)
    if seat is not None:
        _chosen(call, kit, rules, seat, kit.distribution.can_expect(seat))


def to_be_asked(call: Call, kit: Kit, rules: QueueRules) -> bool:
    """Whether the caller is to choose first. Until then it waits for nobody: it would be given whoever is free."""
    seat = _last(call, kit, rules, LastAgent.ASK)
    return seat is not None and kit.distribution.agent(seat).state is AgentState.READY


async def ask(call: Call, kit: Kit, rules: QueueRules) -> None:
    """Ask, and wait a bounded time for the key. Without a voice nobody is asked."""
    seat, leg, language = call.last_seat, call.customer, call.language or kit.settings.plan.language
    if seat is None or leg is None:
        return
    question = await kit.announcer.say(sayings.last_agent(seat, language), language)
    if question is not None:
        await kit.switch.say(call, leg, question, cut=lambda: bool(call.digits))
        await call.until(lambda: bool(call.digits), ANSWER_S)
    keyed, call.digits = call.digits, ""
    _chosen(call, kit, rules, seat, keyed[:1] == YES)


def _last(call: Call, kit: Kit, rules: QueueRules, rule: LastAgent) -> str | None:
    """The last agent's seat, if the queue has this rule, that agent serves it and the caller wished for no other."""
    seat = call.last_seat
    if rules.last_agent is not rule or seat is None or call.wanted_seat is not None or not kit.distribution.knows(seat):
        return None
    return seat if rules.level_of(kit.distribution.agent(seat)) else None


def _chosen(call: Call, kit: Kit, rules: QueueRules, seat: str, wanted: bool) -> None:
    call.last_seat = None
    if wanted and call.waiting_since_s is not None:
        call.wanted_seat = seat
        call.wanted_s = kit.clock.monotonic() - call.waiting_since_s + rules.last_agent_wait_s
    if call.customer is not None:
        call.customer.notes["last"] = ""
    kit.book.noted(call, "last_agent", {"seat": seat, "wanted": wanted, "rule": rules.last_agent})
