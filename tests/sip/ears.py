"""What a phone really hears, at a moment: levels of tones. `ear_worker` keeps it in files."""

import asyncio
import os
import time
from collections.abc import Mapping

import ear_worker
import numpy as np
from ear_worker import FOLDER
from floor_lab import FloorLab
from worker_lab import until

LOUD_DBFS, STILL_DBFS = -30.0, -50.0
LONG_S = 0.6


class EarsLab(FloorLab):
    """A `FloorLab` whose phones keep what they hear."""

    def command(self, name: str, role: str) -> list[str]:
        folder = self.folder / "ears"
        folder.mkdir(exist_ok=True)
        os.environ[FOLDER] = str(folder)
        ordered = super().command(name, role)
        return [ordered[0], ear_worker.__file__, *ordered[3:]]  # in place of "-m module"

    async def moment(self) -> float:
        """When this much more was heard as is needed to tell who sings; afterwards ask `heard` for it."""
        began = time.monotonic() + 0.15  # what is in the buffers was said before
        await until(lambda: time.monotonic() > began + LONG_S)
        return began

    async def heard(self, phone: str, at: float, tones: Mapping[str, float]) -> dict[str, float]:
        """The level of each tone in dBFS that this phone heard from `at` on; the phone must have hung up."""
        files = {float(file.stem.partition("@")[2]): file for file in (self.folder / "ears").glob(f"{phone}@*.wav")}
        began, file = max((began, file) for began, file in files.items() if began < at)
        await until(lambda: file.stat().st_size > 2 * 8000 * (at - began + LONG_S), what=f"{file.name} is written")
        sound = np.frombuffer(await asyncio.to_thread(file.read_bytes), dtype="<i2", offset=44) / 32768
        return levels(sound[round((at - began) * 8000) :][: round(LONG_S * 8000)], tones)


def levels(sound: "np.ndarray[tuple[int], np.dtype[np.float64]]", tones: Mapping[str, float]) -> dict[str, float]:
    """Of each tone, in dBFS (a full-scale tone is 0)."""
    window = np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(sound * window)) / window.sum() * 2
    found = {who: spectrum[round(hz * len(sound) / 8000)] for who, hz in tones.items()}
    return {who: round(float(20 * np.log10(max(level, 1e-5))), 1) for who, level in found.items()}


def hears(level_dbfs: Mapping[str, float], *who: str) -> None:
    """Those who are heard are loud, all others cannot be heard."""
    for name, level in level_dbfs.items():
        loud = level > LOUD_DBFS if name in who else level < STILL_DBFS
        assert loud, f"expected to hear {who}, heard {level_dbfs}"
