"""Random comings, goings and commands in one contact: everybody has a place, the customer is never left in silence.

The machine plays the phones and the switch; what is intended is decided by the floor's own commands, `arrangement`,
`returning` and the real distribution.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lab_server.floor.arrangement import SENT_TO, tidy, unsettled
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.consult import cancel, complete, consult, swap
from lab_server.floor.distribution import Distribution
from lab_server.floor.errors import Refused
from lab_server.floor.hang_up import hang_up
from lab_server.floor.hold import hold, resume
from lab_server.floor.kit import Book, FloorSettings, Kit
from lab_server.floor.returning import back
from lab_server.floor.talk import departed
from lab_server.floor.three_way import add, drop, join, leave
from lab_server.floor.transfer import transfer
from lab_server.routing.agents import AgentState
from lab_server.routing.plan import built_in
from lab_server.routing.target import Target
from telephony.clock import SystemClock
from telephony.trunks import LabTrunk

SEATS = ["1001", "1002", "1003", "1004"]
TARGETS = [*(f"seat:{seat}" for seat in SEATS), "number:16300000001", "queue:order", "mailbox:main", "hangup"]
PLAN = built_in(("complaint", "order"), {"1": "complaint", "2": "order"}, tuple(SEATS), language="en")
BUSY = {AgentState.RINGING, AgentState.TALKING}

seats, targets = st.sampled_from(SEATS), st.sampled_from([Target.parse(text) for text in TARGETS])
names = st.sampled_from(["customer", *(f"agent-{n}" for n in range(1, 6)), "party-1", "party-2"])


class Blank:
    """A `Book` that keeps nothing."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments, **_named: None


class Contact(RuleBasedStateMachine):
    """One contact that is talked on, with four agents at work."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = SystemClock()
        self.distribution = Distribution(self.clock, lambda _agent: None, 60.0)
        self.kit = Kit(
            switch=cast(Any, None),  # nothing here speaks to it
            distribution=self.distribution,
            book=cast(Book, Blank()),
            settings=FloorSettings(plan=PLAN),
            clock=self.clock,
            trunk_for=lambda _seat, _number: LabTrunk(lambda _dialled: ("127.0.0.2", 5060)),
            listeners=[],
        )
        self.contacts = 0
        self.do(self.begin)

    def do(self, act: Callable[[], None]) -> None:
        """On a running loop: the distribution sets its timers there."""

        async def acting() -> None:
            act()
            self.settle()

        self.loop.run_until_complete(acting())

    def begin(self) -> None:
        self.contacts += 1
        self.over = False
        number = f"{self.contacts:026}"
        self.call = Call(number, "in", "lab", "16312345678", "95000", Stage.TALKING, queue="order", served=True)
        for seat in SEATS:
            self.distribution.sign_on(seat)
            self.distribution.finish_wrap_up(seat)
        self.distribution.set_state("1001", AgentState.TALKING, self.call.contact)
        self.call.customer = Leg("c", "customer", up=True, ours=True, rung=True, place=Place.TALK)
        self.call.agent = self.call.new_leg(
            "agent", datetime.now(UTC), seat="1001", place=Place.TALK, up=True, ours=True, rung=True
        )
        self.call.seat = "1001"

    def teardown(self) -> None:
        self.distribution.close()
        self.loop.close()

    # -- the switch ---------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """What `talk.talk_on` does until nothing is left to be done, with a switch that obeys at once."""
        call = self.call
        while not self.over and call.stage is Stage.TALKING:
            for leg in call.legs():
                if leg.gone and leg is not call.customer:
                    departed(call, self.kit, leg)
            if not tidy(call):
                stage = back(call, self.kit)
                if stage is None:
                    self.end()
                elif stage is not Stage.TALKING:
                    call.stage = stage
            self.move()
            if not unsettled(call):
                break
        if call.stage is not Stage.TALKING and not self.over:
            self.move()
            self.left()

    def move(self) -> None:
        for leg in self.call.legs():
            leg.rung = True
            if leg.place is Place.OUT and not leg.gone:
                leg.seated, leg.gone, leg.ours = Place.OUT, True, False
                self.kit.free(self.call, leg)
            if leg.ours:
                leg.seated = leg.place
        customer = self.call.customer
        for leg in self.call.legs():
            if leg.ours and leg.seat and leg.seated in {Place.TALK, Place.CONSULT}:
                self.distribution.set_state(leg.seat, AgentState.TALKING, self.call.contact)
            if leg.ours and customer is not None and leg.seated is customer.seated is Place.TALK:
                leg.talked = True

    def left(self) -> None:
        """The customer has gone on to another stage: nobody else is with it."""
        customer = self.call.customer
        assert customer is not None
        assert all(leg.gone for leg in self.call.legs() if leg is not customer)
        if self.call.stage is Stage.QUEUED:
            assert customer.place is Place.ALONE
            assert self.call.queue == "order"
        assert not self.with_us()
        self.over = True

    def end(self) -> None:
        """Customer or everybody else has gone: all are free."""
        for leg in self.call.legs():
            if leg is not self.call.customer or leg.gone:
                leg.gone, leg.ours = True, False
                self.kit.free(self.call, leg)
        self.over = True
        assert not self.with_us()

    def with_us(self) -> set[str]:
        """Seats that ring or talk for this contact, as the distribution knows it."""
        agents = self.distribution.agents()
        return {agent.seat for agent in agents if agent.contact == self.call.contact and agent.state in BUSY}

    # -- what happens -------------------------------------------------------------------------------------------------

    def alive(self) -> bool:
        return not self.over

    @precondition(lambda self: self.over)
    @rule()
    def the_next_one_rings(self) -> None:
        self.do(self.begin)

    @precondition(alive)
    @rule(name=names)
    def answers(self, name: str) -> None:
        leg = self.leg(name)
        if leg is not None and leg.rung and not leg.up:
            self.do(lambda: (setattr(leg, "up", True), setattr(leg, "ours", True))[0])

    @precondition(alive)
    @rule(name=names)
    def hangs_up(self, name: str) -> None:
        leg = self.leg(name)
        if leg is not None:
            self.do(lambda: (setattr(leg, "gone", True), setattr(leg, "ours", False))[0])

    def leg(self, name: str) -> Leg | None:
        return next((leg for leg in self.call.legs() if leg.name == name and not leg.gone), None)

    @precondition(alive)
    @rule(command=st.sampled_from([swap, complete, cancel, join, leave, hold, resume, hang_up]), seat=seats)
    def commands(self, command: Callable[[Call, Kit, str], object], seat: str) -> None:
        self.asked(lambda: command(self.call, self.kit, seat))

    @precondition(alive)
    @rule(command=st.sampled_from([consult, transfer, add]), seat=seats, to=targets)
    def sends(self, command: Callable[[Call, Kit, str, Target], object], seat: str, to: Target) -> None:
        self.asked(lambda: command(self.call, self.kit, seat, to))

    @precondition(alive)
    @rule(seat=seats, name=names)
    def drops(self, seat: str, name: str) -> None:
        self.asked(lambda: drop(self.call, self.kit, seat, name))

    def asked(self, command: Callable[[], object]) -> None:
        def act() -> None:
            before = self.picture()
            try:
                command()
            except Refused as refused:
                assert self.picture() == before, f"{refused.error_id} has changed something"

        self.do(act)

    def picture(self) -> object:
        legs = [(leg.name, leg.place, dict(leg.notes)) for leg in self.call.legs()]
        agents = [(agent.seat, agent.state, agent.contact) for agent in self.distribution.agents()]
        return self.call.stage, self.call.queue, self.call.offers, dict(self.call.notes), legs, agents

    # -- what holds ---------------------------------------------------------------------------------------------------

    @invariant()
    def the_customer_is_never_left_in_silence(self) -> None:
        call, customer = self.call, self.call.customer
        if self.over or customer is None:
            return
        there = [leg for leg in call.legs() if leg is not customer and leg.ours]
        if customer.place is Place.TALK:
            assert any(leg.place is Place.TALK for leg in there)
        else:
            assert customer.place is Place.HOLD
            coming = any(leg.place is Place.TALK and not leg.ours for leg in call.others)
            assert call.agent is not None or (coming and SENT_TO in customer.notes)

    @invariant()
    def everybody_has_a_place(self) -> None:
        if self.over:
            return
        there = [leg for leg in self.call.legs() if leg.ours]
        assert all(leg.place in {Place.TALK, Place.CONSULT, Place.HOLD} for leg in there)
        asking = [leg for leg in self.call.legs() if leg.place is Place.CONSULT]
        assert len(asking) in {0, 2}, "nobody asks himself"
        assert not asking or self.call.agent in asking
        assert self.call.agent not in self.call.others, "one serves"
        waiting = [leg for leg in self.call.others if leg.place is Place.HOLD]
        assert not waiting or self.call.agent is not None

    @invariant()
    def the_distribution_knows_who_is_busy(self) -> None:
        if not self.over:
            assert self.with_us() == {leg.seat for leg in self.call.legs() if leg.seat and not leg.gone}
            served = [leg for leg in self.call.legs() if leg.role == "agent" and not leg.gone]
            assert len({leg.seat for leg in served}) == len(served), "no seat twice"


TestContact = Contact.TestCase
TestContact.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
