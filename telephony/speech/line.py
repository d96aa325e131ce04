"""From text to a finished file: what all engines have in common."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from telephony.speech.engine import Language, SynthesisError
from telephony.speech.level import Level, check, normalise, trim
from telephony.speech.reading import Part, read_aloud
from telephony.speech.resample import RATE, Samples, resample
from telephony.speech.wavfile import write_wav

MAKING = "3"
"""Part of every key: raised when reading, levelling, resampling or a voice changes, so that nothing old is played."""

Render = Callable[[Part], tuple[Samples, int]]
"""One part → mono samples of full scale ±1, and their rate in Hz."""

_VOWELS = re.compile(r"[aeiouyà-öø-ÿ]+|[0-9]", re.IGNORECASE)
_HAN = re.compile(r"[\u3007\u3400-\U0003ffff]")


def speak_line(text: str, language: Language, out: Path, render: Render) -> Level:
    """Read `text`, render its parts, join, trim and level them, check the whole and write it to `out`.

    Raises what `read_aloud` and `render` raise, and `SynthesisError`; then there is no file.
    """
    parts = read_aloud(text, language)
    samples = normalise(np.concatenate([_finished(part, render) for part in parts]))
    level = check(samples, sum(syllables(part) for part in parts))
    write_wav(out, samples)
    return level


def _finished(part: Part, render: Render) -> Samples:
    samples, rate_hz = render(part)
    spoken = trim(resample(samples, rate_hz, RATE))
    if not len(spoken):
        raise SynthesisError(f"the engine made no sound of {part.text[:60]!r}: choose another engine or voice")
    return normalise(spoken)  # each voice has its own loudness


def syllables(part: Part) -> int:
    """About how many: characters in Chinese, groups of vowels in English; at least one."""
    return max(1, len(_HAN.findall(part.text)) + len(_VOWELS.findall(part.text)))
