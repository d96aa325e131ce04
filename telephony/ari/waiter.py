"""Waiting for one event, registered *before* the act that brings it about, so that it cannot slip by."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from telephony.ari.errors import AriGap
from telephony.ari.events import Event

E = TypeVar("E", bound=Event)


class Waiter(Generic[E]):
    """One expected event. Use as a context manager, or `cancel()` it when it is not needed any more."""

    def __init__(self, owner: "Expectations", kind: type[E], matches: Callable[[E], bool] | None) -> None:
        self._owner = owner
        self._future: asyncio.Future[E] = asyncio.get_running_loop().create_future()
        self.kind = kind
        self._matches = matches

    async def wait(self, timeout_s: float | None = None) -> E:
        """The event. Raises `TimeoutError`, or `AriGap` if the stream broke meanwhile: it may have been missed."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._future
        finally:
            self.cancel()

    @property
    def done(self) -> bool:
        return self._future.done()

    def offer(self, event: E) -> None:
        """Take the event if it is the one."""
        if self._future.done():
            return
        try:
            fits = self._matches is None or self._matches(event)
        except Exception as error:  # a fault in the question is the asker's: the event stream must go on
            self.fail(error)
            return
        if fits:
            self._future.set_result(event)

    def fail(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)
            self._future.exception()  # nobody need be waiting: that is no fault

    def cancel(self) -> None:
        self._owner.drop(self)
        self._future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.cancel()


class Expectations:
    """All open waiters, by type of event."""

    def __init__(self) -> None:
        self._open: dict[type[Event], list[Waiter[Event]]] = {}

    def expect(self, kind: type[E], matches: Callable[[E], bool] | None = None) -> Waiter[E]:
        waiter = Waiter(self, kind, matches)
        self._open.setdefault(kind, []).append(waiter)  # type: ignore[arg-type]  # filed under its own kind
        return waiter

    def drop(self, waiter: Waiter[E]) -> None:
        waiters = self._open.get(waiter.kind, [])
        if waiter in waiters:
            waiters.remove(waiter)  # type: ignore[arg-type]

    def offer(self, event: Event) -> None:
        for waiter in tuple(self._open.get(type(event), ())):
            waiter.offer(event)

    def fail_all(self, reason: str) -> None:
        for waiters in self._open.values():
            for waiter in waiters:
                waiter.fail(AriGap(reason))
