"""The running PBX: start it, know when it is ready, notice its death, stop it; also from another invocation."""

import asyncio
import base64
import contextlib
import os
import signal
from pathlib import Path

import aiohttp
import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from telephony.asterisk.errors import PbxBusyError, PbxNotRunningError, PbxStartFailedError
from telephony.asterisk.ports import check_ports
from telephony.asterisk.render import digest, render, write_config
from telephony.asterisk.settings import PbxSettings
from telephony.asterisk.tree import Tree
from telephony.clock import Clock, SystemClock

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""All that Asterisk gets of ours: a stray LD_LIBRARY_PATH or LD_PRELOAD would break its own libraries."""

_DYING_S = 5.0


class PbxStatus(BaseModel):
    """`stale`: it runs with another configuration than the settings now give, so it needs a restart."""

    model_config = ConfigDict(frozen=True)

    pid: int | None
    stale: bool = False

    @property
    def running(self) -> bool:
        return self.pid is not None


class Pbx:
    """One private PBX. Nothing happens before `start`.

    It may outlive us: it runs in a session of its own, and a later `Pbx` with the same home takes it over, so that
    the death of the supervisor ends no call.
    """

    def __init__(self, settings: PbxSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self._clock = clock or SystemClock()

    @property
    def command(self) -> list[str]:
        """The command line, in the foreground. Raises PbxNotInstalledError."""
        return Tree(self.settings.tree).command("-f", "-C", str(self._conf))

    @property
    def console_command(self) -> list[str]:
        """The command line of an open console. Raises PbxNotInstalledError."""
        return Tree(self.settings.tree).command("-C", str(self._conf), "-r")

    def prepare(self) -> list[str]:
        """Check the ports, write the configuration and return the command line, for a parent that starts it itself.

        Raises PbxNotInstalledError, PortTakenError.
        """
        command = self.command
        check_ports(self.settings)
        self._config_file.parent.mkdir(parents=True, exist_ok=True)
        self._config_file.write_text(write_config(self.settings), encoding="utf-8")
        self._pid_file.unlink(missing_ok=True)
        return command

    async def start(self, *, deadline_s: float = 30.0, replace: bool = False) -> int:
        """Start, or take over one that runs with the same configuration; returns its process id once ARI answers.

        One that runs with another configuration is stopped first if `replace`, else PbxBusyError is raised. Raises also
        PbxNotInstalledError, PortTakenError, PbxStartFailedError; after each of them nothing of ours is running.
        """
        self.settings.home.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.settings.home / "start.lock", timeout=0):
                return await self._start(deadline_s, replace)
        except Timeout as error:
            raise PbxBusyError(f"another start is under way in {self.settings.home}; wait for it to end") from error

    async def _start(self, deadline_s: float, replace: bool) -> int:
        status = self.status()
        if status.stale and not replace:
            raise PbxBusyError(
                f"the PBX (process {status.pid}) runs with another configuration; stop it first: ringside pbx stop"
            )
        if status.stale:
            await self.stop()
            status = self.status()
        if status.pid is not None:
            await self._ready(status.pid, deadline_s)
            return status.pid
        await self._dying_gone()
        pid = self._spawn(self.prepare())
        try:
            await self._ready(pid, deadline_s)
        except BaseException:
            await self._end(pid, grace_s=0)
            raise
        return pid

    async def wait(self) -> None:
        """Return when the PBX has died or was stopped (at once if it is not running)."""
        pid = self.status().pid
        if pid is not None:
            await _gone(pid)
        else:
            await self._dying_gone()

    async def stop(self, *, grace_s: float = 5.0) -> None:
        """End it: first politely (calls get their BYE), after `grace_s` by force. Not running: nothing to do."""
        pid = self.status().pid
        if pid is not None:
            await self._end(pid, grace_s)
        self._pid_file.unlink(missing_ok=True)

    def status(self) -> PbxStatus:
        """Whether it runs, from the process table; it is not spoken to."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            config = self._config_file.read_text(encoding="ascii")
        except (OSError, ValueError):
            return PbxStatus(pid=None)
        if not self._is_ours(pid):
            return PbxStatus(pid=None)
        return PbxStatus(pid=pid, stale=config != digest(render(self.settings)))

    async def console(self, command: str, *, deadline_s: float = 20.0) -> str:
        """What Asterisk's own console answers to `command`. Raises PbxNotRunningError."""
        if "\n" in command or "\0" in command:
            raise ValueError("a console command is one line")
        if not self.status().running:
            raise PbxNotRunningError("the PBX is not running; start it: ringside pbx start")
        return await self._console(command, deadline_s)

    async def _console(self, command: str, deadline_s: float) -> str:
        process = await asyncio.create_subprocess_exec(
            *Tree(self.settings.tree).command("-C", str(self._conf), "-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_ENVIRONMENT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), deadline_s)
        except BaseException as error:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if isinstance(error, TimeoutError):
                raise PbxNotRunningError(f"the PBX did not answer {command!r} within {deadline_s:g} s") from error
            raise
        text = output.decode(errors="replace")
        if process.returncode:
            raise PbxNotRunningError(f"the PBX's console refused: {text.strip()[:200]}")
        return text

    @property
    def _conf(self) -> Path:
        return self.settings.etc / "asterisk.conf"

    @property
    def _pid_file(self) -> Path:
        """Asterisk writes it itself."""
        return self.settings.run_folder / "asterisk.pid"

    @property
    def _config_file(self) -> Path:
        """The digest of the configuration it was started with."""
        return self.settings.run_folder / "config.digest"

    async def _dying_gone(self) -> None:
        """A killed process loses its command line first and its ports last: in between it is no longer running, yet
        nothing can be started in its place. Wait for its end."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            dying = not psutil.Process(pid).cmdline()
        except psutil.ZombieProcess:
            dying = True
        except (OSError, ValueError, psutil.Error):
            return
        if dying:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_gone(pid), _DYING_S)

    def _is_ours(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self._conf) in process.cmdline()
        except psutil.Error:
            return False

    def _spawn(self, command: list[str]) -> int:
        log = str(self.settings.log_folder / "console.log")
        return os.posix_spawn(
            command[0],
            command,
            _ENVIRONMENT | {"HOME": str(self.settings.home)},
            setsid=True,
            setsigmask=(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )

    async def _ready(self, pid: int, deadline_s: float) -> None:
        """Return when ARI answers and every module is up."""
        answering = asyncio.ensure_future(self._answering())
        dead = asyncio.ensure_future(_gone(pid))
        try:
            done, _ = await asyncio.wait({answering, dead}, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
            if dead in done:
                raise PbxStartFailedError(f"Asterisk ended while starting: {self._last_words()}")
            if not done:
                raise PbxStartFailedError(
                    f"ARI did not answer on port {self.settings.http_port} in {deadline_s:g} s: {self._last_words()}"
                )
            await answering
        finally:
            for task in (answering, dead):
                task.cancel()
            await asyncio.gather(answering, dead, return_exceptions=True)

    async def _answering(self) -> None:
        login = base64.b64encode(f"{self.settings.ari_user}:{self.settings.ari_password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=2)) as session:
            while True:
                try:
                    async with session.get(f"{self.settings.ari_url}/asterisk/info") as answer:
                        if answer.status == 200:
                            break
                        if answer.status == 401:
                            raise PbxStartFailedError(
                                "ARI refuses our password; is it another Asterisk that has our port?"
                            )
                except (aiohttp.ClientError, TimeoutError):
                    pass  # not yet listening: that is what we are waiting for
                await asyncio.sleep(0.05)
        await self._console("core waitfullybooted", 20.0)

    def _last_words(self) -> str:
        try:
            text = (self.settings.log_folder / "console.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " / ".join(lines[-3:])[-400:] or f"it said nothing; see {self.settings.log_folder}"

    async def _end(self, pid: int, grace_s: float) -> None:
        for number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 10.0)):
            if patience_s <= 0:
                continue
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            try:
                await asyncio.wait_for(_gone(pid), patience_s)
                break
            except TimeoutError:
                continue
        self._pid_file.unlink(missing_ok=True)


async def _gone(pid: int) -> None:
    """Return when process `pid` has ended, without polling; if it was our child, it is reaped."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    loop.add_reader(handle, lambda: None if ended.done() else ended.set_result(None))
    try:
        await ended
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    with contextlib.suppress(ChildProcessError):  # somebody else's child, or already reaped
        os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - WNOHANG returns at once
