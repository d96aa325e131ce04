"""One stereo file a call out of its legs' recordings: the caller on the left, the agents on the right, on one clock."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import soundfile

from telephony.recordings import NoRecordingError, read_header
from telephony.recordings.header import RATE

Samples = npt.NDArray[np.int16]


class AudioError(Exception):
    """A recording cannot be used; the text names the file and what is wrong with it."""

    error_id: ClassVar[str] = "report_audio"


def read_wav(path: Path) -> Samples:
    """The samples of a leg's recording: 16-bit mono at 8 kHz.

    As many as there are, whatever a header that was not finished says. Raises `AudioError` if it is no such file.
    """
    try:
        with path.open("rb") as file:
            header = read_header(path, file)
            file.seek(header.begin)
            content = file.read(header.samples_size)
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror})") from error
    except NoRecordingError as error:
        raise AudioError(str(error)) from error
    return np.frombuffer(content, dtype="<i2").astype(np.int16)


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


def call_audio(
    caller: Path | None, agents: Sequence[tuple[float, Path]], part: tuple[float, float] | None = None
) -> bytes | None:
    """One call's sound; None if nothing was recorded. A leg that cannot be used is left out if another one can.

    `part`: only from that second to that one, as far as there is something.
    """
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
    if part is not None:
        frames = frames[max(0, round(part[0] * RATE)) : max(0, round(part[1] * RATE))]
    if not len(frames):
        if errors:
            raise errors[0]
        return None
    return flac(frames)
