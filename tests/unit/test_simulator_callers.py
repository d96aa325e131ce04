"""A caller's life: every way it can go, from the start and from the middle."""

from math import inf

import pytest
from simpy import Environment, Event

from simulator.agents import ModelFloor
from simulator.callers import CallerCase, Outcome, crowd, life
from simulator.errors import CountError, TimeError
from simulator.floor import Ending


class OpenVisit:
    """A visit whose events the test brings about."""

    def __init__(self, env: Environment) -> None:
        self.served = Event(env)
        self.ended = Event(env)
        self.left_at_s: float | None = None

    def leave(self) -> None:
        self.left_at_s = self.served.env.now


class OpenFloor:
    """A floor that only notes who comes."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.visits: list[OpenVisit] = []
        self.entered: list[tuple[str, int, float]] = []

    def enter(self, case: CallerCase, attempt: int) -> OpenVisit:
        self.entered.append((case.case_id, attempt, self._env.now))
        self.visits.append(OpenVisit(self._env))
        return self.visits[-1]


def at(env: Environment, time_s: float, event: Event, value: Ending | None = None) -> None:
    env.timeout(time_s).callbacks.append(lambda _: event.succeed(value))


@pytest.fixture
def env() -> Environment:
    return Environment()


@pytest.fixture
def floor(env: Environment) -> OpenFloor:
    return OpenFloor(env)


def test_served_and_talked_to_the_end(env: Environment, floor: OpenFloor) -> None:
    over = life(env, CallerCase(10, 30, case_id="a"), floor)
    env.run(until=11)
    at(env, 4, floor.visits[0].served)
    at(env, 64, floor.visits[0].ended, "completed")
    assert env.run(over) == Outcome("served", 1, 5, 60)
    assert floor.entered == [("a", 1, 10)]
    assert floor.visits[0].left_at_s is None


def test_gives_up_rings_again_and_gives_up_for_good(env: Environment, floor: OpenFloor) -> None:
    over = life(env, CallerCase(10, 30, rings_again=(60, 5)), floor)
    assert env.run(over) == Outcome("abandoned", 3, 30, 0)
    assert [(attempt, entered) for _, attempt, entered in floor.entered] == [(1, 10), (2, 100), (3, 135)]
    assert [visit.left_at_s for visit in floor.visits] == [40, 130, 165]


def test_is_served_at_the_second_attempt_and_then_rings_no_more(env: Environment, floor: OpenFloor) -> None:
    over = life(env, CallerCase(0, 10, rings_again=(20, 20)), floor)
    env.run(until=31)
    at(env, 1, floor.visits[1].served)
    at(env, 9, floor.visits[1].ended, "completed")
    assert env.run(over) == Outcome("served", 2, 2, 8)
    assert len(floor.visits) == 2


@pytest.mark.parametrize("ending", ["completed", "refused"])
def test_turned_away_while_waiting_rings_again(env: Environment, floor: OpenFloor, ending: Ending) -> None:
    over = life(env, CallerCase(0, 100, rings_again=(7,)), floor)
    at(env, 3, floor.visits[0].ended, ending)
    env.run(until=20)
    assert floor.entered[1][1:] == (2, 10)
    at(env, 1, floor.visits[1].ended, ending)
    assert env.run(over) == Outcome("refused", 2, 11, 0)


def test_a_caller_that_hung_up_by_itself_has_abandoned(env: Environment, floor: OpenFloor) -> None:
    over = life(env, CallerCase(0, inf), floor)
    at(env, 3, floor.visits[0].ended, "abandoned")
    assert env.run(over) == Outcome("abandoned", 1, 3, 0)
    assert floor.visits[0].left_at_s is None


@pytest.mark.parametrize(("served_s", "outcome"), [(None, (3, 0)), (1, (1, 2))])
def test_a_broken_call_ends_the_life(
    env: Environment, floor: OpenFloor, served_s: float | None, outcome: tuple[float, float]
) -> None:
    over = life(env, CallerCase(0, 100, rings_again=(7,)), floor)
    if served_s is not None:
        at(env, served_s, floor.visits[0].served)
    at(env, 3, floor.visits[0].ended, "broken")
    assert env.run(over) == Outcome("broken", 1, *outcome)


def test_answered_in_the_moment_patience_ends_counts_as_served(env: Environment, floor: OpenFloor) -> None:
    env.timeout(30).callbacks.append(lambda _: floor.visits[0].served.succeed())
    over = life(env, CallerCase(0, 30), floor)
    at(env, 50, floor.visits[0].ended, "completed")
    assert env.run(over) == Outcome("served", 1, 30, 20)


def test_goes_on_in_the_middle_of_waiting(env: Environment, floor: OpenFloor) -> None:
    env.run(until=100)
    visit = OpenVisit(env)
    over = life(env, CallerCase(0, 30, (5,)), floor, resume=visit, attempt=1, entered_at_s=80)
    assert env.run(over) == Outcome("abandoned", 2, 30, 0)
    assert visit.left_at_s == 110
    assert floor.entered[0][1:] == (2, 115)


def test_goes_on_in_the_middle_of_talking(env: Environment, floor: OpenFloor) -> None:
    env.run(until=100)
    visit = OpenVisit(env)
    visit.served.succeed()
    over = life(env, CallerCase(0, 30), floor, resume=visit, attempt=2, entered_at_s=70, served_at_s=75)
    at(env, 20, visit.ended, "completed")
    assert env.run(over) == Outcome("served", 2, 5, 45)
    assert floor.entered == []


def test_goes_on_in_a_pause(env: Environment, floor: OpenFloor) -> None:
    env.run(until=100)
    over = life(env, CallerCase(140, 10, rings_again=(60,)), floor, attempt=2)
    assert env.run(over) == Outcome("abandoned", 2, 10, 0)
    assert floor.entered == [("", 2, 140)]


def test_patience_that_ran_out_while_nobody_looked_ends_at_once(env: Environment, floor: OpenFloor) -> None:
    env.run(until=100)
    over = life(env, CallerCase(0, 30), floor, resume=OpenVisit(env), entered_at_s=20)
    assert env.run(over) == Outcome("abandoned", 1, 80, 0)
    assert env.now == 100


def test_an_error_of_the_floor_is_not_swallowed(env: Environment, floor: OpenFloor) -> None:
    life(env, CallerCase(0, 30), floor)
    env.timeout(1).callbacks.append(lambda _: floor.visits[0].ended.fail(OSError("the bus is gone")))
    with pytest.raises(OSError, match="the bus is gone"):
        env.run()


@pytest.mark.parametrize(
    "case", [CallerCase(-1, 3), CallerCase(0, -1), CallerCase(0, float("nan")), CallerCase(0, 1, (inf,))]
)
def test_an_impossible_caller_is_refused(env: Environment, floor: OpenFloor, case: CallerCase) -> None:
    with pytest.raises(TimeError):
        life(env, case, floor)
    with pytest.raises(CountError):
        life(env, CallerCase(0, 1), floor, attempt=0)


def test_a_crowd_out_of_order_stops_the_run(env: Environment, floor: OpenFloor) -> None:
    crowd(env, [CallerCase(5, 1), CallerCase(4, 1)], floor)
    with pytest.raises(TimeError, match=r"arrives at 4 s, after one at 5 s"):
        env.run()


def test_the_agent_idle_longest_answers_and_wraps_up(env: Environment) -> None:
    floor = ModelFloor(env, 2, talk=lambda: 10, wrap_up=lambda: 5)
    ended: list[tuple[float, Outcome]] = []
    cases = [CallerCase(0, inf), CallerCase(1, inf), CallerCase(2, inf), CallerCase(40, inf), CallerCase(60, inf)]
    crowd(env, cases, floor, lambda _, outcome: ended.append((env.now, outcome)))
    env.run()
    # the third waits for the first agent's wrap-up: 0 + 10 + 5
    assert [(round(at_s, 9), outcome.waited_s) for at_s, outcome in ended] == [
        (10, 0), (11, 0), (25, 13), (50, 0), (70, 0),
    ]  # fmt: skip
    assert floor.busy_s == [45, 30]  # agent 1 was idle since 16, agent 0 since 30; then agent 0 since 30
    assert (floor.waiting, floor.talking, floor.most_waiting) == (0, 0, 1)


def test_as_many_lines_as_agents_turns_callers_away(env: Environment) -> None:
    floor = ModelFloor(env, 1, talk=lambda: 10, lines=1)
    outcomes: list[str] = []
    crowd(env, [CallerCase(0, 1), CallerCase(5, 1), CallerCase(10, 1)], floor, lambda _, out: outcomes.append(out.kind))
    env.run()
    assert outcomes == ["refused", "served", "served"]
