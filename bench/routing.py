"""The distribution alone, and four hours of a class through it in simulated time.

200 agents with 4 of 20 skills each at levels 1 to 9, 20 queues that each demand a skill at level 3, VIPs among the
callers. An *offer* is the whole round of a contact in the distribution: it waits, is given to an agent, is answered,
is over, the agent wraps up and is ready again, and `assign` is asked after each of these. Three floors: all agents busy
and 500 waiting (also with a demanded level that falls from 9, and with agents who can do everything); all idle and
callers coming one by one; and 500 waiting when all 200 become ready at once. Beside it a plain distributor that sorts
everybody each time it is asked (below); both must make the same offers.
"""

import gc
import time
from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median

from simpy import Environment

from bench.harness import Bench, Row
from lab_server.planner.binding import Entry, ModelAgent, RoutedFloor
from lab_server.routing.acd import Acd, Offer, Waiting
from lab_server.routing.agents import Agent, AgentState
from lab_server.routing.queues import QueueRules
from simulator.arrivals import poisson
from simulator.callers import Outcome, crowd
from simulator.floor import CallerCase

AGENTS, SKILLS, WAITING = 200, 20, 500
RULES = [QueueRules(name=f"q{n}", skill=f"s{n}", level=3) for n in range(SKILLS)]
FALLING = [QueueRules(name=f"q{n}", skill=f"s{n}", level=9, relax_after_s=60.0) for n in range(SKILLS)]

STUDENTS, CALL_S, WRITE_S, PATIENCE_S, LOAD = 30, 24.0, 8.0, 60.0, 1.3
"""A class: calls as short as its scenarios', and more callers than the students can serve."""


class Plain:
    """The same rules, thought of nothing else: everybody who waits and everybody idle is sorted for each assignment."""

    def __init__(self, rules: list[QueueRules]) -> None:
        self._rules = {one.name: one for one in rules}
        self._agents: dict[str, Agent] = {}
        self._waiting: dict[str, Waiting] = {}

    def sign_on(self, seat: str, now_s: float, skills: dict[str, int]) -> None:
        self._agents[seat] = Agent(seat, AgentState.NOT_READY, now_s, skills=skills)

    def set_state(self, seat: str, state: AgentState, now_s: float) -> None:
        self._agents[seat] = self._agents[seat].moved(state, now_s)

    def wait(self, waiting: Waiting) -> None:
        self._waiting[waiting.contact] = waiting

    def answered(self, contact: str, seat: str, now_s: float) -> None:
        self._agents[seat] = self._agents[seat].moved(AgentState.TALKING, now_s, contact)

    def release(self, seat: str, contact: str, now_s: float, then: AgentState = AgentState.READY) -> None:
        self._agents[seat] = self._agents[seat].freed(then, now_s)

    def assign(self, now_s: float) -> list[Offer]:
        idle = sorted(
            (agent for agent in self._agents.values() if agent.state is AgentState.READY),
            key=lambda agent: (agent.idle_since_s, agent.seat),
        )
        offers = []
        for waiting in sorted(self._waiting.values(), key=self._rank):
            rules = self._rules[waiting.queue]
            level = rules.level_after(now_s - waiting.since_s)
            agent = next((agent for agent in idle if rules.level_of(agent) >= level), None)
            if agent is not None:
                idle.remove(agent)
                del self._waiting[waiting.contact]
                self._agents[agent.seat] = agent.offered(waiting.contact, now_s)
                offers.append(Offer(waiting.contact, (agent.seat,)))
        return offers

    def _rank(self, waiting: Waiting) -> tuple[float, float, str]:
        rules = self._rules[waiting.queue]
        return rules.rank_s(waiting.since_s, waiting.priority), waiting.since_s, waiting.contact


class Round:
    """One distributor at work, and what it decided; time is a count of steps."""

    def __init__(self, acd: Acd | Plain, seed: int, waiting: int, skills_each: int = 4) -> None:
        self.acd = acd
        self._rng = Random(seed)
        self._now_s = 0.0
        self._came = 0
        self.busy: list[tuple[str, str]] = []  # contact, seat; first given, first over
        self.offers: list[Offer] = []
        for n in range(AGENTS):
            skills = {f"s{skill}": self._rng.randint(1, 9) for skill in self._rng.sample(range(SKILLS), skills_each)}
            acd.sign_on(str(1000 + n), self.now(), skills=skills)
        for _ in range(waiting):
            self.come()

    def now(self) -> float:
        self._now_s += 0.25
        return self._now_s

    def come(self) -> None:
        self._came += 1
        queue, vip = f"q{self._rng.randrange(SKILLS)}", self._rng.random() < 0.05
        self.acd.wait(Waiting(f"c{self._came}", queue, self.now(), priority=int(vip)))

    def all_ready(self) -> None:
        for n in range(AGENTS):
            self.acd.set_state(str(1000 + n), AgentState.READY, self.now())

    def assign(self) -> None:
        now_s = self.now()
        for offer in self.acd.assign(now_s):
            self.offers.append(offer)
            self.busy.append((offer.contact, offer.seats[0]))
            self.acd.answered(offer.contact, offer.seats[0], now_s)

    def one_is_over(self) -> None:
        contact, seat = self.busy.pop(0)
        self.acd.release(seat, contact, self.now(), AgentState.WRAP_UP)
        self.assign()
        self.acd.release(seat, contact, self.now())
        self.assign()


def queue_is_long(acd: Acd | Plain, offers: int, seed: int, skills_each: int = 4) -> tuple[float, list[Offer]]:
    """500 wait and everybody is busy: one is over, the next is served, another comes."""
    floor = Round(acd, seed, WAITING + AGENTS, skills_each)
    floor.all_ready()
    floor.assign()
    before, started_s = len(floor.offers), time.process_time()
    while len(floor.offers) < before + offers:
        floor.one_is_over()
        floor.come()
        floor.assign()
    return (len(floor.offers) - before) / (time.process_time() - started_s), floor.offers


def agents_are_idle(acd: Acd | Plain, offers: int, seed: int) -> tuple[float, list[Offer]]:
    """Everybody is idle: one comes, is served at once, is over."""
    floor = Round(acd, seed, 0)
    floor.all_ready()
    started_s = time.process_time()
    while len(floor.offers) < offers:
        floor.come()
        floor.assign()
        floor.one_is_over()
    return len(floor.offers) / (time.process_time() - started_s), floor.offers


def all_at_once(acd: Acd | Plain, offers: int, seed: int) -> tuple[float, list[Offer]]:
    """500 wait when 200 become ready at one moment, again and again."""
    floor = Round(acd, seed, WAITING)
    floor.all_ready()
    took_s = 0.0
    while len(floor.offers) < offers:
        started_s = time.process_time()
        floor.assign()
        took_s += time.process_time() - started_s
        for contact, seat in floor.busy:
            floor.acd.release(seat, contact, floor.now())
            floor.come()
        floor.busy.clear()
    return len(floor.offers) / took_s, floor.offers


PLAYS: dict[str, tuple[list[QueueRules], Callable[[Acd | Plain, int, int], tuple[float, list[Offer]]]]] = {
    "500 waiting": (RULES, queue_is_long),
    "500 waiting, level falls from 9": (FALLING, queue_is_long),
    "500 waiting, 20 skills each": (RULES, partial(queue_is_long, skills_each=SKILLS)),
    "200 idle": (RULES, agents_are_idle),
    "200 ready at once": (RULES, all_at_once),
}


def offers_per_s(quick: bool) -> list[Row]:
    """Ours and the plain one in turn; medians, and the median of the rounds' own ratios."""
    offers, rounds = (500, 1) if quick else (20_000, 5)
    rows = []
    for name, (rules, play) in PLAYS.items():
        speeds, ratios, plains = [], [], []
        for seed in range(rounds):
            gc.collect()
            speed, made = play(Acd(rules), offers, seed)
            plain, beside = play(Plain(rules), offers // 10, seed)
            if made[: len(beside)] != beside:
                raise AssertionError(f"{name}: not the offers that the plain distributor makes")
            speeds.append(speed)
            plains.append(plain)
            ratios.append(speed / plain)
        note = f"{rounds} × {offers:,}; lowest {min(speeds):,.0f}"
        rows.append(Row(f"offers, {name}", median(speeds), "offers/CPU s", median(plains), median(ratios), note))
    return rows


def class_hours(hours: float, seed: int) -> tuple[float, int, dict[str, int]]:
    """A class in simulated time: CPU seconds, callers, and how their lives ended."""
    rng, env, ended = Random(seed), Environment(), dict.fromkeys(("served", "abandoned", "refused", "broken"), 0)
    agents = [
        ModelAgent(
            str(1001 + n),
            talk=lambda: rng.expovariate(1 / CALL_S),
            wrap_up=lambda: rng.expovariate(1 / WRITE_S),
            pick_up=lambda: rng.uniform(1.0, 6.0),
            skills={f"s{skill}": rng.randint(1, 9) for skill in rng.sample(range(3), 2)},
        )
        for n in range(STUDENTS)
    ]
    rules = [changed(RULES[n], relax_after_s=20.0, max_waiting=200) for n in range(3)]
    queue_of: dict[str, Entry] = {}

    def cases() -> list[CallerCase]:
        rate_per_h = LOAD * STUDENTS * 3600 / (CALL_S + WRITE_S + 3.5)
        made = []
        for n, at_s in enumerate(poisson(rng, rate_per_h, hours * 3600)):
            queue_of[str(n)] = Entry(f"q{rng.randrange(3)}", priority=int(rng.random() < 0.05))
            made.append(CallerCase(at_s, rng.expovariate(1 / PATIENCE_S), (120.0,), str(n)))
        return made

    def record(_: CallerCase, outcome: Outcome) -> None:
        ended[outcome.kind] += 1

    callers = cases()
    started_s = time.process_time()
    floor = RoutedFloor(env, rules, agents, lambda case: queue_of[case.case_id])
    crowd(env, callers, floor, record)
    env.run()
    return time.process_time() - started_s, len(callers), ended


def changed(rules: QueueRules, **changes: object) -> QueueRules:
    return QueueRules.model_validate(rules.model_dump() | changes)


def run(quick: bool) -> list[Row]:
    rows = offers_per_s(quick)
    hours = 0.1 if quick else 4.0
    played = [class_hours(hours, seed) for seed in range(1 if quick else 3)]
    took_s, callers, ended = sorted(played, key=lambda one: one[0])[len(played) // 2]
    if sum(ended.values()) != callers:
        raise AssertionError(f"{callers} callers, but {ended}: somebody was lost")
    said = ", ".join(f"{count:,} {kind}" for kind, count in ended.items())
    note = f"{STUDENTS} students, {callers:,} callers: {said}"
    rows.append(Row(f"{hours:g} h of class", took_s, "CPU s", note=note))
    return rows


BENCH = Bench("routing", run, "the distribution alone: 200 agents, 20 skills; and a class in simulated time")
