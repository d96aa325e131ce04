"""What every speech engine promises, and the errors of this folder."""

from pathlib import Path
from typing import ClassVar, Literal, Protocol, get_args

Language = Literal["zh-CN", "en"]
Gender = Literal["f", "m"]

LANGUAGES: tuple[Language, ...] = get_args(Language)


class SpeechError(Exception):
    """Base of this folder's errors; `error_id` is stable, the message says what to do."""

    error_id: ClassVar[str] = "speech"


class NothingToSayError(SpeechError):
    """A text without a single letter or digit: it would be a silent file."""

    error_id = "nothing_to_say"

    def __init__(self, text: str) -> None:
        super().__init__(f"nothing to say in {text[:60]!r}: a line needs at least one letter, character or digit")
        self.text = text


class TextTooLongError(SpeechError):
    """More than anyone says in one breath of a call."""

    error_id = "text_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"{length} characters are too many for one line: split it, at most {limit} are spoken")


class EngineUnavailableError(SpeechError):
    """The package, its data, its voice or its service is not there."""

    error_id = "engine_unavailable"


class UnknownVoiceError(SpeechError):
    """The engine has no such voice, or not for that language."""

    error_id = "unknown_voice"

    def __init__(self, voice: str, known: tuple[str, ...]) -> None:
        super().__init__(f"unknown voice {voice!r}: use one of {', '.join(known)}")


class SynthesisError(SpeechError):
    """The engine ran and made nothing usable: silence, noise, too short, too long."""

    error_id = "synthesis_failed"


class SpeechEngine(Protocol):
    """Turns text into sound. Voices are named `<language>/<variant>`, such as `zh-CN/f2`; each engine has its own."""

    @property
    def name(self) -> str:
        """One word for the journal: `espeak-ng`, `gtts`, `piper`."""
        ...

    @property
    def version(self) -> str:
        """Part of the cache's key: another version may speak differently."""
        ...

    @property
    def voices(self) -> tuple[str, ...]:
        """Every voice, the default one of each language first."""
        ...

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        """Write `text` as 8 kHz mono 16-bit WAV to `out`, levelled and trimmed; never a silent file.

        `pace`: 1.2 speaks a fifth faster than the voice does by itself, where the engine can.

        Raises `NothingToSayError`, `UnknownVoiceError`, `EngineUnavailableError` or `SynthesisError`;
        then it leaves no file.
        """
        ...


def default_voice(engine: SpeechEngine, language: Language) -> str:
    """The engine's first voice of that language."""
    for voice in engine.voices:
        if voice.startswith(f"{language}/"):
            return voice
    raise UnknownVoiceError(f"{language}/…", engine.voices)


def voice_for(engine: SpeechEngine, language: Language, gender: Gender, pick: int) -> str:
    """A voice of that sex for a caller: `pick` (any number, e.g. the case's index) makes callers sound different."""
    of_language = [voice for voice in engine.voices if voice.startswith(f"{language}/")]
    fitting = [voice for voice in of_language if voice.rpartition("/")[2].startswith(gender)] or of_language
    if not fitting:
        raise UnknownVoiceError(f"{language}/{gender}…", engine.voices)
    return fitting[pick % len(fitting)]
