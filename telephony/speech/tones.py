"""Prompts that are tones: after which a message is recorded, and who joins or leaves a conference."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from telephony.speech.level import normalise
from telephony.speech.resample import Samples
from telephony.speech.synth import bell, plain

_SOFT_DBFS = -26.0
"""Heard by everybody in the middle of their talk."""


def beep() -> Samples:
    """Speak now: 1000 Hz for 0.4 s, as answering machines do."""
    return normalise(plain(1000, 0.4))


def record_beep() -> Samples:
    """This is being recorded: 1400 Hz for 0.2 s, the usual warning."""
    return normalise(plain(1400, 0.2), _SOFT_DBFS)


def joins() -> Samples:
    return _two(72, 79)


def leaves() -> Samples:
    return _two(79, 72)


def _two(first: int, second: int) -> Samples:
    return normalise(np.concatenate([bell(first, 0.16, 1.0), bell(second, 0.34, 1.0)]), _SOFT_DBFS)


TONES: MappingProxyType[str, Callable[[], Samples]] = MappingProxyType(
    {"beep": beep, "record-beep": record_beep, "conference-join": joins, "conference-leave": leaves}
)
"""Prompt id → how it is made."""
