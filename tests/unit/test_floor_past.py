"""What the switch's own log tells of calls that nobody watched."""

from datetime import UTC, datetime, timedelta

from lab_server.floor.call import Call, Leg, Stage
from lab_server.floor.past import past
from telephony.asterisk.cel import ChannelEvent

BEGAN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CONTACT = "01JD0000000000000000000ABC"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def event(kind: str, seconds: float, channel: str, leg: str = "") -> ChannelEvent:
    """As the log has them: contact and leg are known once the dialplan has named the channel."""
    return ChannelEvent(
        kind=kind, at=at(seconds), channel_id=channel, linked_id="c", channel="PJSIP/x", contact=CONTACT if leg else "",
        leg=leg, extra="",
    )  # fmt: skip


TALK = (
    event("ANSWER", 1.0, "c", "customer"),
    event("ANSWER", 5.0, "a"),
    event("HANGUP", 20.0, "a", "agent-1"),
    event("HANGUP", 24.0, "c", "customer"),
)


def talking(*legs: Leg) -> Call:
    call = Call(CONTACT, "in", "lab", "16300000001", "95000", Stage.TALKING, served=True)
    for leg in legs:
        if leg.name == "customer":
            call.customer = leg
        else:
            call.agent = leg
    return call


def test_a_leg_that_was_answered_unseen_gets_its_real_time() -> None:
    call = talking(Leg("c", "customer", up=True), Leg("a", "agent-1", up=True))
    past(TALK[:2]).recall(call, agent_was_there=True)
    assert [leg.up_at for leg in call.legs()] == [at(1.0), at(5.0)]
    assert [leg.gone_at for leg in call.legs()] == [None, None]


def test_an_agent_who_hung_up_unseen_is_found_again_with_the_end_of_the_talk() -> None:
    call = talking(Leg("c", "customer", up=True, up_at=at(1.0)))
    past(TALK[:3]).recall(call, agent_was_there=True)
    assert call.agent is not None
    assert (call.agent.name, call.agent.gone, call.agent.gone_at) == ("agent-1", True, at(20.0))


def test_a_call_that_ended_unseen_ended_when_its_last_leg_did_by_who_left_first() -> None:
    call = talking(Leg("c", "customer", up=True), Leg("a", "agent-1", up=True))
    past(TALK).close(call)
    assert (call.ended_at, call.released_by) == (at(24.0), "agent")


def test_what_died_with_the_switch_ended_when_it_was_last_heard_and_nobody_hung_up() -> None:
    call = talking(Leg("c", "customer", up=True), Leg("a", "agent-1", up=True))
    past(TALK[:2]).close(call, at(9.0))
    assert (call.ended_at, call.released_by) == (at(9.0), None)


def test_without_a_log_nothing_is_made_up() -> None:
    call = talking(Leg("c", "customer", up=True))
    past(()).close(call)
    assert (call.ended_at, call.released_by, call.agent) == (None, None, None)
