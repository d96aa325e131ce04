"""How long agents may write, whoever gave them the contact: the queue's own time, else the site's."""

import asyncio
from collections.abc import Callable

import pytest

from lab_server.floor.call import Call, Stage
from lab_server.floor.distribution import Distribution
from lab_server.routing.agents import NO_ANSWER, Agent, AgentState
from lab_server.routing.queues import QueueRules, Strategy
from telephony.clock import SystemClock

SOON_S, LONG_S = 0.05, 600.0
READY, WRAP_UP, TALKING = AgentState.READY, AgentState.WRAP_UP, AgentState.TALKING


class Desks:
    """Two agents, a queue that allows no time to write and one that says nothing about it."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self._news = asyncio.Event()
        rules = [QueueRules(name="order", wrap_up_s=SOON_S), QueueRules(name="fault")]
        rules.append(QueueRules(name="all", strategy=Strategy.RING_ALL))
        self.distribution = Distribution(self.clock, self._told, LONG_S, rules)
        for seat in ("1001", "1002"):
            self.distribution.sign_on(seat)

    def _told(self, _agent: Agent) -> None:
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what is told; 5 s at most."""
        async with asyncio.timeout(5.0):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def talks(self, seat: str, contact: str) -> None:
        self.distribution.set_state(seat, TALKING, contact)

    def writes(self, seat: str, contact: str, queue: str | None) -> None:
        self.distribution.free_from(seat, contact, WRAP_UP, queue=queue)
        assert self.state(seat) is WRAP_UP

    def state(self, seat: str) -> AgentState:
        return self.distribution.agent(seat).state


async def test_everybody_who_had_the_contact_writes_for_as_long_as_its_queue_allows() -> None:
    """Also the second one, to whom it was handed over."""
    desks = Desks()
    for seat in ("1001", "1002"):
        desks.talks(seat, "a")
    for seat in ("1001", "1002"):
        desks.writes(seat, "a", "order")
    await desks.until(lambda: [desks.state(seat) for seat in ("1001", "1002")] == [READY, READY])
    desks.distribution.close()


@pytest.mark.parametrize("queue", ["fault", None])
async def test_a_queue_that_says_nothing_leaves_the_sites_time(queue: str | None) -> None:
    desks = Desks()
    desks.talks("1001", "a")
    desks.writes("1001", "a", queue)
    desks.talks("1002", "b")
    desks.writes("1002", "b", "order")
    await desks.until(lambda: desks.state("1002") is READY)
    assert desks.state("1001") is WRAP_UP
    desks.distribution.close()


async def test_a_restart_leaves_what_is_left_of_the_queues_time_and_the_reason() -> None:
    desks, now_s = Desks(), SystemClock().monotonic()
    desks.distribution.restore("1001", WRAP_UP, "a", now_s, queue="order")
    desks.distribution.restore("1002", AgentState.NOT_READY, None, now_s, reason=NO_ANSWER)
    await desks.until(lambda: desks.state("1001") is READY)
    assert desks.distribution.agent("1002").reason == NO_ANSWER
    desks.distribution.close()


async def test_a_contact_that_needs_one_agent_takes_one_from_a_queue_that_rings_all() -> None:
    """The number of a customer who is to be phoned is given to one agent; the others go on taking calls."""
    desks = Desks()
    for seat in ("1001", "1002"):
        desks.distribution.set_state(seat, READY)
    to_dial = Call("a", "out", "lab", "", "", Stage.QUEUED, queue="all", waiting_since_s=0.0)
    desks.distribution.wait(to_dial, 0.0)
    assert to_dial.offered == ("1001", "1002")
    assert desks.distribution.only_first("a", to_dial.offered) == "1001"
    assert [desks.state(seat) for seat in ("1001", "1002")] == [AgentState.RINGING, READY]
    caller = Call("b", "in", "lab", "", "", Stage.QUEUED, queue="fault", waiting_since_s=0.0)
    desks.distribution.wait(caller, 0.0)
    assert caller.offered == ("1002",)
    desks.distribution.close()


async def test_callers_who_give_up_are_forgotten() -> None:
    """However many come and go, the distributor remembers those alone who are there."""
    desks = Desks()
    held = {name: len(value) for name, value in vars(desks.distribution).items() if isinstance(value, dict | set)}
    desks.distribution.set_state("1001", READY)
    for number in range(20):
        call = Call(f"c{number}", "in", "lab", "", "", Stage.QUEUED, queue="order", waiting_since_s=0.0)
        desks.distribution.wait(call, 0.0)
        assert call.offered == ("1001",)
        desks.distribution.leave(call)
    assert {
        name: len(value) for name, value in vars(desks.distribution).items() if isinstance(value, dict | set)
    } == held
    desks.distribution.close()
