"""The voices of a contact, one file a leg, mixed into one file that can be played to a caller.

Everything here waits for the disk: call it in a thread.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 8000
_FOLDER = "mixed"


class VoicesError(Exception):
    """A recording can't be played. `error_id` is stable; the message says which file, and why."""

    error_id = "recording_unplayable"


@dataclass(frozen=True)
class Voice:
    """One leg's file, relative to the recordings folder; `offset_s`: how much later than the first leg it begins."""

    path: str
    offset_s: float = 0.0


@dataclass(frozen=True)
class Mixed:
    """An 8 kHz mono wav file with everybody's voice."""

    path: Path
    length_s: float


def mixed(recordings: Path, voices: Sequence[Voice]) -> Mixed:
    """Mix the voices into one file below the first one's folder, or take the one that is there and newer.

    Raises `VoicesError` for no voices, a path outside `recordings` (links are followed), a missing or unreadable file,
    or one that is not 8 kHz mono.
    """
    if not voices:
        raise VoicesError("there are no recordings to be played: nobody of this contact was recorded")
    root = recordings.resolve()
    files = [_inside(root, voice.path) for voice in voices]
    target = files[0].parent / _FOLDER / f"{'+'.join(file.stem for file in files)}.wav"
    if target.is_file() and target.stat().st_mtime >= max(file.stat().st_mtime for file in files):
        return Mixed(recordings / target.relative_to(root), soundfile.info(target).duration)
    sounds = [_read(file) for file in files]
    starts = [max(0, round(voice.offset_s * RATE_HZ)) for voice in voices]
    total = np.zeros(max(start + len(sound) for start, sound in zip(starts, sounds, strict=True)), dtype=np.float32)
    for start, sound in zip(starts, sounds, strict=True):
        total[start : start + len(sound)] += sound
    _write(target, np.clip(total, -1.0, 1.0))
    return Mixed(recordings / target.relative_to(root), len(total) / RATE_HZ)


def _inside(root: Path, path: str) -> Path:
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise VoicesError(f"{path!r} is not below the recordings folder")
    if not file.is_file():
        raise VoicesError(f"{path!r} is not there: it may have been deleted after its time")
    return file


def _read(file: Path) -> NDArray[np.float32]:
    try:
        sound, rate_hz = soundfile.read(file, dtype="float32")
    except (OSError, RuntimeError) as broken:
        raise VoicesError(f"{file.name} can't be read: {broken}") from broken
    if rate_hz != RATE_HZ or sound.ndim != 1:
        raise VoicesError(f"{file.name} is {rate_hz} Hz with {sound.ndim} dimensions, expected 8000 Hz mono")
    return np.asarray(sound, dtype=np.float32)


def _write(target: Path, sound: NDArray[np.float32]) -> None:
    """As a whole or not at all: another thread may be playing it."""
    target.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            soundfile.write(file, sound, RATE_HZ, subtype="PCM_16", format="WAV")
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
