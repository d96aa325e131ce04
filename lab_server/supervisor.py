"""The one parent: starts the switch, the brain, the web, the grading and the callers' workers, and keeps them alive."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from lab_server.child import Child, Program
from lab_server.config import Settings
from lab_server.pbx import pbx_settings
from telephony.asterisk.errors import PbxError
from telephony.asterisk.process import Pbx
from telephony.bus import Heartbeat, Hub
from telephony.clock import Clock
from telephony.fleet import Fleet

log = logging.getLogger(__name__)

PBX_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Before the next start of a switch that died; a start that fails makes the next pause longer."""


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
        self._pbx_up = asyncio.Event()

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

    async def stop(self) -> None:
        """Stop everything in the order that lets each finish: the brain first, the switch last."""
        if self._pbx_keeper is not None:
            self._pbx_keeper.cancel()
            await asyncio.gather(self._pbx_keeper, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        await self.fleet.close()
        await self.pbx.stop()
        await self.hub.close()
        self._lock.release()

    # -- the switch -----------------------------------------------------------------------------------------------

    async def _start_pbx(self) -> None:
        await self.pbx.start(replace=True)
        self.pbx_starts += 1

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
