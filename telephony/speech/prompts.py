"""Renders prompts into files the switch plays."""

from collections.abc import Mapping
from pathlib import Path

from telephony.speech.engine import Language, SpeechEngine


def render_prompts(
    texts: Mapping[str, str], folder: Path, engine: SpeechEngine, language: Language, voice: str | None = None
) -> dict[str, Path]:
    """Each text as `<folder>/<language>/<id>.wav`; only what changed since the manifest there is made again."""
    raise NotImplementedError


def render_music(folder: Path) -> Path:
    """Our own music on hold as `<folder>/hold.wav` (8 kHz mono, loops without a seam); kept if it is whole."""
    raise NotImplementedError
