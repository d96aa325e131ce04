"""What the floor's tests need of a caller: the desk's real directory behind it, and what it hears on its line."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile
from floor_lab import FloorLab, House
from worker_lab import until

from lab_server.config import Settings
from lab_server.desk import customers, members, number_lists
from lab_server.desk.desk import Desk
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_user
from lab_server.floor.announcer import Announcer
from lab_server.floor.directory import Directory
from lab_server.store.engine import open_engine, writing
from lab_server.store.migrate import upgrade
from lab_server.store.tables import ListKind
from lab_server.store.writer import Reader, Writer
from telephony.clock import SystemClock
from telephony.speech.cache import SpeechCache
from telephony.speech.espeak import ESpeak


class ClockAt(SystemClock):
    """The site's calendar says `at` now; time passes as usual."""

    def __init__(self, at: str) -> None:
        self._lag = datetime.fromisoformat(at).astimezone(UTC) - datetime.now(UTC)

    def utc(self) -> datetime:
        return super().utc() + self._lag


class DeskLab:
    """A desk with an admin in it, and the directory that the floor asks."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
        upgrade(self.engine)
        with writing(self.engine) as session:
            self.site = ensure_site(session, self.clock, Settings())
            self.site_id = self.site.id
            self.admin = ensure_user(
                session, self.clock, site_id=self.site_id, login="admin", name="admin", role="admin"
            )
        self.writer, self.reader = Writer(self.engine, clock=self.clock), Reader(self.engine)
        self.directory = Directory(self.reader, self.writer, self.clock, site_id=self.site_id)

    def customer(self, number: str, name: str = "张伟") -> str:
        with writing(self.engine) as session:
            return customers.save(session, self.clock, self.site, "training", number, name=name).id

    def member(self, number: str, member_number: str, pin: str, *, cents: int = 0, points: int = 0) -> None:
        known = self.customer(number)
        with writing(self.engine) as session:
            desk = Desk(session, self.clock, self.admin)
            members.enrol(desk, known, member_number, balance_cents=cents, points=points)
            members.set_pin(desk, known, pin)

    async def list(self, kind: ListKind, number: str) -> None:
        with writing(self.engine) as session:
            number_lists.add(Desk(session, self.clock, self.admin), "training", kind, number)
        assert await self.directory.refresh()

    def close(self) -> None:
        self.reader.close()
        self.writer.close()
        self.engine.dispose()


@contextmanager
def speaking(folder: Path) -> Iterator[Announcer]:
    """A real voice in both languages, which may take its time here."""
    cache = SpeechCache(folder, ESpeak())
    announcer = Announcer({"en": cache, "zh-CN": cache}, SystemClock(), deadline_s=10.0)
    try:
        yield announcer
    finally:
        announcer.close()


async def hear(lab: FloorLab, house: House, contact: str, path: Path) -> Path:
    """From now on what the caller hears goes to `path`, too."""
    (channel,) = [one for one in await house.channels(contact) if one.channelvars["RS_ROLE"] == "customer"]
    await lab.pbx.console(f"mixmonitor start {channel.name} ,t({path})")
    await until(path.exists)
    return path


async def whole(path: Path) -> Path:
    """Once the call is over the file no longer grows."""
    sizes: list[int] = []
    while len(sizes) < 6 or sizes[-1] != sizes[-5]:
        sizes.append(path.stat().st_size)  # noqa: ASYNC240 (a test waits for nothing else)
        await asyncio.sleep(0.03)
    return path


def tones(path: Path, *, grows: bool = False) -> list[tuple[int, float]]:
    """What was heard, in order: (strongest pitch to 10 Hz, 0 for silence; seconds), steps of 0.1 s.

    `grows`: until now, of a file whose header does not tell yet how long it is.
    """
    raw = {"format": "RAW", "samplerate": 8000, "channels": 1, "subtype": "PCM_16"} if grows else {}
    sound, rate_hz = soundfile.read(path, **raw)
    step = rate_hz // 10
    found: list[tuple[int, float]] = []
    for frame in sound[: len(sound) // step * step].reshape(-1, step):
        loud = float(np.sqrt((frame**2).mean())) > 0.02
        pitch = int(np.abs(np.fft.rfft(frame * np.hanning(step))).argmax()) * 10 if loud else 0
        if found and found[-1][0] == pitch:
            found[-1] = (pitch, round(found[-1][1] + 0.1, 1))
        else:
            found.append((pitch, 0.1))
    return found
