"""One run of a way to record: so many pairs of phones talk, and every process's CPU time is read before and after."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import psutil
import soundfile

from bench.bare_ari import switch
from bench.harness import Row
from telephony.asterisk.settings import PbxSettings

WAYS = {
    "none": "bridged only",
    "dialplan": "MixMonitor r() on each channel, in the dialplan",
    "ami": "MixMonitor r() on each channel, over AMI",
    "bridge": "ARI bridge recording (one file, both voices mixed)",
    "snoop": "ARI snoop and record on each channel",
}
_PEER, _PER_PROCESS = "127.0.0.2", 4
_CALLS_PER_S = 8.0


@dataclass
class Measured:
    """Shares are of one core, over the time when all calls were talking; `program_ms_a_call` is its CPU time
    from its start, divided by the calls; `join_ms` is from an agent's 200 to the moment
    both legs were in the bridge; `whole` counts recordings as long as the talk and not silent, of `expected`."""

    way: str
    calls: int
    asterisk_share: float = 0.0
    program_share: float = 0.0
    phones_share: float = 0.0
    asterisk_mb: float = 0.0
    program_mb: float = 0.0
    program_ms_a_call: float = 0.0
    join_ms: list[float] = field(default_factory=list)
    whole: int = 0
    expected: int = 0
    failed: int = 0


class Child:
    """A process of ours that tells JSON lines, and ends when its input ends."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[dict[str, object]] = []
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, *arguments: str) -> Self:
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, stdin=pipe, stdout=pipe))

    @property
    def _stdin(self) -> asyncio.StreamWriter:
        assert self.process.stdin is not None
        return self.process.stdin

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"{"):  # pjsua2 says a few lines of its own
                self.told.append(json.loads(line))

    def ready(self) -> bool:
        """It has told something. Raises RuntimeError if it ended instead."""
        if self.process.returncode is not None:
            raise RuntimeError(f"a process of the bench ended with {self.process.returncode}; see its words above")
        return bool(self.told)

    def say(self, line: str) -> None:
        self._stdin.write(f"{line}\n".encode())

    def close(self) -> None:
        self._stdin.close()

    async def end(self) -> None:
        self.close()
        try:
            async with asyncio.timeout(8):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
        await self._listening


def run(quick: bool) -> list[Row]:
    """Every way, one after the other; each beside the calls that are only bridged, in the same run."""
    calls, talk_s = (4, 3.0) if quick else (50, 15.0)
    results = {way: asyncio.run(measure(way, calls=calls, talk_s=talk_s)) for way in WAYS}
    plain = results["none"].asterisk_share
    rows = []
    for way, got in results.items():
        note = f"{WAYS[way]}; {got.calls} calls, {got.failed} failed, {got.whole}/{got.expected} recordings whole"
        share = 100 * got.asterisk_share
        rows.append(Row(f"{way}: Asterisk", share, "% of a core", 100 * plain, got.asterisk_share / plain, note))
        rows.append(Row(f"{way}: Asterisk a call", share / got.calls, "% of a core"))
        rows.append(Row(f"{way}: program", 100 * got.program_share, "% of a core", note=f"{got.program_mb:.0f} MB"))
        rows.append(Row(f"{way}: answer to joined, p95", float(np.percentile(got.join_ms or [0.0], 95)), "ms"))
    return rows


async def measure(way: str, *, calls: int = 50, talk_s: float = 15.0) -> Measured:
    """One run in a folder of its own, which is removed afterwards. Takes about `calls / 8 + talk_s + 10` seconds."""
    with tempfile.TemporaryDirectory(prefix="bare-") as folder:
        home = Path(folder)
        settings = switch.settings_in(home)
        asterisk = await switch.start(settings)
        try:
            return await _with_switch(way, calls, talk_s, settings, asterisk.pid)
        finally:
            asterisk.terminate()
            try:
                await asyncio.to_thread(asterisk.wait, 5)
            except subprocess.TimeoutExpired:
                asterisk.kill()
                asterisk.wait()


async def _with_switch(way: str, calls: int, talk_s: float, settings: PbxSettings, asterisk: int) -> Measured:
    wav = _voice(settings.home / "voice.wav")
    number = 7001 if way == "dialplan" else 7000
    target = f"sip:{number}@{settings.lab_address}:{settings.lab_port}"
    sizes = [min(_PER_PROCESS, calls - at) for at in range(0, calls, _PER_PROCESS)]
    children: list[Child] = []

    async def child(*arguments: str) -> Child:
        children.append(await Child.start(*arguments))
        return children[-1]

    try:
        houses = [
            await child("bench.bare_ari.phones", role, _PEER, str(20000 + 20 * at), str(wav), target)
            for at, role in enumerate(role for role in ("agents", "callers") for _ in sizes)
        ]
        agents, callers = houses[: len(sizes)], houses[len(sizes) :]
        await _until(lambda: all(house.ready() for house in houses), 60)
        program = await child("bench.bare_ari.program")
        program.say(json.dumps(_orders(way, settings, agents, sizes)))
        await _until(program.ready, 20)
        for index in range(calls):
            callers[index // _PER_PROCESS].say("call")
            await asyncio.sleep(1 / _CALLS_PER_S)
        got = Measured(way, calls)
        await _talk(got, talk_s, asterisk, (program, agents, callers))
        got.expected = {"none": 0, "bridge": calls}.get(way, 2 * calls)
        got.whole = sum(_whole(path, talk_s) for path in _recordings(way, settings))
        for told in program.told:
            if "refused" in told:
                print(told["refused"], file=sys.stderr)
        return got
    finally:
        await asyncio.gather(*(each.end() for each in children))


async def _talk(
    got: Measured,
    talk_s: float,
    asterisk: int,
    cast: tuple[Child, list[Child], list[Child]],
) -> None:
    """Fill in what is measured while all are talking, then let the callers hang up."""
    program, agents, callers = cast

    def joined() -> dict[object, float]:
        return {told["joined"]: float(str(told["at"])) for told in program.told if "joined" in told}

    try:
        await _until(lambda: len(joined()) >= got.calls, 15)
    except TimeoutError:
        got.failed = got.calls - len(joined())
    phones = [house.process.pid for house in (*agents, *callers)]
    before = [_cpu_s([asterisk]), _cpu_s([program.process.pid]), _cpu_s(phones)]
    started = asyncio.get_running_loop().time()
    await asyncio.sleep(talk_s)
    took_s = asyncio.get_running_loop().time() - started
    after = [_cpu_s([asterisk]), _cpu_s([program.process.pid]), _cpu_s(phones)]
    shares = [(end - begin) / took_s for begin, end in zip(before, after, strict=True)]
    got.asterisk_share, got.program_share, got.phones_share = shares
    got.asterisk_mb = psutil.Process(asterisk).memory_info().rss / 1e6
    got.program_ms_a_call = 1000 * after[1] / got.calls
    got.program_mb = psutil.Process(program.process.pid).memory_info().rss / 1e6
    answered = {
        told["answered"]: float(str(told["at"])) for house in agents for told in house.told if "answered" in told
    }
    got.join_ms = [1000 * (at - answered[one]) for one, at in joined().items() if one in answered]
    got.failed += sum("ended" in told for house in (*agents, *callers) for told in house.told)
    for house in callers:
        house.close()
    await asyncio.sleep(2)


def _orders(way: str, settings: PbxSettings, agents: list[Child], sizes: list[int]) -> dict[str, object]:
    uris = [
        f"sip:agent@{_PEER}:{house.told[0]['ready']}"
        for house, size in zip(agents, sizes, strict=True)
        for _ in range(size)
    ]
    return {
        "way": way,
        "agents": uris,
        "folder": str(settings.recordings),
        "url": settings.ari_url,
        "user": settings.ari_user,
        "password": settings.ari_password,
        "ami_port": settings.ami_port,
        "ami_user": settings.ami_user,
        "ami_password": settings.ami_password,
    }


def _recordings(way: str, settings: PbxSettings) -> Iterable[Path]:
    folder = settings.home / "spool/recording" if way in ("bridge", "snoop") else settings.recordings
    return folder.glob("**/*.wav")


def _whole(path: Path, talk_s: float) -> bool:
    """As long as the talk, and the voice is in it."""
    sound, rate_hz = soundfile.read(path)
    return len(sound) >= talk_s * rate_hz and float(np.sqrt(np.mean(np.square(sound[-rate_hz * 2 :])))) > 0.01


def _cpu_s(pids: Iterable[int]) -> float:
    total = 0.0
    for pid in pids:
        times = psutil.Process(pid).cpu_times()
        total += times.user + times.system
    return total


def _voice(path: Path) -> Path:
    """Ten seconds of something like speech: syllables of changing pitch and loudness, and short pauses."""
    rng = np.random.default_rng(1)
    pieces = []
    for _ in range(40):
        times = np.arange(1600) / 8000
        pitch = rng.uniform(110, 220)
        tone = sum(np.sin(2 * np.pi * pitch * n * times) / n for n in range(1, 8))
        pieces += [0.15 * tone * np.hanning(1600), np.zeros(400)]
    soundfile.write(path, np.concatenate(pieces), 8000, subtype="PCM_16")
    return path


async def _until(condition: Callable[[], bool], deadline_s: float) -> None:
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110 - what is polled are other processes
            await asyncio.sleep(0.05)
