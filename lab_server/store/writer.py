"""The one thread of a process that writes to the database, and the few that read.

Units of work are functions of a `Session`. They are done in the order they were handed over, many in one commit when
many wait. One that fails spoils no other: the batch is done again, each unit in a savepoint of its own. When the
database is locked or away, the whole batch is tried again, too: a unit may therefore run more than once and must do
nothing but use its session.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from lab_server.store.engine import is_passing, reading, writing
from lab_server.store.errors import DatabaseBusyError, StoreClosedError
from telephony.clock import Clock, SystemClock

log = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 500
LINGER_S = 0.05
LONGEST_PAUSE_S = 1.0
STANDS_BACK_S = 0.1
"""So long in one batch the writer lets others go first, however often it is asked to."""


@dataclass(eq=False)
class _Unit:
    work: Callable[[Session], Any]
    done: Future[Any] = field(default_factory=Future)
    give_up_at: float | None = None  # monotonic seconds; None: kept until the database takes it
    urgent: bool = True


_Done = tuple[Any, BaseException | None]
"""What a unit returned, or why it failed."""


class Writer:
    """Writes in order from its own thread. `on_trouble` hears (in that thread) that the database went or returned."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock | None = None,
        name: str = "writer",
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()
        self._on_trouble = on_trouble or (lambda sentence: None)
        self._units: deque[_Unit] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._stuck = False
        self._alone = 0
        self._not_before_s = float("-inf")
        self._thread = threading.Thread(target=self._write_all, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Session], T], *, timeout_s: float = 10.0) -> T:
        """Do `work` in its turn and return what it returns, once it is committed.

        Raises what `work` raises; `DatabaseBusyError` if the database took nothing for `timeout_s` seconds. Who stops
        waiting does not stop the work.
        """
        return await asyncio.wrap_future(self.submit(work, timeout_s=timeout_s))

    def submit(self, work: Callable[[Session], T], *, timeout_s: float | None = 10.0) -> Future[T]:
        """`run` for who has no event loop."""
        give_up_at = None if timeout_s is None else self._clock.monotonic() + timeout_s
        return self._add(_Unit(work, give_up_at=give_up_at))

    def post(self, work: Callable[[Session], object], *, urgent: bool = True) -> Future[Any]:
        """Hand `work` over and go on at once: it is kept until the database takes it. A failure is logged.

        `urgent=False` lets it wait up to 50 ms for company.
        """
        unit = _Unit(work, urgent=urgent)
        unit.done.add_done_callback(_log_failure)
        return self._add(unit)

    def stand_back(self, seconds: float) -> None:
        """Begin no unit for so long: the caller's thread is in a hurry, and Python runs one thread at a time.

        Nothing is lost and the order stays; a batch is held up by `STANDS_BACK_S` at most.
        """
        self._not_before_s = max(self._not_before_s, self._clock.monotonic() + seconds)

    @property
    def waiting(self) -> int:
        """Units not yet committed."""
        return len(self._units)

    async def flush(self, timeout_s: float = 10.0) -> None:
        """Return when everything handed over so far is committed. Raises `DatabaseBusyError` if that takes longer."""
        await self.run(lambda session: None, timeout_s=timeout_s)

    def close(self, timeout_s: float = 10.0) -> int:
        """Write what waits, stop the thread, and return how many units the database did not take in that time."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout_s)
        left = len(self._units)
        if left:
            log.error("The database took no more work: %d units of work are lost with this process.", left)
        return left

    def _add(self, unit: _Unit) -> Future[Any]:
        with self._wake:
            if self._closing:
                raise StoreClosedError("this writer has been closed; hand over work before the process ends")
            self._units.append(unit)
            self._wake.notify()
        return unit.done

    def _write_all(self) -> None:
        pause_s = 0.0
        while batch := self._next_batch(pause_s):
            try:
                self._commit(batch)
                pause_s = 0.0
            except Exception as error:
                # Every unit's own failure is its owner's; this is the commit's. The thread must outlive it.
                if is_passing(error):
                    pause_s = min(LONGEST_PAUSE_S, pause_s * 2 or 0.05)
                    self._give_up_late(error)
                elif len(batch) > 1:
                    self._alone = len(batch)  # one of them is to blame: each in a transaction of its own
                else:
                    log.exception("The database refused a commit; its unit of work is given up.")
                    self._finish(batch, error)

    def _next_batch(self, pause_s: float) -> list[_Unit]:
        """The units to write now; waits `pause_s` seconds, then for the first. Empty: we close and all is done."""
        with self._wake:
            if pause_s:
                self._wake.wait_for(lambda: False, pause_s)
            self._wake.wait_for(lambda: self._units or self._closing)
            if not self._closing:
                self._wake.wait_for(lambda: self._closing or any(unit.urgent for unit in self._units), LINGER_S)
            most = 1 if self._alone else BATCH
            self._alone = max(0, self._alone - 1)
            return [self._units[index] for index in range(min(most, len(self._units)))]

    def _commit(self, batch: list[_Unit]) -> None:
        together = len(batch) > 1
        try:
            results = self._done(batch, _do if together else _attempt)
        except Exception as error:
            # Whose fault it is will be seen when each has a savepoint; what the database may take later comes again.
            if not together or is_passing(error):
                raise
            results = self._done(batch, _attempt)
        self._told("The database takes work again.", stuck=False)
        self._take_off(len(batch))
        for unit, (value, failure) in zip(batch, results, strict=True):
            _answer(unit, value, failure)

    def _done(self, batch: list[_Unit], do: Callable[[Session, Callable[[Session], Any]], _Done]) -> list[_Done]:
        """All units and their commit, each with what became of it. Raises what `do` raises: then nothing is done."""
        done: list[_Done] = []
        patience_s = STANDS_BACK_S
        with writing(self._engine) as session:
            for unit in batch:
                patience_s -= self._stood_back_s(patience_s)
                done.append(do(session, unit.work))
        return done

    def _stood_back_s(self, at_most_s: float) -> float:
        """Wait as `stand_back` asks for; how long that was."""
        wait_s = min(self._not_before_s - self._clock.monotonic(), at_most_s)
        if wait_s > 0:
            time.sleep(wait_s)
        return max(0.0, wait_s)

    def _finish(self, batch: list[_Unit], error: BaseException) -> None:
        self._take_off(len(batch))
        for unit in batch:
            _answer(unit, None, error)

    def _give_up_late(self, error: Exception) -> None:
        cause = getattr(error, "orig", error)
        self._told(f"The database takes no work ({cause}); it is kept in memory and tried again.", stuck=True)
        now = self._clock.monotonic()
        with self._wake:
            late = [unit for unit in self._units if unit.give_up_at is not None and unit.give_up_at <= now]
            self._units = deque(unit for unit in self._units if unit not in late)
        for unit in late:
            busy = DatabaseBusyError(f"the database took no work in time ({cause}); try again")
            busy.__cause__ = error
            _answer(unit, None, busy)

    def _take_off(self, count: int) -> None:
        with self._wake:
            for _ in range(count):
                self._units.popleft()

    def _told(self, sentence: str, *, stuck: bool) -> None:
        if stuck == self._stuck:
            return
        self._stuck = stuck
        log.log(logging.WARNING if stuck else logging.INFO, sentence)
        self._on_trouble(sentence)


class Reader:
    """Reads from a few threads, so that the event loop never waits for the disk."""

    def __init__(self, engine: Engine, *, threads: int = 4) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` on a session that takes no write lock; the rows it returns stay usable.

        Raises `DatabaseBusyError` if the database does not answer just now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, work)

    async def answers(self) -> None:
        """Return if the database answers. Raises `DatabaseBusyError`."""
        await self.run(self._answers)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _read(self, work: Callable[[Session], T]) -> T:
        try:
            with reading(self._engine) as session:
                return work(session)
        except DBAPIError as error:
            if not is_passing(error):
                raise
            raise DatabaseBusyError(f"the database does not answer just now ({error.orig}); try again") from error

    @staticmethod
    def _answers(session: Session) -> None:
        session.connection().exec_driver_sql("SELECT 1")


def _do(session: Session, work: Callable[[Session], Any]) -> _Done:
    return work(session), None


def _attempt(session: Session, work: Callable[[Session], Any]) -> _Done:
    """One unit in a savepoint. What the database may take later is raised: the batch is tried again."""
    try:
        with session.begin_nested():
            return work(session), None
    except DBAPIError as error:
        if is_passing(error):
            raise
        return None, error
    except Exception as error:
        # Whatever a unit raises belongs to who handed it over; its savepoint is rolled back, the others go on.
        return None, error


def _answer(unit: _Unit, value: Any, failure: BaseException | None) -> None:
    if not unit.done.set_running_or_notify_cancel():
        return  # nobody waits any more
    if failure is not None:
        unit.done.set_exception(failure)
    else:
        unit.done.set_result(value)


def _log_failure(done: Future[Any]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("A unit of work failed and is not in the database.", exc_info=error)
