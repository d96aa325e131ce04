"""The one parent: starts the switch, the brain, the web, the grading and the callers' workers, and keeps them alive."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine

from lab_server.alerts import FLOOR_TOPIC, StoreAlerts
from lab_server.child import Child, Program
from lab_server.config import Settings
from lab_server.disk import DiskWatch
from lab_server.pbx import pbx_settings
from lab_server.recordings import mend
from lab_server.store.engine import open_engine
from lab_server.store.writer import Writer
from telephony.asterisk.errors import PbxError
from telephony.asterisk.process import Pbx
from telephony.bus import Heartbeat, Hub
from telephony.clock import Clock
from telephony.fleet import Fleet

log = logging.getLogger(__name__)

PBX_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Before the next start of a switch that died; a start that fails makes the next pause longer."""


WRITE_S = 3.0
"""So long the database may take for what is still to be written at the end."""


class AlreadyRunningError(Exception):
    """Another supervisor works in this folder."""

    error_id = "already_running"


class Supervisor:
    """Owns every process of one Ringside. `web`: whether the pages are served, too."""

    def __init__(self, settings: Settings, clock: Clock, *, web: bool = True) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = FileLock(settings.run / "supervisor.lock", timeout=0)
        self.hub = Hub(settings.bus_address, clock)
        self.pbx = Pbx(pbx_settings(settings), clock)
        self.pbx_starts = 0
        self.fleet = Fleet(
            self.hub, clock, command=self._worker_command, log_dir=settings.logs, environment=self._environment()
        )
        self.children = {name: Child(self._program(name), clock) for name in self._names(web)}
        self._pbx_keeper: asyncio.Task[None] | None = None
        self._disk_watcher: asyncio.Task[None] | None = None
        self._mending: set[asyncio.Task[None]] = set()
        self._engine: Engine | None = None
        self._writer: Writer | None = None

    async def start(self) -> None:
        """Start everything; returns when the switch answers and every child has been started.

        Raises AlreadyRunningError, PbxError, BusAddressError; nothing of ours is left running then.
        """
        self.settings.run.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout as taken:
            raise AlreadyRunningError(
                f"Ringside is already running in {self.settings.var}; stop it, or name another folder with RINGSIDE_VAR"
            ) from taken
        try:
            self._engine = open_engine(self.settings.database)
            self._writer = Writer(self._engine, clock=self._clock)
            await self.hub.start()
            self.hub.endpoint("supervisor").on(Heartbeat, self._beat)
            await self._start_pbx()
            await self.fleet.start()
            for child in self.children.values():
                child.start()
        except BaseException:
            await self.stop()
            raise
        self._pbx_keeper = asyncio.create_task(self._keep_pbx(), name="keeper of the switch")
        self._disk_watcher = asyncio.create_task(self._watch_disk(self._writer), name="watch of the disk")

    async def stop(self) -> None:
        """Stop everything in the order that lets each finish: the brain first, the switch last."""
        ours = [task for task in (self._pbx_keeper, self._disk_watcher) if task is not None]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        await self.fleet.close()
        await self.pbx.stop()
        await self.hub.close()
        await asyncio.gather(*self._mending, return_exceptions=True)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close, WRITE_S)
        if self._engine is not None:
            self._engine.dispose()
        self._lock.release()

    # -- the switch -----------------------------------------------------------------------------------------------

    async def _start_pbx(self) -> None:
        died_at = None if self.pbx.status().running else self._clock.utc()
        await self.pbx.start(replace=True)
        self.pbx_starts += 1
        if died_at is not None:  # callers first: mending can wait until they are let in again
            task = asyncio.create_task(self._mend(died_at), name="mending of recordings")
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)

    async def _keep_pbx(self) -> None:
        failures = 0
        while True:
            await self.pbx.wait()
            await asyncio.sleep(PBX_PAUSES_S[min(failures, len(PBX_PAUSES_S) - 1)])
            log.error("the switch has died; it is started again")
            try:
                await self._start_pbx()
                failures = 0
            except (PbxError, OSError):
                failures += 1
                log.exception("the switch can't be started")

    # -- what is recorded -----------------------------------------------------------------------------------------

    async def _mend(self, died_at: datetime) -> None:
        if self._writer is None:
            return
        try:
            await mend(self.settings, died_at, self._writer, self._clock, "supervisor")
        except OSError:  # the disk's fault; what reads recordings goes by the files' sizes anyway
            log.exception("recordings that the dead switch left could not be mended")

    async def _watch_disk(self, writer: Writer) -> None:
        bus, settings = self.hub.endpoint("supervisor"), self.settings
        settings.recordings.mkdir(parents=True, exist_ok=True)
        alerts = StoreAlerts(
            writer, self._clock, settings, "supervisor", lambda message: bus.post(FLOOR_TOPIC, message)
        )
        await DiskWatch(settings.recordings, settings.disk_low_mb, settings.disk_full_mb, alerts).run()

    # -- the others -----------------------------------------------------------------------------------------------

    def _beat(self, message: Heartbeat, _sender: str) -> None:
        child = self.children.get(message.process)
        if child is not None:
            child.beat(message.pid)

    @staticmethod
    def _names(web: bool) -> tuple[str, ...]:
        return ("brain", "grading", "web") if web else ("brain", "grading")

    def _program(self, name: str) -> Program:
        modules = {"brain": "lab_server.brain", "grading": "lab_server.grader", "web": "lab_server.webserver"}
        return Program(
            name=name,
            command=[sys.executable, "-m", modules[name]],
            environment=self._environment(),
            log_file=self.settings.logs / f"{name}.log",
            beats=name != "web",
            standby=[sys.executable, "-m", "lab_server.standby", modules[name]] if name == "brain" else (),
        )

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, **self.settings.environment(), "PYTHONUNBUFFERED": "1"}

    def _worker_command(self, name: str, role: str) -> list[str]:
        address = self.pbx.settings.lab_peer if role == "callers" else _own_address(self.settings.sip_address)
        log_file: Path = self.settings.logs / f"{name}.log"
        return [
            sys.executable, "-m", "lab_server.classroom.worker", "--bus", self.settings.bus_address, "--name", name,
            "--role", role, "--bind", address, "--log", str(log_file),
        ]  # fmt: skip


def _own_address(sip_address: str) -> str:
    """Where robot phones bind: the phones' side of the switch, or loopback if that is every address."""
    return "127.0.0.1" if sip_address == "0.0.0.0" else sip_address  # noqa: S104 (compared, not bound)
