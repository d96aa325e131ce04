"""Which engine speaks today."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from telephony.clock import Clock
from telephony.speech.engine import SpeechEngine


class SpeechSettings(BaseModel):
    """`allow_online`: gTTS may be used (it sends every line to a service on the internet).

    `piper_voices`: a `.onnx` file for each `<language>/<variant>`, such as `en/m1`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["auto", "espeak-ng", "gtts", "piper"] = "auto"
    allow_online: bool = False
    probe_s: float = 2.0
    piper_voices: dict[str, Path] = {}


@dataclass(frozen=True)
class Choice:
    """An engine and why it was taken: `reason` goes into the journal."""

    engine: SpeechEngine
    reason: str


def choose_engine(settings: SpeechSettings, clock: Clock) -> Choice:
    """gTTS if allowed and its service answers one probe, else Piper if voices are named, else eSpeak NG."""
    raise NotImplementedError
