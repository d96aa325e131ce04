"""One stereo file a call out of its legs' recordings: the caller on the left, the agents on the right, on one clock."""

import io
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import soundfile

RATE = 8000
"""Samples a second, as the switch records."""

Samples = npt.NDArray[np.int16]


class AudioError(Exception):
    """A recording cannot be used; the text names the file and what is wrong with it."""

    error_id: ClassVar[str] = "report_audio"


def read_wav(path: Path) -> Samples:
    """The samples of a leg's recording: 16-bit mono at 8 kHz.

    The length is taken from the file, not from its header: a switch that died in mid-call leaves 0 there, and the sound
    behind it is all right. Raises `AudioError` if it is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror})") from error
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise AudioError(f"{path}: is no WAV file")
    begin, size = _data(path, content)
    end = begin + size if 0 < size <= len(content) - begin else len(content)
    return np.frombuffer(content[begin : end - (end - begin) % 2], dtype="<i2").astype(np.int16)


def _data(path: Path, content: bytes) -> tuple[int, int]:
    """Where the samples begin, and their size in bytes as the header has it."""
    at, known = 12, False
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        if name == b"fmt " and at + 24 <= len(content):
            coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content, at + 8)
            if (coding, channels, rate, bits) != (1, 1, RATE, 16):
                found = f"{bits}-bit × {channels} at {rate} Hz"
                raise AudioError(f"{path}: expected 16-bit mono at {RATE} Hz, found {found}")
            known = True
        elif name == b"data" and known:
            return at + 8, size
        at += 8 + size + size % 2
    raise AudioError(f"{path}: has no samples")


def stereo(caller: Samples | None, agents: Iterable[tuple[float, Samples]]) -> npt.NDArray[np.int16]:
    """Frames × 2. Second 0 is that of the caller's recording; `agents`: (offset in seconds, samples) of each leg.

    What an agent said before the caller's recording began is cut off.
    """
    placed = [(round(offset_s * RATE), samples) for offset_s, samples in agents]
    ends = [start + len(samples) for start, samples in placed]
    length = max(0 if caller is None else len(caller), *ends, 0)
    right = np.zeros(length, dtype=np.int32)
    for start, samples in placed:
        kept = samples[-start:] if start < 0 else samples
        begin = max(0, start)
        right[begin : begin + len(kept)] += kept
    left = np.zeros(length, dtype=np.int16)
    if caller is not None:
        left[: len(caller)] = caller
    return np.column_stack((left, np.clip(right, -32768, 32767).astype(np.int16)))


def flac(frames: npt.NDArray[np.int16]) -> bytes:
    """The frames as a FLAC file: lossless, half the size, and every browser plays it."""
    written = io.BytesIO()
    soundfile.write(written, frames, RATE, format="FLAC", subtype="PCM_16")
    return written.getvalue()


def call_audio(caller: Path | None, agents: Sequence[tuple[float, Path]]) -> bytes | None:
    """One call's sound; None if nothing was recorded. A leg that cannot be used is left out if another one can."""
    left, right, errors = None, [], []
    for offset_s, path in [(None, caller), *agents]:
        if path is None:
            continue
        try:
            samples = read_wav(path)
        except AudioError as error:
            errors.append(error)
            continue
        if offset_s is None:
            left = samples
        else:
            right.append((offset_s, samples))
    frames = stereo(left, right)
    if not len(frames):
        if errors:
            raise errors[0]
        return None
    return flac(frames)
