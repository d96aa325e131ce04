"""Piper (package extra `piper`): natural voices from files on disk, each an `.onnx` with its `.onnx.json` beside it."""

import threading
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from telephony.speech.engine import (
    LANGUAGES,
    EngineUnavailableError,
    Language,
    SynthesisError,
    UnknownVoiceError,
    default_voice,
)
from telephony.speech.line import speak_line
from telephony.speech.reading import Part
from telephony.speech.resample import Samples


class Piper:
    """`SpeechEngine`. Voices have the names their files are given under (`en/m1`); each is loaded when first used."""

    name = "piper"

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Raises `EngineUnavailableError` where the package or a file is missing, or no voice is named."""
        try:
            self._piper = import_module("piper")
            release = version("piper-tts")
        except (ImportError, OSError, PackageNotFoundError) as error:
            raise EngineUnavailableError(f"Piper is not there ({error}): pip install 'ringside[piper]'") from error
        for name, path in files.items():
            if name.partition("/")[0] not in LANGUAGES or "/" not in name:
                raise UnknownVoiceError(name, ("zh-CN/<name>", "en/<name>"))
            for needed in (path, Path(f"{path}.json")):
                if not needed.is_file():
                    raise EngineUnavailableError(f"the Piper voice {name} needs {needed}: put it there")
        if not files:
            raise EngineUnavailableError("Piper has no voice: name one, such as en/m1 = …/en_US-joe-medium.onnx")
        self._files = dict(files)
        self._models: dict[str, Any] = {}
        self._lock = threading.Lock()  # a model speaks one line at a time
        self.version = f"{release} " + " ".join(path.stem for path in files.values())

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(self._files)

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        chosen = voice or default_voice(self, language)
        if chosen not in self._files or not chosen.startswith(f"{language}/"):
            raise UnknownVoiceError(chosen, self.voices)
        speak_line(text, language, out, lambda part: self._render(part, chosen, pace))

    def _render(self, part: Part, chosen: str, pace: float) -> tuple[Samples, int]:
        # A word of the other language is said by a voice of that language, if there is one.
        name = chosen if chosen.startswith(f"{part.language}/") else default_voice(self, part.language)
        with self._lock:
            try:
                model = self._models.get(name) or self._piper.PiperVoice.load(str(self._files[name]))
                self._models[name] = model
                config = self._piper.SynthesisConfig(length_scale=model.config.length_scale / pace)
                chunks = list(model.synthesize(part.text, config))
            except (OSError, RuntimeError, ValueError) as error:
                raise SynthesisError(f"the Piper voice {name} failed ({error}): get its file again") from error
        if not chunks:
            raise SynthesisError(f"the Piper voice {name} made no sound of {part.text[:60]!r}: choose another voice")
        sound = np.concatenate([chunk.audio_int16_array for chunk in chunks])
        return (sound / 32768).astype(np.float32), int(chunks[0].sample_rate)
