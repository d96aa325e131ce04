"""Running a generator over SimPy events without the two extra queue entries of a `simpy.Process`.

A `Story` begins at once and ends at once, where a Process is put in the event queue for its first step and for its
end; for something as short as a caller's life that is a large part of the cost. What a story cannot do is be
interrupted; a caller never is (it leaves by itself). The generator yields ordinary SimPy events.
"""

from collections.abc import Generator
from typing import Any

from simpy import Environment, Event

Steps = Generator[Event, Any, Any]


class Story(Event):
    """An event that succeeds with the generator's return value. An exception in the generator stops the run."""

    def __init__(self, env: Environment, steps: Steps) -> None:
        super().__init__(env)
        self._steps = steps
        self._advance(None)

    def _advance(self, event: Event | None) -> None:
        while True:
            try:
                if event is None or event._ok:
                    event = self._steps.send(None if event is None else event._value)
                else:
                    event.defused = True
                    event = self._steps.throw(event._value)
            except StopIteration as end:
                self._end(end.value)
                return
            if event.callbacks is not None:
                event.callbacks.append(self._advance)
                return

    def _end(self, value: Any) -> None:
        if self.callbacks:
            self.succeed(value)
        else:  # nobody waits, so nobody need be told through the queue
            self._ok = True
            self._value = value
            self.callbacks = None  # type: ignore[assignment]  # how SimPy itself marks an event as over


class FirstOf(Event):
    """Happens with, and in the same step as, the first of some events; then it lets go of the others.

    SimPy's `AnyOf` would stay hanging on a caller's patience until that runs out, and costs a queue entry more.
    """

    def __init__(self, env: Environment, *events: Event) -> None:
        super().__init__(env)
        self._events = events
        over = next((event for event in events if event.callbacks is None), None)
        if over is not None:
            self._happened(over)
            return
        for event in events:
            event.callbacks.append(self._happened)

    def _happened(self, event: Event) -> None:
        for other in self._events:
            if other.callbacks and self._happened in other.callbacks:
                other.callbacks.remove(self._happened)
        self._ok = event._ok
        self._value = event._value
        if not event._ok:
            event.defused = True
        callbacks, self.callbacks = self.callbacks, None  # type: ignore[assignment]  # as SimPy's own step does
        for callback in callbacks:
            callback(self)
