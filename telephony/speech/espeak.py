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
    """`pitch` and `melody` from 0 to 100 (50: the variant's own); `pace` multiplies the language's."""

    variant: str
    pitch: int
    melody: int
    pace: float


# The variants a recogniser (Whisper base, 8 kHz) understood best in each language, each a little apart in pitch and
# pace, so that callers can be told apart. Mandarin needs the wide melody: at 50 its tones were mistaken more often.
_TONES: dict[Language, dict[str, _Tone]] = {
    "zh-CN": {
        "f1": _Tone("Annie", 50, 75, 1.00),
        "m1": _Tone("Mike", 50, 75, 1.00),
        "f2": _Tone("shelby", 50, 75, 0.97),
        "m2": _Tone("iven", 52, 75, 1.03),
        "f3": _Tone("f5", 52, 75, 1.03),
        "m3": _Tone("Marco", 50, 75, 1.02),
        "f4": _Tone("steph3", 53, 75, 1.00),
        "m4": _Tone("victor", 48, 75, 0.97),
        "f5": _Tone("f1", 48, 75, 1.04),
        "m5": _Tone("m1", 50, 75, 0.98),
    },
    "en": {
        "f1": _Tone("steph", 50, 50, 1.00),
        "m1": _Tone("m8", 50, 50, 1.00),
        "f2": _Tone("f5", 50, 50, 0.97),
        "m2": _Tone("m1", 50, 50, 0.98),
        "f3": _Tone("anika", 54, 50, 1.03),
        "m3": _Tone("Mario", 50, 50, 1.02),
        "f4": _Tone("f3", 46, 50, 1.00),
        "m4": _Tone("Mike", 52, 50, 1.03),
        "f5": _Tone("f2", 50, 50, 1.04),
        "m5": _Tone("m7", 50, 50, 1.05),
    },
}
_BASES: dict[Language, tuple[str, int]] = {"zh-CN": ("cmn", 210), "en": ("gmw/en-US", 186)}


class ESpeak:
    """`SpeechEngine`. Voices: `zh-CN/f1` to `f5` and `m1` to `m5`, the same for `en`."""

    name = "espeak-ng"

    def __init__(self) -> None:
        """Raises `EngineUnavailableError` where the wheel is missing or does not fit this machine."""
        self._library = _library()

    @property
    def version(self) -> str:
        return self._library.version

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(f"{language}/{name}" for language, tones in _TONES.items() for name in tones)

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        chosen = voice or default_voice(self, language)
        if chosen not in self.voices or not chosen.startswith(f"{language}/"):
            raise UnknownVoiceError(chosen, tuple(known for known in self.voices if known.startswith(f"{language}/")))
        tone = _TONES[language][chosen.rpartition("/")[2]]
        speak_line(text, language, out, lambda part: self._render(part, tone, pace))

    def _render(self, part: Part, tone: _Tone, pace: float) -> tuple[Samples, int]:
        base, words_a_minute = _BASES[part.language]
        wanted = round(words_a_minute * tone.pace * pace)
        samples = self._library.speak(part.text, f"{base}+{tone.variant}", wanted, tone)
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
        # eSpeak itself takes an unknown variant for none, without a word: every caller would have one voice.
        for variant in (tone.variant for tones in _TONES.values() for tone in tones.values()):
            if not (Path(data) / "voices" / "!v" / variant).is_file():
                raise EngineUnavailableError(f"eSpeak NG's data in {data} lacks the voice {variant}: reinstall it")
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
