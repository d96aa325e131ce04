"""Which engine speaks today."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from telephony.clock import Clock
from telephony.speech.engine import LANGUAGES, EngineUnavailableError, Language, SpeechEngine, SpeechError
from telephony.speech.espeak import ESpeak
from telephony.speech.gtts import GoogleSpeech
from telephony.speech.piper import Piper


class SpeechSettings(BaseModel):
    """`allow_online`: gTTS may be used (it sends every line to a service on the internet).

    `piper_voices`: a `.onnx` file for each `<language>/<variant>`, such as `en/m1`. `engine`: `auto`, or only that one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["auto", "espeak-ng", "gtts", "piper"] = "auto"
    allow_online: bool = False
    probe_s: float = Field(default=2.0, gt=0, le=30)
    piper_voices: dict[str, Path] = {}


@dataclass(frozen=True)
class Choice:
    """An engine and why it was taken: `reason` goes into the journal."""

    engine: SpeechEngine
    reason: str


OnlineEngine = Callable[[float], SpeechEngine]
"""Makes the engine that needs the network, given the seconds it may wait for an answer."""


def choose_engine(
    settings: SpeechSettings, clock: Clock, language: Language | None = None, online: OnlineEngine = GoogleSpeech
) -> Choice:
    """gTTS if allowed and its service answers one probe, else Piper if it has the voices, else eSpeak NG.

    Piper must have a voice of `language`, or of both where None. An engine asked for by name is taken or refused:
    raises `EngineUnavailableError`, never another one in silence.
    """
    if settings.engine == "espeak-ng":
        return Choice(ESpeak(), "asked for by the setting")
    if settings.engine == "piper":
        return Choice(Piper(settings.piper_voices), "asked for by the setting")
    if settings.engine == "gtts":
        if not settings.allow_online:
            raise EngineUnavailableError("gTTS sends every line to the internet: set allow_online, or another engine")
        return Choice(*_probed(settings, clock, online))
    return _automatic(settings, clock, language, online)


def _automatic(settings: SpeechSettings, clock: Clock, language: Language | None, online: OnlineEngine) -> Choice:
    refusals = []
    if settings.allow_online:
        try:
            return Choice(*_probed(settings, clock, online))
        except SpeechError as error:
            refusals.append(str(error))
    else:
        refusals.append("gTTS is not allowed (allow_online is off)")
    if settings.piper_voices:
        try:
            return Choice(_piper(settings, language), "; ".join(refusals))
        except SpeechError as error:
            refusals.append(str(error))
    else:
        refusals.append("no Piper voice is named")
    return Choice(ESpeak(), "; ".join(refusals))


def _piper(settings: SpeechSettings, language: Language | None) -> Piper:
    for needed in LANGUAGES if language is None else (language,):
        if not any(voice.startswith(f"{needed}/") for voice in settings.piper_voices):
            raise EngineUnavailableError(f"Piper has no voice for {needed}: name one in piper_voices")
    return Piper(settings.piper_voices)


def _probed(settings: SpeechSettings, clock: Clock, online: OnlineEngine) -> tuple[SpeechEngine, str]:
    """The online engine, once it has spoken a word within `probe_s` seconds all told."""
    probe = _Probe(online, settings.probe_s)
    began = clock.monotonic()
    probe.start()
    probe.join(settings.probe_s)
    if probe.refusal is not None:
        raise probe.refusal
    if probe.engine is None:
        raise EngineUnavailableError(f"the gTTS service gave no answer in {settings.probe_s:g} s: check the network")
    return probe.engine, f"the gTTS service answered in {clock.monotonic() - began:.1f} s"


class _Probe(threading.Thread):
    """A thread, because looking up a name can hang beyond any time-out of the request; then it is left behind."""

    def __init__(self, online: OnlineEngine, probe_s: float) -> None:
        super().__init__(name="speech-probe", daemon=True)
        self._online = online
        self._probe_s = probe_s
        self.engine: SpeechEngine | None = None
        self.refusal: SpeechError | None = None

    def run(self) -> None:
        try:
            engine = self._online(self._probe_s)
            with tempfile.TemporaryDirectory() as folder:
                engine.synthesise("hello", "en", None, Path(folder) / "probe.wav")
        except SpeechError as error:
            self.refusal = error
        except Exception as error:  # nothing is swallowed: the one who waits raises it, with its cause
            self.refusal = EngineUnavailableError(f"gTTS failed ({error!r}): set the speech engine to espeak-ng")
            self.refusal.__cause__ = error
        else:
            self.engine = engine
