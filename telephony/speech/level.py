"""How loud and how long: measuring, trimming, levelling, and refusing what nobody could hear."""

from dataclasses import dataclass

import numpy as np

from telephony.speech.engine import SynthesisError
from telephony.speech.resample import RATE, Samples

TARGET_RMS_DBFS = -20.0
SILENT_DBFS = -40.0
_FLOOR_DBFS = -120.0
_KNEE = 0.5  # -6 dBFS: below it nothing is changed
_CEILING = 0.68  # -3.3 dBFS
_FRAME = RATE // 100
_HEARD = 0.01  # of the loudest frame: 40 dB below it counts as silence


@dataclass(frozen=True)
class Level:
    """Length in seconds, RMS over the whole and highest peak in dB below full scale (-120 for digital silence)."""

    duration_s: float
    rms_dbfs: float
    peak_dbfs: float


def measure(samples: Samples) -> Level:
    """The level of samples at 8 kHz."""
    if not len(samples):
        return Level(0.0, _FLOOR_DBFS, _FLOOR_DBFS)
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return Level(len(samples) / RATE, _dbfs(rms), _dbfs(float(np.max(np.abs(samples)))))


def _dbfs(amplitude: float) -> float:
    return max(_FLOOR_DBFS, 20 * float(np.log10(max(amplitude, 1e-9))))


def trim(samples: Samples, keep_s: float = 0.05) -> Samples:
    """Without the silence at both ends, but for `keep_s` seconds of it."""
    frames = len(samples) // _FRAME
    if not frames:
        return samples
    loudness = np.sqrt(np.mean(np.square(samples[: frames * _FRAME].reshape(frames, _FRAME)), axis=1))
    heard = np.flatnonzero(loudness > _HEARD * loudness.max(initial=0.0))
    if not len(heard):
        return samples[:0]
    margin = int(keep_s * RATE)
    return samples[max(0, heard[0] * _FRAME - margin) : (heard[-1] + 1) * _FRAME + margin]


def normalise(samples: Samples, rms_dbfs: float = TARGET_RMS_DBFS) -> Samples:
    """At the wanted RMS, every peak below -3 dBFS: the few higher ones are rounded off, not cut."""
    level = measure(samples)
    if level.rms_dbfs <= _FLOOR_DBFS:
        return samples
    loud = samples * np.float32(10 ** ((rms_dbfs - level.rms_dbfs) / 20))
    size = np.abs(loud)
    room = _CEILING - _KNEE
    rounded = np.sign(loud) * (_KNEE + room * np.tanh((size - _KNEE) / room))
    return np.where(size > _KNEE, rounded, loud).astype(np.float32)


def check(samples: Samples, syllables: int) -> Level:
    """The level of a finished line of about that many syllables. Raises `SynthesisError` where nobody could hear it."""
    level = measure(samples)
    if level.rms_dbfs <= SILENT_DBFS:
        raise SynthesisError(f"the engine made silence ({level.rms_dbfs:.0f} dBFS): choose another engine or voice")
    shortest, longest = 0.05 * syllables, 1.5 * syllables + 3.0
    if not shortest <= level.duration_s <= longest:
        raise SynthesisError(
            f"{level.duration_s:.1f} s cannot be right for about {syllables} syllables "
            f"({shortest:.1f} to {longest:.1f} s): choose another engine or voice"
        )
    return level
