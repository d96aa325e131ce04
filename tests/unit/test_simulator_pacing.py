"""Pacing: simulated time keeps step with the clock and leaves the event loop to others."""

import asyncio
import time
from collections.abc import Generator
from itertools import pairwise
from typing import Any

import pytest
from simpy import Environment, Event

from simulator.errors import RateError, TimeError
from simulator.pacing import Pace, PaceError


class WallClock:
    def monotonic(self) -> float:
        return time.monotonic()


class FakeClock:
    """A clock that moves only when the pace waits, at most `late_s` more than it was asked to."""

    def __init__(self, late_s: float = 0.0) -> None:
        self.now_s = 1000.0
        self.late_s = late_s

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, news: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if not news.is_set():
            assert seconds < float("inf"), "nothing is left to wait for"
            self.now_s += max(seconds, 1e-6) + self.late_s


def ticking(env: Environment, every_s: float, ticks: int, seen: list[float]) -> Generator[Event, Any, None]:
    for _ in range(ticks):
        yield env.timeout(every_s)
        seen.append(env.now)


async def test_plays_at_the_clocks_speed() -> None:
    env, clock, seen = Environment(), FakeClock(), list[float]()
    env.process(ticking(env, 10, 6, seen))
    await Pace(env, clock, speed=4, wait=clock.wait).run(until=60.5)
    assert seen == [10, 20, 30, 40, 50, 60]
    assert env.now == 60.5
    assert clock.now_s == pytest.approx(1000 + 60.5 / 4, abs=1e-3)


async def test_a_heartbeat_is_not_starved_by_thousands_of_due_events() -> None:
    env, seen, beats = Environment(), list[float](), list[float]()
    for index in range(50_000):
        env.timeout(index * 1e-5).callbacks.append(lambda _: seen.append(env.now))  # 100,000 due a second: too many

    async def heartbeat() -> None:
        while True:
            beats.append(time.monotonic())
            await asyncio.sleep(0.02)

    beating = asyncio.create_task(heartbeat())
    await Pace(env, WallClock()).run(until=0.6)
    beating.cancel()
    gaps = [later - earlier for earlier, later in pairwise(beats)]
    assert len(seen) == 50_000
    assert len(beats) >= 20
    assert sorted(gaps)[len(gaps) // 2] < 0.035, "half of the beats are punctual even so"


async def test_slow_events_do_not_keep_others_waiting_either() -> None:
    env, turns, played = Environment(), list[int](), list[float]()
    for _ in range(150):
        env.timeout(0).callbacks.append(lambda _: (time.sleep(0.002), played.append(env.now)))
    running = asyncio.create_task(Pace(env, WallClock()).run(until=0.001))
    while not running.done():
        await asyncio.sleep(0)
        turns.append(len(played))
    assert max(later - earlier for earlier, later in pairwise(turns)) <= 4, "a turn for others every 5 ms"


async def test_events_that_take_no_time_at_all_leave_turns_to_others() -> None:
    env, clock, turns, played = Environment(), FakeClock(), list[int](), list[float]()
    for _ in range(2000):
        env.timeout(0).callbacks.append(lambda _: played.append(env.now))
    running = asyncio.create_task(Pace(env, clock, wait=clock.wait).run(until=1))
    while not running.done():
        await asyncio.sleep(0)
        turns.append(len(played))
    assert played[-1] == 0
    assert len(set(turns)) >= 10


async def test_catches_up_when_it_fell_behind_and_keeps_the_order() -> None:
    env, clock, seen = Environment(), FakeClock(late_s=25.0), list[float]()
    env.process(ticking(env, 10, 9, seen))
    pace = Pace(env, clock, wait=clock.wait)
    await pace.run(until=95)
    assert seen == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert clock.now_s < 1000 + 95 + 2 * 25 + 1, "it does not add up what it was late"


async def test_news_from_outside_land_at_once_and_at_the_right_time() -> None:
    env, landed = Environment(), list[tuple[float, float]]()
    answered = Event(env)
    pace = Pace(env, WallClock(), speed=10)
    env.timeout(100.0)  # far away: the pace is asleep when the news comes
    answered.callbacks.append(lambda _: landed.append((env.now, time.monotonic())))
    started_s = time.monotonic()
    running = asyncio.create_task(pace.run(until=answered))
    await asyncio.sleep(0.05)
    called_s = time.monotonic()
    pace.call_soon(lambda: answered.succeed("hello"))
    assert await running == "hello"
    env_s, wall_s = landed[0]
    assert wall_s - called_s < 0.1
    assert env_s == pytest.approx((called_s - started_s) * 10, abs=0.2)


async def test_news_come_after_what_was_due_before_them() -> None:
    env, clock, log = Environment(), FakeClock(), list[tuple[str, float]]()
    pace = Pace(env, clock, wait=clock.wait)
    env.timeout(5).callbacks.append(lambda _: log.append(("due", env.now)))

    async def frozen_then_news(news: asyncio.Event, seconds: float) -> None:
        clock.now_s += 8.0
        pace.call_soon(lambda: log.append(("news", env.now)))
        pace._wait = clock.wait

    pace._wait = frozen_then_news
    await pace.run(until=10)
    assert log == [("due", 5), ("news", 8)]


async def test_calls_before_the_run_are_kept_for_it() -> None:
    env, clock, log = Environment(), FakeClock(), list[float]()
    pace = Pace(env, clock, wait=clock.wait)
    pace.call_soon(lambda: log.append(env.now))
    clock.now_s += 50
    await pace.run(until=1)
    assert log == [0.0]


async def test_an_error_in_a_process_is_raised_and_the_rest_can_go_on() -> None:
    env, clock, seen = Environment(), FakeClock(), list[float]()

    def failing() -> Generator[Event, Any, None]:
        yield env.timeout(3)
        raise ValueError("the caller fell off the line")

    env.process(failing())
    env.process(ticking(env, 2, 3, seen))
    pace = Pace(env, clock, wait=clock.wait)
    with pytest.raises(ValueError, match="fell off the line"):
        await pace.run(until=10)
    await pace.run(until=10)
    assert seen == [2, 4, 6]


async def test_an_error_in_a_call_from_outside_is_raised() -> None:
    env, clock = Environment(), FakeClock()
    pace = Pace(env, clock, wait=clock.wait)
    pace.call_soon(lambda: {}["no such call"])
    with pytest.raises(KeyError, match="no such call"):
        await pace.run(until=1)


async def test_stops_between_events_and_goes_on_later_without_the_time_between() -> None:
    env, clock, seen = Environment(), FakeClock(), list[float]()
    env.process(ticking(env, 1, 4, seen))
    pace = Pace(env, clock, wait=clock.wait)
    env.timeout(2.5).callbacks.append(lambda _: pace.stop())
    assert await pace.run() is None
    assert seen == [1, 2]
    clock.now_s += 500
    await pace.run(until=3.5)
    assert seen == [1, 2, 3]


async def test_cancelling_it_leaves_the_environment_whole() -> None:
    env, seen = Environment(), list[float]()
    env.process(ticking(env, 0.01, 3, seen))
    pace = Pace(env, WallClock())
    ticked = asyncio.Event()
    env.timeout(0.035).callbacks.append(lambda _: ticked.set())
    running = asyncio.create_task(pace.run())  # nothing is left after that, so it waits for news
    async with asyncio.timeout(5):
        await ticked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    env.process(ticking(env, 0.01, 1, seen))
    await pace.run(until=env.now + 0.02)
    assert len(seen) == 4


async def test_says_by_how_much_it_is_behind() -> None:
    env, clock, behind = Environment(), FakeClock(late_s=4.0), list[float]()
    pace = Pace(env, clock, speed=2, wait=clock.wait)
    env.timeout(10).callbacks.append(lambda _: behind.append(pace.behind_s))
    env.timeout(11)
    await pace.run(until=12)
    assert behind == [pytest.approx(3.5)]  # woken 4 s late, the event at 11 s was due 0.5 s after the one at 10 s


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_wrong_speed_is_refused(speed: float) -> None:
    with pytest.raises(RateError, match="speed is"):
        Pace(Environment(), FakeClock(), speed)


async def test_a_time_in_the_past_or_a_second_run_is_refused() -> None:
    env, clock = Environment(), FakeClock()
    pace = Pace(env, clock, wait=clock.wait)
    await pace.run(until=5)
    with pytest.raises(TimeError, match=r"until is 4 s, but it is 5"):
        await pace.run(until=4)
    env.timeout(1).callbacks.append(lambda _: second.append(asyncio.ensure_future(pace.run(until=9))))
    second: list[asyncio.Future[Any]] = []
    await pace.run(until=7)
    with pytest.raises(PaceError, match="running already"):
        await second[0]
