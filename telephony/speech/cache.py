"""Speech is made once: files kept by (engine, version, voice, text)."""

from pathlib import Path

from telephony.speech.engine import Language, SpeechEngine


class SpeechCache:
    """A folder of finished lines. Several processes may use the same folder at once."""

    def __init__(self, folder: Path, engine: SpeechEngine) -> None:
        self.folder = folder
        self.engine = engine

    def wav(self, text: str, language: Language, voice: str | None = None) -> Path:
        """The absolute path of `text` spoken: 8 kHz mono 16-bit WAV, made now if it is not there or is damaged.

        Raises `SpeechError`.
        """
        raise NotImplementedError
