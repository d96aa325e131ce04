"""Another sample rate, by a polyphase windowed-sinc filter. numpy alone: no further dependency."""

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, full scale is ±1."""

RATE = 8000
"""What the switch plays: 8 kHz."""

_CROSSINGS = 16
_BETA = 8.0  # Kaiser: about 80 dB down in the stop band
_BLOCK = 16384  # the windows of a block at 96 kHz take 27 MB


def resample(samples: Samples, from_hz: int, to_hz: int = RATE) -> Samples:
    """`samples` at another rate, the same length in seconds; what the new rate cannot carry is filtered out."""
    if from_hz == to_hz or not len(samples):
        return samples.astype(np.float32)
    common = gcd(from_hz, to_hz)
    up, down = to_hz // common, from_hz // common
    phases = _phases(up, down)
    taps = phases.shape[1]
    padded = np.pad(samples.astype(np.float32), (taps // 2, taps))
    made = [
        _block(padded, phases, down, np.arange(start, min(start + _BLOCK, total)))
        for total in [len(samples) * up // down]
        for start in range(0, total, _BLOCK)
    ]
    return np.concatenate(made) if made else np.zeros(0, np.float32)


def _block(padded: Samples, phases: Samples, down: int, wanted: NDArray[np.int64]) -> Samples:
    up, taps = phases.shape
    where = wanted * down
    windows = padded[(where // up)[:, None] + np.arange(taps)]
    made: Samples = np.einsum("nt,nt->n", windows, phases[where % up], dtype=np.float32)
    return made


@cache
def _phases(up: int, down: int) -> Samples:
    """A filter for each of the `up` places an output sample can have between two inputs; each passes 0 Hz unchanged."""
    cutoff = 0.94 * min(1.0, up / down)  # of the input's Nyquist frequency
    half = int(np.ceil(_CROSSINGS / cutoff))
    offsets = np.arange(2 * half) - half
    at = offsets[None, :] - np.arange(up)[:, None] / up
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (at / half) ** 2, 0, None))) / np.i0(_BETA)
    filters = np.sinc(cutoff * at) * window
    table: Samples = (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)
    return table
