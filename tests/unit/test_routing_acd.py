"""Who gets whom: each rule of the distribution on a small floor."""

import pytest

from lab_server.routing.acd import Acd, Offer, RoutingError, Waiting
from lab_server.routing.agents import DO_NOT_DISTURB, NO_ANSWER, AgentState
from lab_server.routing.queues import QueueRules, Strategy
from lab_server.routing.target import Target

READY, NOT_READY, OFFLINE = AgentState.READY, AgentState.NOT_READY, AgentState.OFFLINE
RINGING, TALKING, WRAP_UP = AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP


def ready(acd: Acd, seat: str, since_s: float, **skills: int) -> None:
    acd.sign_on(seat, since_s, skills=skills)
    acd.set_state(seat, READY, since_s)


def floor(seats: int = 2, **rules: object) -> Acd:
    """A floor of one queue and so many ready agents, the first idle longest."""
    acd = Acd([QueueRules(name="order", **rules)])
    for n in range(seats):
        ready(acd, str(1001 + n), float(n))
    return acd


def serve(acd: Acd, contact: str, now_s: float) -> str:
    """One contact from ringing to its end; returns who served it."""
    acd.wait(Waiting(contact, "order", now_s))
    ((seat,),) = [offer.seats for offer in acd.assign(now_s)]
    acd.answered(contact, seat, now_s)
    acd.release(seat, contact, now_s + 1)
    return seat


# -- order of contacts ----------------------------------------------------------------------------------------------


def test_the_agent_idle_longest_gets_the_caller_who_came_first():
    acd = Acd()
    ready(acd, "1002", 5.0)
    ready(acd, "1001", 9.0)
    acd.wait(Waiting("late", "order", 12.0))
    acd.wait(Waiting("early", "order", 11.0))
    assert acd.assign(13.0) == [Offer("early", ("1002",)), Offer("late", ("1001",))]
    assert acd.waiting() == []


def test_a_vip_passes_those_who_came_less_than_his_head_start_before_him_and_nobody_else():
    acd = floor(0, ageing_s=60.0)
    acd.wait(Waiting("long-since", "order", 30.0))
    acd.wait(Waiting("just-now", "order", 95.0))
    acd.wait(Waiting("vip", "order", 100.0, priority=1))
    assert [one.contact for one in acd.waiting()] == ["long-since", "vip", "just-now"]
    assert [acd.place(one) for one in ("long-since", "vip", "just-now", "unknown")] == [1, 2, 3, None]


def test_a_queue_of_higher_priority_is_served_first_by_who_serves_both():
    acd = Acd([QueueRules(name="order"), QueueRules(name="fault", priority=2, ageing_s=60.0)])
    acd.wait(Waiting("order", "order", 10.0))
    acd.wait(Waiting("fault", "fault", 100.0))
    ready(acd, "1001", 100.0)
    assert acd.assign(100.0) == [Offer("fault", ("1001",))]


def test_who_comes_back_keeps_the_place():
    acd = floor(0)
    for contact, since_s in (("a", 1.0), ("b", 2.0), ("a", 1.0)):
        acd.wait(Waiting(contact, "order", since_s))
    assert [one.contact for one in acd.waiting()] == ["a", "b"]
    acd.leave("a")
    acd.leave("a")
    assert acd.place("b") == 1


# -- choice of agents -----------------------------------------------------------------------------------------------


def test_being_ready_again_does_not_restart_the_idle_time():
    acd = Acd()
    ready(acd, "1001", 1.0)
    ready(acd, "1002", 2.0)
    acd.set_state("1001", READY, 50.0)
    acd.wait(Waiting("a", "order", 60.0))
    assert acd.assign(60.0) == [Offer("a", ("1001",))]


def test_round_robin_goes_round_though_one_is_idle_longer():
    acd = floor(3, strategy=Strategy.ROUND_ROBIN)
    assert [serve(acd, f"c{n}", 10.0 + n) for n in range(3)] == ["1001", "1002", "1003"]
    acd.set_state("1001", NOT_READY, 20.0)
    acd.set_state("1001", READY, 21.0)
    assert [serve(acd, f"d{n}", 30.0 + n) for n in range(3)] == ["1001", "1002", "1003"]


def test_fewest_calls_evens_out_what_each_has_served():
    acd = floor(1, strategy=Strategy.FEWEST_CALLS)
    for n in range(3):
        serve(acd, f"c{n}", 10.0 + n)
    ready(acd, "1002", 20.0)
    assert [serve(acd, f"d{n}", 30.0 + n) for n in range(3)] == ["1002"] * 3
    assert acd.agent("1001").calls == acd.agent("1002").calls == 3


def test_ring_all_rings_everybody_free_and_the_first_to_answer_has_it():
    acd = floor(4, strategy=Strategy.RING_ALL)
    acd.set_state("1004", TALKING, 5.0, "other")
    acd.wait(Waiting("a", "order", 9.0))
    acd.wait(Waiting("b", "order", 9.5))
    assert acd.assign(10.0) == [Offer("a", ("1001", "1002", "1003"))]
    acd.rang_out("a", "1001", 20.0)
    assert acd.ringing_for("a") == ("1002", "1003")
    assert acd.answered("a", "1003", 21.0) == ("1002",)
    assert (acd.agent("1001").state, acd.agent("1001").reason) == (NOT_READY, NO_ANSWER)
    assert (acd.agent("1002").state, acd.agent("1002").idle_since_s) == (READY, 1.0)
    with pytest.raises(RoutingError) as late:
        acd.answered("a", "1002", 21.0)
    assert late.value.error_id == "not_offered"
    assert acd.assign(22.0) == [Offer("b", ("1002",))]
    assert acd.withdraw("b", 23.0) == ("1002",)


def test_only_who_is_skilled_enough_is_rung_until_the_demand_falls():
    acd = Acd([QueueRules(name="order", skill="cantonese", level=5, relax_after_s=10.0)])
    ready(acd, "1001", 0.0)
    ready(acd, "1002", 0.0, cantonese=3)
    ready(acd, "1003", 1.0, cantonese=7)
    acd.wait(Waiting("a", "order", 100.0))
    acd.wait(Waiting("b", "order", 100.0))
    acd.wait(Waiting("c", "order", 100.0))
    assert acd.assign(100.0) == [Offer("a", ("1003",))]
    assert acd.next_change_s() == 120.0, "the best who is idle is at level 3"
    assert acd.assign(119.9) == []
    assert acd.assign(120.0) == [Offer("b", ("1002",))]
    assert acd.next_change_s() is None, "nobody is left who could serve it, however long it waits"
    assert acd.assign(900.0) == [], "who lacks the skill altogether is never rung"


def test_the_first_whose_demand_falls_far_enough_is_who_waits_longest_and_not_the_vip():
    acd = Acd([QueueRules(name="order", skill="fax", level=3, relax_after_s=10.0)])
    ready(acd, "1001", 0.0, fax=2)
    acd.wait(Waiting("longest", "order", 100.0))
    acd.wait(Waiting("vip", "order", 105.0, priority=1))
    assert acd.assign(106.0) == []
    assert acd.next_change_s() == 110.0
    assert acd.assign(110.0) == [Offer("longest", ("1001",))]


def test_the_best_may_come_first_though_others_are_idle_longer():
    acd = Acd([QueueRules(name="order", skill="fax", best_first=True)])
    ready(acd, "1001", 0.0, fax=2)
    ready(acd, "1002", 1.0, fax=8)
    acd.wait(Waiting("a", "order", 2.0))
    assert acd.assign(2.0) == [Offer("a", ("1002",))]


def test_who_asked_for_a_seat_waits_for_it_and_lets_others_pass_until_the_time_is_over():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.sign_on("1002", 0.0)
    acd.wait(Waiting("wants-1002", "order", 1.0, seat="1002", seat_until_s=30.0))
    acd.wait(Waiting("anyone", "order", 2.0))
    assert acd.assign(3.0) == [Offer("anyone", ("1001",))]
    assert acd.next_change_s() == 30.0
    acd.set_state("1001", TALKING, 3.0, "anyone")
    ready(acd, "1003", 20.0)
    assert acd.assign(29.0) == []
    assert acd.assign(30.0) == [Offer("wants-1002", ("1003",))]


def test_the_last_agent_is_taken_first_if_free_even_when_nobody_waits_for_him():
    acd = floor(3)
    acd.wait(Waiting("a", "order", 9.0, seat="1003", seat_until_s=9.0))
    acd.wait(Waiting("b", "order", 9.0, seat="1003", seat_until_s=9.0))
    assert acd.assign(9.0) == [Offer("a", ("1003",)), Offer("b", ("1001",))]


def test_only_who_serves_the_queue_is_rung_and_signing_on_again_changes_what_is_given():
    acd = Acd()
    acd.sign_on("1001", 0.0, frozenset({"complaint"}), {"fax": 3})
    acd.set_state("1001", READY, 0.0)
    acd.wait(Waiting("a", "order", 1.0))
    assert acd.assign(1.0) == []
    acd.sign_on("1001", 2.0, frozenset({"order"}))
    assert acd.agent("1001").skills == {"fax": 3}
    assert acd.assign(2.0) == [Offer("a", ("1001",))]
    with pytest.raises(RoutingError, match="level 11 in fax"):
        acd.sign_on("1001", 3.0, skills={"fax": 11})
    assert acd.agent("1001").skills == {"fax": 3}


# -- agents' states and wishes --------------------------------------------------------------------------------------


def test_an_agent_with_a_contact_cannot_be_given_another():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.set_state("1001", TALKING, 1.0, "a")
    with pytest.raises(RoutingError) as refused:
        acd.set_state("1001", RINGING, 2.0, "b")
    assert refused.value.error_id == "agent_has_contact"
    assert acd.agent("1001").contact == "a"


def test_an_unknown_seat_is_named():
    with pytest.raises(RoutingError, match="seat 4711"):
        Acd().agent("4711")


@pytest.mark.parametrize("state", [RINGING, TALKING, WRAP_UP])
@pytest.mark.parametrize("wish", [NOT_READY, OFFLINE])
def test_a_wish_keeps_the_contact_and_is_honoured_when_it_is_over(state: AgentState, wish: AgentState):
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.set_state("1001", state, 1.0, "a")
    agent = acd.set_state("1001", wish, 2.0, reason="lunch")
    assert (agent.state, agent.contact, agent.next_state, agent.since_s) == (state, "a", wish, 1.0)
    assert not acd.can_expect("1001")
    acd.release("1001", "a", 3.0, WRAP_UP)
    agent = acd.release("1001", "a", 4.0)
    assert (agent.state, agent.contact, agent.reason, agent.next_state) == (wish, None, "lunch", None)


def test_a_wish_can_be_taken_back_and_ready_ends_wrapping_up_at_once():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.set_state("1001", TALKING, 1.0, "a")
    acd.set_state("1001", NOT_READY, 2.0, reason=DO_NOT_DISTURB)
    assert acd.set_state("1001", READY, 3.0).next_state is None
    acd.set_state("1001", NOT_READY, 4.0, reason=DO_NOT_DISTURB)
    acd.release("1001", "a", 5.0, WRAP_UP)
    agent = acd.set_state("1001", READY, 6.0)
    assert (agent.state, agent.contact, agent.idle_since_s) == (READY, None, 6.0)
    assert acd.set_state("1001", NOT_READY, 7.0, reason=DO_NOT_DISTURB).do_not_disturb


def test_who_rings_out_is_set_aside_unless_he_wished_to_leave():
    acd = floor(2)
    for contact in ("a", "b"):
        acd.wait(Waiting(contact, "order", 5.0))
    acd.assign(5.0)
    acd.set_state("1002", OFFLINE, 6.0)
    assert acd.rang_out("a", "1001", 9.0).reason == NO_ANSWER
    assert acd.rang_out("b", "1002", 9.0).state is OFFLINE
    acd.rang_out("a", "1001", 9.5)
    assert acd.set_state("1001", READY, 10.0).reason == ""


def test_letting_go_of_an_old_contact_leaves_the_present_one_alone():
    acd = Acd()
    ready(acd, "1001", 0.0)
    acd.set_state("1001", TALKING, 1.0, "new")
    assert acd.release("1001", "old", 2.0, NOT_READY).contact == "new"


# -- limits, waits, other rules -------------------------------------------------------------------------------------


def test_a_full_queue_sends_on_and_call_backs_take_nobodys_place():
    acd = Acd(
        [
            QueueRules(name="order", max_waiting=1, when_full=Target.parse("queue:help")),
            QueueRules(name="help", max_waiting=1, when_full=Target.parse("mailbox:main")),
        ]
    )
    acd.wait(Waiting("later", "order", 1.0, callback=True))
    assert acd.way_in("order") == Target.parse("queue:order")
    acd.wait(Waiting("a", "order", 2.0))
    assert acd.full("order")
    assert acd.way_in("order") == Target.parse("queue:help")
    acd.wait(Waiting("b", "help", 3.0))
    assert acd.way_in("order") == Target.parse("mailbox:main")
    assert acd.place("later") == 1


def test_queues_that_send_on_in_a_circle_hang_up_instead():
    acd = Acd(
        [
            QueueRules(name="order", max_waiting=1, when_full=Target.parse("queue:help")),
            QueueRules(name="help", max_waiting=1, when_full=Target.parse("queue:order")),
        ]
    )
    acd.wait(Waiting("a", "order", 1.0))
    acd.wait(Waiting("b", "help", 1.0))
    assert acd.way_in("help") == Target.parse("hangup")


def test_the_expected_wait_is_the_place_times_the_time_between_services():
    acd = floor(1)
    for n in range(6):
        acd.wait(Waiting(f"c{n}", "order", 0.0))
    assert acd.expected_wait_s("c5") is None
    for n in range(4):
        now_s = 10.0 + 30.0 * n
        ((contact, (seat,)),) = [(offer.contact, offer.seats) for offer in acd.assign(now_s)]
        acd.answered(contact, seat, now_s)
        acd.release(seat, contact, now_s + 29.0)
    assert acd.expected_wait_s("c4") == pytest.approx(25.0, abs=5.0)
    assert acd.expected_wait_s("c5") == pytest.approx(2 * (acd.expected_wait_s("c4") or 0.0))
    assert acd.expected_wait_s("c0") is None


def test_idle_times_do_not_slow_the_expected_wait():
    """A quiet hour says nothing of how fast a queue moves."""
    acd = floor(1)
    for n in range(5):
        serve(acd, f"c{n}", 3600.0 * n)
    acd.wait(Waiting("a", "order", 20_000.0))
    assert acd.expected_wait_s("a") is None


def test_other_rules_change_nobodys_state_or_arrival():
    acd = floor(2)
    acd.wait(Waiting("normal", "order", 10.0))
    acd.assign(10.0)
    acd.set_state("1002", NOT_READY, 11.0)
    acd.wait(Waiting("a", "order", 20.0))
    acd.wait(Waiting("vip", "order", 90.0, priority=1))
    after = acd.under([QueueRules(name="order", ageing_s=10.0)])
    assert after.agents() == acd.agents()
    assert [one.contact for one in acd.waiting()] == ["vip", "a"]
    assert [one.contact for one in after.waiting()] == ["a", "vip"]
    assert after.ringing_for("normal") == ("1001",)
    assert after.release("1001", "normal", 30.0).state is READY
    assert after.assign(31.0) == [Offer("a", ("1001",))]
