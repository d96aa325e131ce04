"""8 kHz mono 16-bit WAV: the one format the switch, the callers and the report share."""

import os
import tempfile
import wave
from pathlib import Path

import numpy as np

from telephony.speech.engine import SpeechError
from telephony.speech.resample import RATE, Samples


class DamagedWavError(SpeechError):
    """A file that is cut off, empty, or of another format."""

    error_id = "damaged_wav"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}: delete it, it will be made again")
        self.path = path


def write_wav(path: Path, samples: Samples) -> None:
    """Whole or not at all: written aside, then renamed into place, also when several processes do it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pcm = (np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw, wave.open(raw, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(pcm)
        aside.chmod(0o644)  # mkstemp makes files only their owner can read; the switch may run as somebody else
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def read_wav(path: Path) -> Samples:
    """The samples of such a file. Raises `DamagedWavError`, `FileNotFoundError`."""
    try:
        with wave.open(str(path), "rb") as source:
            form = (source.getnchannels(), source.getsampwidth(), source.getframerate())
            frames = source.getnframes()
            pcm = source.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise DamagedWavError(path, f"not a WAV file ({error})") from error
    if form != (1, 2, RATE):
        raise DamagedWavError(
            path, f"{form[0]} channels, {8 * form[1]} bit, {form[2]} Hz instead of mono, 16 bit, 8000 Hz"
        )
    if not frames or len(pcm) != 2 * frames:
        raise DamagedWavError(path, f"{len(pcm) // 2} of {frames} samples")
    return (np.frombuffer(pcm, "<i2") / 32768).astype(np.float32)


def holds(path: Path, samples: Samples) -> bool:
    """Whether the file is there, whole, and sounds like `samples`."""
    try:
        kept = read_wav(path)
    except (FileNotFoundError, DamagedWavError):
        return False
    return len(kept) == len(samples) and bool(np.max(np.abs(kept - samples)) < 1e-3)
