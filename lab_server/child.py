"""One process that is kept running: started, watched, killed when it freezes, started again."""

import asyncio
import contextlib
import logging
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from telephony.clock import Clock

log = logging.getLogger(__name__)

FROZEN_S = 3.0  # DESIGN: a process whose heartbeat stops for this long is killed
FIRST_BEAT_S = 30.0  # a process may load for this long before its first heartbeat
SHORT_LIFE_S = 2.0  # who dies sooner is started again more and more slowly
PAUSES_S = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
STOP_S = 8.0
WATCH_S = 0.2
STANDBY_AFTER_S = 5.0  # a young process needs the cores itself: the next one is loaded a little later


@dataclass(frozen=True)
class Program:
    """What to run. `beats`: it sends heartbeats, so that a frozen one is noticed.

    `standby`: the command of a process that has everything loaded and waits for a byte on its standard input to be the
    program; one is kept ready for the death of who is at work.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    beats: bool = True
    standby: Sequence[str] = ()


class Child:
    """A `Program` kept alive. `starts` counts how often it was started; `pid` is None while it is down."""

    def __init__(self, program: Program, clock: Clock, started: Callable[[str, int], None] | None = None) -> None:
        self.program = program
        self.starts = 0
        self._clock = clock
        self._started = started
        self._process: Process | None = None
        self._standby: Process | None = None
        self._standby_due_s = float("-inf")
        self._keeper: asyncio.Task[None] | None = None
        self._last_beat_s: float | None = None

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        self._keeper = asyncio.create_task(self._keep(), name=f"keeper of {self.program.name}")

    def beat(self, pid: int) -> None:
        """Its heartbeat came."""
        if pid == self.pid:
            self._last_beat_s = self._clock.monotonic()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not follow within `STOP_S`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._standby is not None:
            with contextlib.suppress(ProcessLookupError):
                self._standby.kill()  # it has nothing to finish
            await self._standby.wait()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)  # a stopped process could not follow
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            log.warning("%s did not stop in %g s and was killed", self.program.name, STOP_S)
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        short_lives = 0
        while True:
            began_s = self._clock.monotonic()
            await self._run_once()
            lived_s = self._clock.monotonic() - began_s
            short_lives = short_lives + 1 if lived_s < SHORT_LIFE_S else 0
            pause_s = PAUSES_S[min(short_lives, len(PAUSES_S) - 1)]
            code = self._process.returncode if self._process is not None else None
            log.warning("%s ended after %.1f s (%s); again in %g s", self.program.name, lived_s, code, pause_s)
            await asyncio.sleep(pause_s)

    async def _run_once(self) -> None:
        self._process = self._promoted() or await self._spawned(self.program.command)
        if self._process is None:
            return
        self.starts += 1
        self._last_beat_s = None
        if self._started is not None:
            self._started(self.program.name, self._process.pid)
        ended = asyncio.create_task(self._process.wait())
        watch = asyncio.create_task(self._watch(self._process)) if self.program.beats else None
        try:
            await ended
        finally:
            ended.cancel()
            if watch is not None:
                watch.cancel()

    async def _spawned(self, command: Sequence[str], stdin: int = asyncio.subprocess.DEVNULL) -> Process | None:
        program = self.program
        program.log_file.parent.mkdir(parents=True, exist_ok=True)
        with program.log_file.open("ab") as output:
            try:
                return await asyncio.create_subprocess_exec(
                    *command, env=dict(program.environment), stdin=stdin, stdout=output, stderr=output
                )
            except OSError:
                log.exception("%s can't be started", program.name)
                return None

    def _promoted(self) -> Process | None:
        """The one that has been waiting, told to begin; None if there is none."""
        waiting, self._standby = self._standby, None
        if waiting is None or waiting.returncode is not None or waiting.stdin is None:
            return None
        waiting.stdin.write(b"!")
        waiting.stdin.close()
        return waiting

    async def _keep_standby(self, now_s: float) -> None:
        there = self._standby is not None and self._standby.returncode is None
        if self.program.standby and not there and now_s >= self._standby_due_s:
            self._standby_due_s = now_s + STANDBY_AFTER_S  # one that cannot even wait is not tried without a pause
            self._standby = await self._spawned(self.program.standby, asyncio.subprocess.PIPE)

    async def _watch(self, process: Process) -> None:
        born_s = looked_s = self._clock.monotonic()
        while process.returncode is None:
            await asyncio.sleep(WATCH_S)
            now_s = self._clock.monotonic()
            late_s, looked_s = now_s - looked_s - WATCH_S, now_s
            if late_s > 1.0 and self._last_beat_s is not None:
                self._last_beat_s = now_s  # we were asleep ourselves, and its heartbeats wait to be read
            beat_s = self._last_beat_s
            silent = now_s - born_s > FIRST_BEAT_S if beat_s is None else now_s - beat_s > FROZEN_S
            if silent:
                log.error("%s (pid %d) shows no sign of life and is killed", self.program.name, process.pid)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return
            if beat_s is not None and now_s - born_s > STANDBY_AFTER_S:
                await self._keep_standby(now_s)
