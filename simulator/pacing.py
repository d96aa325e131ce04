"""An ordinary SimPy environment on the wall clock, inside asyncio.

SimPy's own RealtimeEnvironment sleeps in the thread and so starves every other coroutine. Here `peek` says when the
next event is due, asyncio waits until then, and `step` plays it. News from outside come in by `call_soon`.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from simpy import Environment, Event

from simulator.errors import RateError, SimulatorError, TimeError

SLICE_S = 0.005
"""So long may due events be played in one go before other coroutines have their turn."""
SLICE_EVENTS = 200
"""So many at most, too, for clocks that stand still."""


class Clock(Protocol):
    """What the pace needs of a clock (`telephony.clock.Clock` is one)."""

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        ...


Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Wait for the event, at most so many wall seconds (`inf` for ever)."""


async def wait_for(news: asyncio.Event, seconds: float) -> None:
    """The real `Wait`: on asyncio's own timer."""
    if seconds == math.inf:
        await news.wait()
        return
    timer = asyncio.get_running_loop().call_later(seconds, news.set)
    try:
        await news.wait()
    finally:
        timer.cancel()


class PaceError(SimulatorError):
    """The pace was asked for something it cannot do in its present state."""

    error_id = "simulator.pace"


class Pace:
    """Drives `env` so that its time keeps step with `clock`: `speed` simulated seconds a second.

    `run` may be awaited again after it returned or was cancelled; the time in between does not count. What changes the
    environment from outside (starting a life, succeeding an event) belongs into `call_soon`, so that it happens at the
    present moment and not at the time of the last event. All of it in one event loop; not thread-safe.
    """

    def __init__(self, env: Environment, clock: Clock, speed: float = 1.0, wait: Wait = wait_for) -> None:
        if not math.isfinite(speed) or speed <= 0:
            raise RateError(f"speed is {speed}; give simulated seconds a second, above 0")
        self._env = env
        self._clock = clock
        self._speed = speed
        self._wait = wait
        self._news = asyncio.Event()
        self._calls: deque[tuple[float, Callable[[], Any]]] = deque()
        self._origin_s: float | None = None  # the clock's reading at environment time 0; None while not running
        self._stopping = False

    @property
    def now_s(self) -> float:
        """What the environment's time should be at this moment (`env.now` is the time of its last event)."""
        if self._origin_s is None:
            return self._env.now
        return max(self._env.now, (self._clock.monotonic() - self._origin_s) * self._speed)

    @property
    def behind_s(self) -> float:
        """By how many wall seconds the next event is overdue: 0 if the pace keeps up."""
        return max(0.0, (self.now_s - self._env.peek()) / self._speed)

    def call_soon(self, fn: Callable[[], Any]) -> None:
        """Call `fn` inside the environment at the present moment, after everything that was due before it.

        An exception in `fn` stops the run as one in a process does. Before `run`, calls wait for its beginning.
        """
        self._calls.append((self.now_s, fn))
        self._news.set()

    def stop(self) -> None:
        """Let `run` return after the event it is playing. What is still due stays due for a later `run`."""
        self._stopping = True
        self._news.set()

    async def run(self, until: float | Event | None = None) -> Any:
        """Play events as they fall due until the time `until`, or the event `until` (its value is returned), or `stop`.

        With None it waits for news even if no event is left. Whatever a process or a call raises is raised here. If it
        fell behind, the overdue events are played in their order, as fast as they go, with a turn for other coroutines
        every few milliseconds.
        """
        if self._origin_s is not None:
            raise PaceError("this pace is running already; make one Pace for each environment")
        done, end_s = self._goal(until)
        self._origin_s = self._clock.monotonic() - self._env.now / self._speed
        self._stopping = False
        try:
            while not (self._stopping or (done is not None and done.processed)):
                if not self._play_due(done, end_s) or self._stopping:
                    await asyncio.sleep(0)
                elif self.now_s >= end_s:
                    self._env.run(until=end_s) if end_s > self._env.now else None
                    return None
                else:
                    await self._rest(end_s)
        finally:
            self._origin_s = None
        return _result(done)

    def _goal(self, until: float | Event | None) -> tuple[Event | None, float]:
        if isinstance(until, Event):
            return until, math.inf
        if until is None:
            return None, math.inf
        if math.isnan(until) or until < self._env.now:
            raise TimeError(f"until is {until} s, but it is {self._env.now} s already; give a later time")
        return None, until

    def _play_due(self, done: Event | None, end_s: float) -> bool:
        """Play what is due; False if there is more, but others should have a turn first."""
        started_s = self._clock.monotonic()
        for _ in range(SLICE_EVENTS):
            self._let_in()
            due_s = self._env.peek()
            if due_s >= end_s or due_s > self.now_s:
                return True
            self._env.step()
            if self._stopping or (done is not None and done.processed):
                return False
            if self._clock.monotonic() - started_s > SLICE_S:
                return False
        return False

    def _let_in(self) -> None:
        """Put the calls from outside among the events, each at the time it was made."""
        while self._calls:
            at_s, fn = self._calls.popleft()
            self._env.timeout(max(0.0, at_s - self._env.now)).callbacks.append(partial(_call, fn))

    async def _rest(self, end_s: float) -> None:
        self._news.clear()
        if self._calls or self._stopping:
            return
        seconds = (min(self._env.peek(), end_s) - self.now_s) / self._speed
        await self._wait(self._news, max(0.0, seconds))


def _call(fn: Callable[[], Any], _: Event) -> None:
    fn()


def _result(done: Event | None) -> Any:
    """The value of the event a run was to end with; a failure that nobody dealt with has been raised by `step`."""
    return done.value if done is not None and done.processed and done.ok else None
