"""The real distribution in simulated time: it agrees with theory where there is one, and loses nobody."""

import math
from collections import Counter
from functools import partial
from random import Random

import pytest
from simpy import Environment

from lab_server.planner.binding import Entry, ModelAgent, RoutedFloor
from lab_server.routing.agents import AgentState
from lab_server.routing.queues import QueueRules, Strategy
from lab_server.routing.target import Target
from simulator.arrivals import poisson
from simulator.callers import CallerCase, Outcome, crowd
from simulator.experiment import replicate
from simulator.model import QueueModel, Tally
from simulator.theory import erlang_a

RATE_PER_H, AHT_S, AGENTS, PATIENCE_S = 300.0, 120.0, 10, 60.0
CALLERS = 800


def cases(rng: Random, callers: int, rings_again: tuple[float, ...] = ()) -> list[CallerCase]:
    times = poisson(rng, RATE_PER_H)
    return [CallerCase(next(times), rng.expovariate(1 / PATIENCE_S), rings_again, str(n)) for n in range(callers)]


def routed(rng: Random) -> dict[str, float]:
    """The textbook queue, through the real distribution."""
    env, tally = Environment(), Tally(warm_up_s=600.0, threshold_s=20.0)
    agents = [ModelAgent(str(1001 + n), talk=partial(rng.expovariate, 1 / AHT_S)) for n in range(AGENTS)]
    floor = RoutedFloor(env, [QueueRules(name="order")], agents, lambda _: Entry("order"))
    crowd(env, cases(rng, CALLERS), floor, tally.record)
    env.run()
    return tally.figures()


def test_a_plain_queue_agrees_with_erlang_a() -> None:
    theory = erlang_a(RATE_PER_H, AHT_S, AGENTS, PATIENCE_S)
    figures = replicate(routed, range(16))
    for name in ("p_wait", "mean_wait_s", "service_level", "p_abandon"):
        found, wanted = figures[name], getattr(theory, name)
        assert abs(found.mean - wanted) <= 4 * found.sd / math.sqrt(found.runs), f"{name}: {found}, theory {wanted}"
        assert found.half_width < 0.25 * wanted, f"{name}: so wide an interval proves nothing"


def test_a_plain_queue_does_to_each_caller_what_the_modelled_floor_does() -> None:
    model = QueueModel(RATE_PER_H, AHT_S, AGENTS, PATIENCE_S, customers=500)

    def through_the_distribution(rng: Random) -> dict[str, float]:
        env, tally = Environment(), Tally(0.0, model.threshold_s)
        talk = model._talk(rng)
        agents = [ModelAgent(str(1001 + n), talk=talk) for n in range(AGENTS)]
        floor = RoutedFloor(env, (), agents, lambda _: Entry("order"))
        crowd(env, model._cases(rng), floor, tally.record)
        env.run()
        return tally.figures()

    assert through_the_distribution(Random(5)) == model.by_lives(Random(5))


@pytest.mark.parametrize("seed", range(4))
def test_with_skills_priorities_and_limits_every_caller_ends_exactly_once(seed: int) -> None:
    rng, env, ended = Random(seed), Environment(), Counter[str]()
    rules = [
        QueueRules(name="order", skill="order", level=4, relax_after_s=15.0, best_first=True, ring_timeout_s=10.0),
        QueueRules(
            name="fault", priority=1, max_waiting=3, when_full=Target.parse("queue:order"), max_wait_s=30.0,
            when_late=Target.parse("queue:all"),
        ),
        QueueRules(name="all", strategy=Strategy.RING_ALL, max_wait_s=60.0, wrap_up_s=10.0),
        QueueRules(name="few", strategy=Strategy.FEWEST_CALLS, max_waiting=2, when_full=Target.parse("mailbox:few")),
    ]  # fmt: skip
    agents = [
        ModelAgent(
            str(1001 + n),
            talk=partial(rng.expovariate, 1 / 60.0),
            wrap_up=partial(rng.expovariate, 1 / 20.0),
            pick_up=partial(rng.uniform, 1.0, 14.0),
            skills={"order": rng.randint(1, 9)},
        )
        for n in range(6)
    ]
    outcomes: dict[str, Outcome] = {}

    def record(case: CallerCase, outcome: Outcome) -> None:
        assert case.case_id not in outcomes, "a caller ended twice"
        outcomes[case.case_id] = outcome
        ended[outcome.kind] += 1

    def route(_: CallerCase) -> Entry:
        return Entry(
            rng.choice(["order", "fault", "all", "few"]), rng.choice([0, 0, 0, 1]), rng.choice([None, "1003"]), 8.0
        )

    floor = RoutedFloor(env, rules, agents, route)
    crowd(env, cases(rng, 400, rings_again=(90.0,)), floor, record)
    env.run()
    assert len(outcomes) == 400
    assert min(ended["served"], ended["abandoned"], ended["refused"]) > 0, f"not everything happened: {ended}"
    assert floor.acd.waiting() == []
    assert {agent.state for agent in floor.acd.agents()} == {AgentState.READY}
    assert sum(agent.calls for agent in floor.acd.agents()) == ended["served"]


@pytest.mark.parametrize("ageing_s", [30.0, 300.0])
def test_a_flood_of_vips_delays_the_others_by_no_more_than_their_head_start(ageing_s: float) -> None:
    """More VIPs than the only agent can serve: without ageing nobody else would ever be served."""
    env, began = Environment(), dict[str, float]()
    flood = [CallerCase(9.0 * n, math.inf, (), f"vip-{n}") for n in range(100)]
    flood.insert(2, CallerCase(15.0, math.inf, (), "normal"))

    def record(case: CallerCase, outcome: Outcome) -> None:
        began[case.case_id] = case.arrives_at_s + outcome.waited_s

    floor = RoutedFloor(
        env,
        [QueueRules(name="order", ageing_s=ageing_s)],
        [ModelAgent("1001", talk=lambda: 10.0)],
        lambda case: Entry("order", int(case.case_id != "normal")),
    )
    crowd(env, flood, floor, record)
    env.run()
    before = {case.case_id for case in flood if began[case.case_id] < began["normal"]}
    assert before == {case.case_id for case in flood if case.case_id != "normal" and case.arrives_at_s < 15 + ageing_s}
