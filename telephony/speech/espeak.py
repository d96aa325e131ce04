"""eSpeak NG 1.52 from the wheel `espeakng-loader`, by ctypes: Mandarin and English without a network.

Debian 12's own espeak-ng (1.51) is not used: its Mandarin says the tones as English digits.
"""

import ctypes
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from telephony.speech.engine import EngineUnavailableError, Language, SynthesisError, UnknownVoiceError, default_voice
from telephony.speech.line import speak_line
from telephony.speech.reading import Part
from telephony.speech.resample import Samples

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8_ONLY = 1  # neither SSML (0x10) nor [[phonemes]] (0x100)
_CHARACTERS = 1
_RATE, _PITCH, _RANGE = 1, 3, 4

_OnSound = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True)
class _Tone:
    """`pitch` and `melody` 0–100 (50 is the variant's own); `pace` in words a minute as eSpeak counts them."""

    variant: str
    pitch: int
    melody: int
    pace: float


# The variants which stay clear in both languages, each with a pitch and pace of its own: callers can be told apart.
_TONES = {
    "f2": _Tone("f2", 52, 55, 1.00),
    "m3": _Tone("m3", 48, 50, 1.00),
    "f1": _Tone("f1", 46, 50, 0.95),
    "m1": _Tone("m1", 42, 45, 0.96),
    "f3": _Tone("f3", 58, 60, 1.05),
    "m7": _Tone("m7", 52, 55, 1.05),
    "f4": _Tone("f4", 50, 65, 1.02),
    "m2": _Tone("m2", 55, 50, 1.03),
    "f5": _Tone("f5", 44, 45, 0.92),
    "m4": _Tone("m4", 46, 60, 0.98),
}
_BASES: dict[Language, tuple[str, int]] = {"zh-CN": ("cmn", 205), "en": ("gmw/en-US", 178)}


class ESpeak:
    """`SpeechEngine`. Voices: `zh-CN/f1`–`f5`, `m1`–`m4`, `m7`, the same for `en`."""

    name = "espeak-ng"

    def __init__(self) -> None:
        """Raises `EngineUnavailableError` where the wheel is missing or does not fit this machine."""
        self._library = _library()

    @property
    def version(self) -> str:
        return self._library.version

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(f"{language}/{tone}" for language in _BASES for tone in _TONES)

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path) -> None:
        chosen = voice or default_voice(self, language)
        if chosen not in self.voices or not chosen.startswith(f"{language}/"):
            raise UnknownVoiceError(chosen, tuple(known for known in self.voices if known.startswith(f"{language}/")))
        tone = _TONES[chosen.rpartition("/")[2]]
        speak_line(text, language, out, lambda part: self._render(part, tone))

    def _render(self, part: Part, tone: _Tone) -> tuple[Samples, int]:
        base, pace = _BASES[part.language]
        samples = self._library.speak(part.text, f"{base}+{tone.variant}", round(pace * tone.pace), tone)
        return samples, self._library.rate_hz


class _Library:
    """The C library: one for the process and one voice at a time, because all its state is global."""

    def __init__(self) -> None:
        try:
            loader = import_module("espeakng_loader")
            self._c = ctypes.CDLL(loader.get_library_path())
            data = loader.get_data_path()
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineUnavailableError(f"eSpeak NG is not there ({error}): pip install espeakng-loader") from error
        self._c.espeak_Info.restype = ctypes.c_char_p
        self.rate_hz = int(self._c.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _DONT_EXIT))
        if self.rate_hz <= 0:
            raise EngineUnavailableError(f"eSpeak NG found no usable data in {data}: reinstall espeakng-loader")
        self.version: str = self._c.espeak_Info(None).decode().split()[0]
        self._made: list[bytes] = []
        self._on_sound = _OnSound(self._collect)  # kept: C holds no reference
        self._c.espeak_SetSynthCallback(self._on_sound)
        self._lock = threading.Lock()

    def _collect(self, sound: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if sound and count > 0:
            self._made.append(ctypes.string_at(sound, 2 * count))
        return 0

    def speak(self, text: str, voice: str, pace: int, tone: _Tone) -> Samples:
        with self._lock:
            if self._c.espeak_SetVoiceByName(voice.encode()) != 0:
                raise SynthesisError(f"eSpeak NG has no voice {voice!r}: reinstall espeakng-loader")
            for parameter, value in ((_RATE, pace), (_PITCH, tone.pitch), (_RANGE, tone.melody)):
                self._c.espeak_SetParameter(parameter, value, 0)
            self._made.clear()
            spoken = text.encode() + b"\0"
            size = ctypes.c_size_t(len(spoken))
            if self._c.espeak_Synth(spoken, size, 0, _CHARACTERS, 0, _UTF8_ONLY, None, None) != 0:
                raise SynthesisError(f"eSpeak NG refused {text[:60]!r}: choose another engine")
            made = b"".join(self._made)
        return (np.frombuffer(made, "<i2") / 32768).astype(np.float32)


_loaded: list[_Library] = []
_loading = threading.Lock()


def _library() -> _Library:
    """Initialising twice would reset the first one's voice in mid-word."""
    with _loading:
        if not _loaded:
            _loaded.append(_Library())
        return _loaded[0]
