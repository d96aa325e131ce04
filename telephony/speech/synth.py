"""A small synthesiser: tones, and a loop to put them in. What sounds past the loop's end goes on at its beginning."""

import numpy as np
from numpy.typing import NDArray

from telephony.speech.level import normalise
from telephony.speech.resample import RATE, Samples

_HIGHEST_HZ = 3400.0
"""What a telephone line carries."""


class Loop:
    """`beats` beats of `beat_s` seconds that follow each other for ever without a seam."""

    def __init__(self, beats: int, beat_s: float) -> None:
        self._beat_s = beat_s
        self._sound: NDArray[np.float64] = np.zeros(round(beats * beat_s * RATE))

    def add(self, beat: float, sound: Samples) -> None:
        start = round(beat * self._beat_s * RATE)
        np.add.at(self._sound, np.arange(start, start + len(sound)) % len(self._sound), sound)

    def at(self, level_dbfs: float) -> Samples:
        """The whole loop at that RMS."""
        return normalise(self._sound.astype(np.float32), level_dbfs)


def pluck(note: int, length_s: float, loudness: float) -> Samples:
    """A plucked tone (MIDI note): its overtones die away sooner than the tone itself."""
    time, pitch = _times(length_s), pitch_hz(note)
    tone = sum(
        np.sin(2 * np.pi * pitch * part * time) * np.exp(-time * (1.6 + 1.4 * part)) / part**1.7
        for part in range(1, 6)
        if pitch * part < _HIGHEST_HZ
    )
    return np.asarray(loudness * tone * _edges(time, length_s, 0.006), np.float32)


def pad(note: int, length_s: float, loudness: float, rise_s: float = 0.5) -> Samples:
    """A slow, slightly beating tone behind."""
    time, pitch = _times(length_s), pitch_hz(note)
    tone = np.sin(2 * np.pi * pitch * time) + np.sin(2 * np.pi * pitch * 1.003 * time)
    return np.asarray(loudness * tone * _edges(time, length_s, rise_s), np.float32)


def bell(note: int, length_s: float, loudness: float) -> Samples:
    """A soft bell: one overtone out of tune, as metal has it."""
    time, pitch = _times(length_s), pitch_hz(note)
    tone = np.sin(2 * np.pi * pitch * time) * np.exp(-time * 1.8)
    if pitch * 2.76 < _HIGHEST_HZ:
        tone = tone + 0.25 * np.sin(2 * np.pi * pitch * 2.76 * time) * np.exp(-time * 6)
    return np.asarray(loudness * tone * _edges(time, length_s, 0.004), np.float32)


def plain(hz: float, length_s: float) -> Samples:
    """A plain tone with soft ends."""
    time = _times(length_s)
    return np.asarray(np.sin(2 * np.pi * hz * time) * _edges(time, length_s, 0.01, 0.01), np.float32)


def pitch_hz(note: int) -> float:
    """A MIDI note's frequency: 69 is 440 Hz."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def _times(length_s: float) -> Samples:
    return np.arange(round(length_s * RATE), dtype=np.float32) / np.float32(RATE)


def _edges(time: Samples, length_s: float, rise_s: float, fall_s: float | None = None) -> Samples:
    fall = min(0.4, length_s / 4) if fall_s is None else fall_s
    edges: Samples = np.minimum(1, time / rise_s) * np.clip((length_s - time) / fall, 0, 1)
    return edges
