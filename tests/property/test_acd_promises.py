"""Random interleavings of what can happen to a queue: the promises of `lab_server.routing.acd` hold after each step."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lab_server.routing.acd import Acd, Waiting
from lab_server.routing.agents import AgentState

SEATS = [str(1001 + i) for i in range(4)]
QUEUES = ["complaint", "order"]


class Exchange(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.acd = Acd()
        self.now = 0.0
        self.made = 0
        self.open: set[str] = set()  # contacts that are neither finished nor gone
        for seat in SEATS:
            self.acd.sign_on(seat, self.now)

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    @rule(queue=st.sampled_from(QUEUES), seat=st.none() | st.sampled_from(SEATS), patience=st.integers(0, 5))
    def arrives(self, queue: str, seat: str | None, patience: int) -> None:
        self.made += 1
        contact, now = f"c{self.made}", self.tick()
        self.acd.wait(Waiting(contact, queue, now, seat, now + patience))
        self.open.add(contact)

    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        waiting = self.acd.waiting()
        if waiting:
            contact = data.draw(st.sampled_from(waiting)).contact
            self.acd.leave(contact)
            self.open.discard(contact)

    @rule(
        seat=st.sampled_from(SEATS), state=st.sampled_from([AgentState.READY, AgentState.NOT_READY, AgentState.OFFLINE])
    )
    def free_agent_changes(self, seat: str, state: AgentState) -> None:
        if self.acd.agent(seat).contact is None:
            self.acd.set_state(seat, state, self.tick())

    @rule(seat=st.sampled_from(SEATS), queues=st.sets(st.sampled_from(QUEUES)))
    def serves_other_queues(self, seat: str, queues: set[str]) -> None:
        self.acd.sign_on(seat, self.tick(), frozenset(queues))

    @rule(seat=st.sampled_from(SEATS), answers=st.booleans())
    def ringing_ends(self, seat: str, answers: bool) -> None:
        agent = self.acd.agent(seat)
        if agent.state is not AgentState.RINGING or agent.contact is None:
            return
        contact, now = agent.contact, self.tick()
        if answers:
            self.acd.set_state(seat, AgentState.TALKING, now, contact)
        else:
            self.acd.set_state(seat, AgentState.NOT_READY, now)
            self.acd.wait(Waiting(contact, "order", 0.0))

    @rule(seat=st.sampled_from(SEATS))
    def call_ends(self, seat: str) -> None:
        agent = self.acd.agent(seat)
        if agent.state is AgentState.TALKING and agent.contact is not None:
            self.open.discard(agent.contact)
            self.acd.set_state(seat, AgentState.WRAP_UP, self.tick(), agent.contact)
            self.acd.set_state(seat, AgentState.READY, self.tick())

    @rule()
    def assigns(self) -> None:
        before, now = self.acd.waiting(), self.tick()
        offers = self.acd.assign(now)
        given = {offer.contact: offer.seat for offer in offers}
        for index, later in enumerate(before):
            if later.contact not in given or (later.seat and now < later.seat_until_s):
                continue
            seat = given[later.contact]
            for earlier in before[:index]:
                same = earlier.queue == later.queue and earlier.contact not in given
                free_to_take = earlier.seat is None or now >= earlier.seat_until_s or earlier.seat == seat
                assert not (same and free_to_take), "somebody who came earlier was passed over"

    @invariant()
    def nobody_is_lost_or_doubled(self) -> None:
        with_agents = [a.contact for a in self.acd.agents() if a.contact and a.state is not AgentState.WRAP_UP]
        places = with_agents + [waiting.contact for waiting in self.acd.waiting()]
        assert len(places) == len(set(places))
        assert set(places) == self.open


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
