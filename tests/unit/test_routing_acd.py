import pytest

from lab_server.routing.acd import Acd, Offer, RoutingError, Waiting
from lab_server.routing.agents import AgentState


def ready(acd: Acd, seat: str, since_s: float) -> None:
    acd.sign_on(seat, since_s)
    acd.set_state(seat, AgentState.READY, since_s)


def test_the_agent_idle_longest_gets_the_caller_who_came_first():
    acd = Acd()
    ready(acd, "1002", 5.0)
    ready(acd, "1001", 9.0)
    acd.wait(Waiting("late", "order", 12.0))
    acd.wait(Waiting("early", "order", 11.0))
    assert acd.assign(13.0) == [Offer("early", "1002"), Offer("late", "1001")]
    assert acd.waiting() == []


def test_being_ready_again_does_not_restart_the_idle_time():
    acd = Acd()
    ready(acd, "1001", 1.0)
    ready(acd, "1002", 2.0)
    acd.set_state("1001", AgentState.READY, 50.0)
    acd.wait(Waiting("a", "order", 60.0))
    assert acd.assign(60.0) == [Offer("a", "1001")]


def test_who_asked_for_a_seat_waits_for_it_and_lets_others_pass_until_the_time_is_over():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.sign_on("1002", 0.0)
    acd.wait(Waiting("wants-1002", "order", 1.0, seat="1002", seat_until_s=30.0))
    acd.wait(Waiting("anyone", "order", 2.0))
    assert acd.assign(3.0) == [Offer("anyone", "1001")]
    acd.set_state("1001", AgentState.TALKING, 3.0, "anyone")
    ready(acd, "1003", 20.0)
    assert acd.assign(29.0) == []
    assert acd.assign(30.0) == [Offer("wants-1002", "1003")]


def test_an_agent_with_a_contact_cannot_be_given_another():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.set_state("1001", AgentState.TALKING, 1.0, "a")
    with pytest.raises(RoutingError) as refused:
        acd.set_state("1001", AgentState.RINGING, 2.0, "b")
    assert refused.value.error_id == "agent_has_contact"
    assert acd.agent("1001").contact == "a"


def test_an_unknown_seat_is_named():
    with pytest.raises(RoutingError, match="seat 4711"):
        Acd().agent("4711")
