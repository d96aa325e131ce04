"""Random interleavings of what can happen to queues and agents: `lab_server.routing.acd` keeps its promises.

The machine plays the floor's part (phones ring, are answered, ring out; callers give up; agents change their minds)
and keeps its own plain books; after each step and each assignment it compares.
"""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lab_server.routing.acd import Acd, Offer, Waiting
from lab_server.routing.agents import AWAY, BUSY_WITH_CONTACT, Agent, AgentState
from lab_server.routing.queues import QueueRules, Strategy

SEATS = [str(1001 + i) for i in range(4)]
QUEUES = ["complaint", "order", "fault"]
CALM = [Strategy.LONGEST_IDLE, Strategy.ROUND_ROBIN, Strategy.FEWEST_CALLS]

seats = st.sampled_from(SEATS)
queues = st.sampled_from([*QUEUES, "order"])  # the one with the most rules comes up more often
chosen = st.sampled_from([AgentState.READY, AgentState.NOT_READY, AgentState.OFFLINE])


class Exchange(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.made = 0
        self.open: set[str] = set()  # contacts that are neither finished nor gone
        self.entries: dict[str, Waiting] = {}  # how each was put into its queue last
        self.wishes: dict[str, AgentState] = {}

    @initialize(
        strategy=st.sampled_from(CALM),
        best_first=st.booleans(),
        level=st.integers(2, 6),
        relax=st.none() | st.integers(1, 5),
        ageing=st.integers(1, 40),
        skills=st.lists(st.integers(0, 5), min_size=len(SEATS), max_size=len(SEATS)),
    )
    def opens(
        self, strategy: Strategy, best_first: bool, level: int, relax: int | None, ageing: int, skills: list[int]
    ) -> None:
        self.acd = Acd(
            [
                QueueRules(name="complaint", strategy=strategy, ageing_s=ageing),
                QueueRules(
                    name="order", strategy=strategy, ageing_s=ageing, skill="fax", level=level, best_first=best_first,
                    relax_after_s=relax,
                ),
                QueueRules(name="fault", strategy=Strategy.RING_ALL, ageing_s=ageing, priority=1),
            ]
        )  # fmt: skip
        for seat, skill in zip(SEATS, skills, strict=True):
            self.acd.sign_on(seat, self.now, skills={"fax": skill} if skill else {})

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    def waits(self, waiting: Waiting) -> None:
        self.entries[waiting.contact] = waiting
        self.acd.wait(waiting)

    # -- what happens ---------------------------------------------------------------------------------------------

    @rule(queue=queues, seat=st.none() | seats, patience=st.integers(0, 5), vip=st.integers(0, 2))
    def arrives(self, queue: str, seat: str | None, patience: int, vip: int) -> None:
        self.made += 1
        contact, now = f"c{self.made}", self.tick()
        self.waits(Waiting(contact, queue, now, seat, now + patience, vip))
        self.open.add(contact)

    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        """Waiting or while phones ring."""
        ringing = {agent.contact for agent in self.acd.agents() if agent.state is AgentState.RINGING}
        leaving = sorted({waiting.contact for waiting in self.acd.waiting()} | {one for one in ringing if one})
        if leaving:
            contact = data.draw(st.sampled_from(leaving))
            self.acd.leave(contact)
            for seat in self.acd.withdraw(contact, self.tick()):
                self.over_for(seat, AgentState.READY)
            self.open.discard(contact)

    @rule(data=st.data())
    def moves_to_another_queue(self, data: st.DataObject) -> None:
        waiting = self.acd.waiting()
        if waiting:
            old = data.draw(st.sampled_from(waiting))
            self.waits(Waiting(old.contact, data.draw(queues), old.since_s, priority=old.priority))

    @rule(seat=seats, state=chosen)
    def agent_chooses(self, seat: str, state: AgentState) -> None:
        before = self.acd.agent(seat)
        after = self.acd.set_state(seat, state, self.tick())
        at_once = before.contact is None or (before.state is AgentState.WRAP_UP and state is AgentState.READY)
        if at_once:
            self.wishes.pop(seat, None)
            assert (after.state, after.contact) == (state, None)
        else:
            self.wishes[seat] = state
            assert (after.state, after.contact, after.since_s) == (before.state, before.contact, before.since_s)

    @rule(seat=seats, served=st.none() | st.sets(queues), skill=st.none() | st.integers(1, 5))
    def signs_on_again(self, seat: str, served: set[str] | None, skill: int | None) -> None:
        self.acd.sign_on(
            seat, self.tick(), None if served is None else frozenset(served), None if skill is None else {"fax": skill}
        )

    @rule(seat=seats, answers=st.booleans())
    def ringing_ends(self, seat: str, answers: bool) -> None:
        agent = self.acd.agent(seat)
        if agent.state is not AgentState.RINGING or agent.contact is None:
            return
        contact, now = agent.contact, self.tick()
        others = set(self.acd.ringing_for(contact)) - {seat}
        idle_before = {other: self.acd.agent(other).idle_since_s for other in others}
        if answers:
            assert set(self.acd.answered(contact, seat, now)) == others
            for other in others:
                self.over_for(other, AgentState.READY)
                assert self.acd.agent(other).idle_since_s == idle_before[other], "a lost race costs no place"
            return
        self.acd.rang_out(contact, seat, now)
        self.over_for(seat, AgentState.NOT_READY)
        if not others:
            self.waits(self.entries[contact])

    @rule(seat=seats, writes=st.booleans())
    def call_ends(self, seat: str, writes: bool) -> None:
        agent = self.acd.agent(seat)
        if agent.state is AgentState.TALKING and agent.contact is not None:
            self.open.discard(agent.contact)
            if writes:
                self.acd.release(seat, agent.contact, self.tick(), AgentState.WRAP_UP)
            else:
                self.acd.release(seat, agent.contact, self.tick())
                self.over_for(seat, AgentState.READY)

    @rule(seat=seats)
    def has_written(self, seat: str) -> None:
        agent = self.acd.agent(seat)
        if agent.state is AgentState.WRAP_UP and agent.contact is not None:
            self.acd.release(seat, agent.contact, self.tick())
            self.over_for(seat, AgentState.READY)

    @rule(ageing=st.integers(1, 40))
    def rules_change(self, ageing: int) -> None:
        self.acd = self.acd.under(
            [self.acd.rules(queue).model_copy(update={"ageing_s": float(ageing)}) for queue in QUEUES]
        )

    def over_for(self, seat: str, otherwise: AgentState) -> None:
        """The contact is over for the agent: what it wished last has happened, and nothing else."""
        wish = self.wishes.pop(seat, AgentState.READY)
        assert self.acd.agent(seat).state is (wish if wish in AWAY else otherwise)

    # -- who is paired with whom ----------------------------------------------------------------------------------

    @rule(later=st.integers(0, 6))
    def assigns(self, later: int) -> None:
        self.now += later
        before, agents, now = self.acd.waiting(), {agent.seat: agent for agent in self.acd.agents()}, self.tick()
        offers = {offer.contact: offer for offer in self.acd.assign(now)}
        rung = Counter(seat for offer in offers.values() for seat in offer.seats)
        assert all(times == 1 for times in rung.values()), "an agent was given two contacts"
        assert all(agents[seat].state is AgentState.READY for seat in rung), "a busy agent was rung"
        for index, later_one in enumerate(before):
            if later_one.contact in offers:
                self.was_right(later_one, offers[later_one.contact], agents, now)
                for earlier in before[:index]:
                    if earlier.contact not in offers:
                        self.was_not_passed_over(earlier, offers[later_one.contact], agents, now)
        self.nobody_idles_beside_one_who_waits(now)
        self.time_alone_changes_nothing_before_it_says_so(now)

    def could(self, agent: Agent, waiting: Waiting, now: float) -> bool:
        if waiting.seat is not None and now < waiting.seat_until_s:
            return agent.seat == waiting.seat
        rules = self.acd.rules(waiting.queue)
        return rules.level_of(agent) >= rules.level_after(now - waiting.since_s)

    def was_right(self, waiting: Waiting, offer: Offer, agents: dict[str, Agent], now: float) -> None:
        assert offer.seats
        assert all(self.could(agents[seat], waiting, now) for seat in offer.seats)
        if self.acd.rules(waiting.queue).strategy in CALM:
            assert len(offer.seats) == 1

    def was_not_passed_over(self, earlier: Waiting, offer: Offer, agents: dict[str, Agent], now: float) -> None:
        assert not any(self.could(agents[seat], earlier, now) for seat in offer.seats), "an earlier one was passed over"

    def nobody_idles_beside_one_who_waits(self, now: float) -> None:
        for agent in self.acd.agents():
            if agent.state is AgentState.READY:
                assert not any(self.could(agent, waiting, now) for waiting in self.acd.waiting())

    def time_alone_changes_nothing_before_it_says_so(self, now: float) -> None:
        next_s = self.acd.next_change_s()
        assert next_s is None or next_s > now
        before = min(now + 100.0, next_s - 0.001 if next_s is not None else now + 100.0)
        self.nobody_idles_beside_one_who_waits(before)

    # -- always ---------------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_lost_or_doubled(self) -> None:
        waiting = [one.contact for one in self.acd.waiting()]
        ringing = {a.contact for a in self.acd.agents() if a.state is AgentState.RINGING}
        talking = [a.contact for a in self.acd.agents() if a.state is AgentState.TALKING]
        places = waiting + sorted(one or "" for one in ringing) + [one or "" for one in talking]
        assert len(places) == len(set(places)), "a contact is in two places"
        assert set(places) == self.open, "a contact was lost"

    @invariant()
    def the_order_is_by_arrival_and_head_start(self) -> None:
        """VIPs first, within bounds: whoever stands before one who came earlier has the priority to pay for it."""
        waiting = self.acd.waiting()
        for index, one in enumerate(waiting):
            rules = self.acd.rules(one.queue)
            for after in waiting[index + 1 :]:
                if after.queue == one.queue:
                    assert one.since_s - after.since_s <= (one.priority - after.priority) * rules.ageing_s
        for queue in QUEUES:
            mine = [one.contact for one in waiting if one.queue == queue]
            assert [self.acd.place(contact) for contact in mine] == list(range(1, len(mine) + 1))

    @invariant()
    def contacts_belong_to_busy_agents_alone(self) -> None:
        for agent in self.acd.agents():
            assert (agent.contact is not None) == (agent.state in BUSY_WITH_CONTACT)
            assert agent.next_state is None or agent.contact is not None, "a wish without a contact is never honoured"

    def teardown(self) -> None:
        """No state without an exit: let everybody finish and be ready, and all are served."""
        if not hasattr(self, "acd"):
            return
        for seat in SEATS:
            self.acd.sign_on(seat, self.tick(), frozenset(), {"fax": 9})
        for _ in range(200):
            if not self.open:
                break
            for agent in self.acd.agents():
                self.has_written(agent.seat)
                self.call_ends(agent.seat, False)
                self.ringing_ends(agent.seat, True)
                if self.acd.agent(agent.seat).state in AWAY:
                    self.agent_chooses(agent.seat, AgentState.READY)
            self.assigns(9)
        assert not self.open, "somebody was never served"


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
