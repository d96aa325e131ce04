"""The real distribution as the floor of `simulator`: callers' lives meet the code that routes live calls.

Only the agents are modelled: how soon they pick up, how long they talk, how long they write. Whom a caller is given to,
who is served first and what full queues do is decided by `routing.acd`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simpy import Environment, Event

from lab_server.routing.acd import Acd, RoutingError, Waiting
from lab_server.routing.agents import AgentState
from lab_server.routing.queues import QueueRules
from lab_server.routing.target import Kind, Target
from simulator.agents import Draw
from simulator.floor import CallerCase, Ending

RING_S = 20.0
"""How long a phone rings if its queue does not say."""


def _at_once() -> float:
    return 0.0


@dataclass(frozen=True)
class ModelAgent:
    """An agent to be simulated. Each duration in seconds is drawn anew: `talk`; `wrap_up`, cut short by the queue's
    `wrap_up_s`; `pick_up` (longer than the phone rings: not at all, and the agent is away for `away_s`)."""

    seat: str
    talk: Draw
    wrap_up: Draw = _at_once
    pick_up: Draw = _at_once
    away_s: float = 60.0
    queues: frozenset[str] = frozenset()
    skills: Mapping[str, int] = field(default_factory=dict)


class Entry(NamedTuple):
    """Where a caller wants to go: the queue, its priority, the agent who served it last and until how long after its
    arrival it waits for nobody else."""

    queue: str
    priority: int = 0
    seat: str | None = None
    seat_wait_s: float = 0.0


Route = Callable[[CallerCase], Entry]
"""Which way a caller goes; the simulation's menu."""


class RoutedVisit:
    """One caller on the routed floor; `contact` is its name in the distribution."""

    __slots__ = ("_floor", "contact", "ended", "queue", "ringing", "served", "since_s", "waiting")

    def __init__(self, floor: "RoutedFloor", env: Environment, contact: str) -> None:
        self._floor = floor
        self.contact = contact
        self.served: Event = env.event()
        self.ended: Event = env.event()
        self.since_s = env.now
        self.queue = ""
        self.waiting: Waiting | None = None  # how it stands, or stood, in its queue
        self.ringing = 0  # how often phones were rung for it: an old ring's end means nothing

    def leave(self) -> None:
        """The caller hangs up, in the queue or while phones ring."""
        self._floor.left(self)


class RoutedFloor:
    """`rules` and `agents` in `env`; all agents are ready from the beginning. `route` sends each caller to a queue.

    A caller whom a full queue, or one in which it waited too long, sends anywhere but to another queue is "refused":
    nobody talked with it. Figures to read: `acd`, and `busy_s` per seat (talking and writing).
    """

    def __init__(
        self, env: Environment, rules: Iterable[QueueRules], agents: Iterable[ModelAgent], route: Route
    ) -> None:
        self.acd = Acd(rules)
        self.busy_s: dict[str, float] = {}
        self._env = env
        self._route = route
        self._agents: dict[str, ModelAgent] = {}
        self._visits: dict[str, RoutedVisit] = {}
        self._came = 0
        self._wakes_s = float("inf")
        for agent in agents:
            self._agents[agent.seat] = agent
            self.busy_s[agent.seat] = 0.0
            self.acd.sign_on(agent.seat, env.now, agent.queues, agent.skills)
            self.acd.set_state(agent.seat, AgentState.READY, env.now)

    # -- callers --------------------------------------------------------------------------------------------------

    def enter(self, case: CallerCase, attempt: int) -> RoutedVisit:
        """A caller rings and is put where `route` sends it."""
        self._came += 1
        visit = RoutedVisit(self, self._env, f"{self._came}")
        self._visits[visit.contact] = visit
        entry = self._route(case)
        self._send(visit, Target(Kind.QUEUE, entry.queue), entry)
        self._assign()
        return visit

    def left(self, visit: RoutedVisit) -> None:
        self.acd.leave(visit.contact)
        self.acd.withdraw(visit.contact, self._env.now)
        self._end(visit, "abandoned")
        self._assign()

    def _send(self, visit: RoutedVisit, target: Target, entry: Entry) -> None:
        way_in = self.acd.way_in(target.name) if target.kind is Kind.QUEUE else target
        if way_in.kind is not Kind.QUEUE:
            self._end(visit, "refused")
            return
        now_s = self._env.now
        visit.queue = way_in.name
        visit.waiting = Waiting(
            visit.contact, way_in.name, visit.since_s, entry.seat, visit.since_s + entry.seat_wait_s, entry.priority
        )
        self.acd.wait(visit.waiting)
        limit_s = self.acd.rules(way_in.name).max_wait_s
        if limit_s is not None:
            self._after(limit_s, lambda: self._too_late(visit, way_in.name, now_s))

    def _too_late(self, visit: RoutedVisit, queue: str, since_s: float) -> None:
        """It waited as long as its queue allows; who is being rung for is not sent away."""
        if self.acd.place(visit.contact) is None or visit.queue != queue or visit.waiting is None:
            return
        self.acd.leave(visit.contact)
        self._send(visit, self.acd.rules(queue).when_late, Entry(queue, visit.waiting.priority))
        self._assign()

    def _end(self, visit: RoutedVisit, ending: Ending) -> None:
        if self._visits.pop(visit.contact, None) is not None:
            visit.ended.succeed(ending)

    # -- agents ---------------------------------------------------------------------------------------------------

    def _assign(self) -> None:
        now_s = self._env.now
        for offer in self.acd.assign(now_s):
            visit = self._visits[offer.contact]
            visit.ringing += 1
            for seat in offer.seats:
                self._ring(visit, seat)
        self._wake(now_s)

    def _wake(self, now_s: float) -> None:
        """Look again when time alone will have changed something."""
        next_s = self.acd.next_change_s()
        if next_s is None or self._wakes_s <= next_s:
            return
        self._wakes_s = next_s

        def look() -> None:
            if self._wakes_s == next_s:
                self._wakes_s = float("inf")
            self._assign()

        self._after(next_s - now_s, look)

    def _ring(self, visit: RoutedVisit, seat: str) -> None:
        picks_up_s = self._agents[seat].pick_up()
        rings_s = self.acd.rules(visit.queue).ring_timeout_s or RING_S
        ringing = visit.ringing
        if picks_up_s <= 0:
            self._answers(visit, seat, ringing)
        elif picks_up_s <= rings_s:
            self._after(picks_up_s, lambda: self._answers(visit, seat, ringing))
        else:
            self._after(rings_s, lambda: self._rings_out(visit, seat, ringing))

    def _answers(self, visit: RoutedVisit, seat: str, ringing: int) -> None:
        if visit.ringing != ringing or self.acd.agent(seat).contact != visit.contact:
            return
        try:
            others = self.acd.answered(visit.contact, seat, self._env.now)
        except RoutingError:  # a colleague was quicker, and the agent's ring has ended
            return
        visit.served.succeed()
        talk_s = self._agents[seat].talk()
        self.busy_s[seat] += talk_s
        self._after(talk_s, lambda: self._hung_up(visit, seat))
        if others:
            self._assign()

    def _rings_out(self, visit: RoutedVisit, seat: str, ringing: int) -> None:
        if visit.ringing != ringing or self.acd.agent(seat).contact != visit.contact:
            return
        self.acd.rang_out(visit.contact, seat, self._env.now)
        self._after(self._agents[seat].away_s, lambda: self._back(seat))
        if not self.acd.ringing_for(visit.contact) and visit.waiting is not None:
            self.acd.wait(visit.waiting)
        self._assign()

    def _back(self, seat: str) -> None:
        self.acd.set_state(seat, AgentState.READY, self._env.now)
        self._assign()

    def _hung_up(self, visit: RoutedVisit, seat: str) -> None:
        self._end(visit, "completed")
        write_s = self._agents[seat].wrap_up()
        limit_s = self.acd.rules(visit.queue).wrap_up_s
        if limit_s is not None:
            write_s = min(write_s, limit_s)
        if write_s <= 0:
            self._free(visit, seat)
            return
        self.busy_s[seat] += write_s
        self.acd.release(seat, visit.contact, self._env.now, AgentState.WRAP_UP)
        self._after(write_s, lambda: self._free(visit, seat))

    def _free(self, visit: RoutedVisit, seat: str) -> None:
        self.acd.release(seat, visit.contact, self._env.now)
        self._assign()

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._env.timeout(seconds).callbacks.append(lambda _: act())
