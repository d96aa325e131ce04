"""Our own music on hold: a soft broken-chord piece of 24 seconds, made with numpy, that loops without a seam."""

import numpy as np
from numpy.typing import NDArray

from telephony.speech.level import normalise
from telephony.speech.resample import RATE, Samples

LEVEL_DBFS = -26.0
_BEAT_S = 0.5
_CHORDS = (  # four beats each, as MIDI notes: bass, then the broken chord
    (48, (64, 67, 72, 76)),
    (45, (64, 69, 72, 76)),
    (53, (65, 69, 72, 77)),
    (43, (62, 67, 71, 74)),
    (52, (64, 67, 71, 76)),
    (45, (64, 69, 72, 76)),
    (50, (65, 69, 74, 77)),
    (43, (65, 67, 71, 74)),
    (48, (64, 67, 72, 79)),
    (53, (65, 69, 72, 77)),
    (43, (62, 67, 71, 74)),
    (48, (64, 67, 72, 76)),
)
_MELODY = ((0, 79), (6, 76), (8, 81), (14, 79), (16, 79), (20, 76), (24, 77), (30, 74), (32, 76), (36, 72), (44, 72))
"""(beat, MIDI note)"""


def hold_music() -> Samples:
    """24 s at 8 kHz and about -26 dBFS; what still sounds at the end goes on at the beginning."""
    piece = np.zeros(round(len(_CHORDS) * 4 * _BEAT_S * RATE))
    for bar, (bass, chord) in enumerate(_CHORDS):
        _add(piece, bar * 4, _note(bass, 2.6, 0.30))
        for note in chord[:3]:
            _add(piece, bar * 4, _pad(note - 12, 2.4, 0.05))
        for step, at in enumerate((0, 1, 2, 3, 2, 1, 2, 1)):
            _add(piece, bar * 4 + step / 2, _note(chord[at], 1.2, 0.16))
    for beat, note in _MELODY:
        _add(piece, beat, _note(note, 2.2, 0.22))
    return normalise(piece.astype(np.float32), LEVEL_DBFS)


def _add(piece: NDArray[np.float64], beat: float, sound: Samples) -> None:
    start = round(beat * _BEAT_S * RATE)
    np.add.at(piece, np.arange(start, start + len(sound)) % len(piece), sound)


def _note(note: int, length_s: float, loudness: float) -> Samples:
    """A plucked tone: overtones die away sooner than the tone itself."""
    time, pitch_hz = _times(length_s), _pitch_hz(note)
    tone = sum(
        np.sin(2 * np.pi * pitch_hz * part * time) * np.exp(-time * (1.6 + 1.4 * part)) / part**1.7
        for part in range(1, 6)
        if pitch_hz * part < 3400
    )
    return np.asarray(loudness * tone * _edges(time, length_s, 0.006), np.float32)


def _pad(note: int, length_s: float, loudness: float) -> Samples:
    """A slow, slightly beating tone behind."""
    time, pitch_hz = _times(length_s), _pitch_hz(note)
    tone = np.sin(2 * np.pi * pitch_hz * time) + np.sin(2 * np.pi * pitch_hz * 1.003 * time)
    return np.asarray(loudness * tone * _edges(time, length_s, 0.5), np.float32)


def _times(length_s: float) -> Samples:
    return np.arange(round(length_s * RATE), dtype=np.float32) / np.float32(RATE)


def _edges(time: Samples, length_s: float, rise_s: float) -> Samples:
    fall_s = min(0.4, length_s / 4)
    edges: Samples = np.minimum(1, time / rise_s) * np.clip((length_s - time) / fall_s, 0, 1)
    return edges


def _pitch_hz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))
