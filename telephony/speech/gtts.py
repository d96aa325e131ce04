"""Google's translator voice, over the internet (package extra `gtts`): one voice a language.

Every line that is spoken leaves the site: used only where a setting allows it.
"""

import io
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from telephony.speech.engine import EngineUnavailableError, Language, SynthesisError, UnknownVoiceError, default_voice
from telephony.speech.line import speak_line
from telephony.speech.reading import Part
from telephony.speech.resample import Samples

_CODES: dict[Language, str] = {"zh-CN": "zh-CN", "en": "en"}


class GoogleSpeech:
    """`SpeechEngine`. `timeout_s` is for each answer of the service."""

    name = "gtts"

    def __init__(self, timeout_s: float = 10.0) -> None:
        """Raises `EngineUnavailableError` where the package is missing; whether the service answers shows later."""
        try:
            self._gtts = import_module("gtts")
            self._soundfile = import_module("soundfile")
            self.version = version("gTTS")
        except (ImportError, OSError, PackageNotFoundError) as error:
            raise EngineUnavailableError(f"gTTS is not there ({error}): pip install 'ringside[gtts]'") from error
        self.timeout_s = timeout_s

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(f"{language}/f1" for language in _CODES)

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        """`pace` is not followed: the service has one."""
        chosen = voice or default_voice(self, language)
        if chosen != f"{language}/f1":
            raise UnknownVoiceError(chosen, (f"{language}/f1",))
        speak_line(text, language, out, self._render)

    def _render(self, part: Part) -> tuple[Samples, int]:
        packed = io.BytesIO()
        try:
            self._gtts.gTTS(part.text, lang=_CODES[part.language], timeout=self.timeout_s).write_to_fp(packed)
        except (self._gtts.gTTSError, OSError, AssertionError, ValueError) as error:
            raise EngineUnavailableError(
                f"the gTTS service did not answer ({error}): check the network, or set the speech engine to espeak-ng"
            ) from error
        packed.seek(0)
        try:
            samples, rate_hz = self._soundfile.read(packed, dtype="float32", always_2d=True)
        except self._soundfile.LibsndfileError as error:
            raise SynthesisError(f"gTTS sent something that is not MP3 ({error}): try again") from error
        return np.mean(samples, axis=1, dtype=np.float32), int(rate_hz)
