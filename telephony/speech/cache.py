"""Speech is made once: files kept by (engine, version, voice, text)."""

import hashlib
from pathlib import Path

from filelock import FileLock

from telephony.speech.engine import Language, SpeechEngine, default_voice
from telephony.speech.level import SILENT_DBFS, measure
from telephony.speech.line import MAKING
from telephony.speech.wavfile import DamagedWavError, read_wav

Stamp = tuple[int, int]


class SpeechCache:
    """A folder of finished lines. Several processes may use it at once: each line is made by one of them."""

    def __init__(self, folder: Path, engine: SpeechEngine) -> None:
        self.folder = folder.absolute()
        self.engine = engine
        self._whole: dict[Path, Stamp] = {}

    def wav(self, text: str, language: Language, voice: str | None = None, pace: float = 1.0) -> Path:
        """The absolute path of `text` spoken: 8 kHz mono 16-bit WAV, made now if it is not there or is damaged.

        Raises `SpeechError`.
        """
        chosen = voice or default_voice(self.engine, language)
        path = self._path(text, language, chosen, pace)
        if self._is_whole(path):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / ".lock"):
            if not self._is_whole(path):
                self.engine.synthesise(text, language, chosen, path, pace)
                _digest_file(path).write_text(file_digest(path), encoding="ascii")
                self._is_whole(path)
        return path

    def find(self, text: str, language: Language) -> Path | None:
        """The line in the language's default voice if it has been made and is whole; nothing is made."""
        voice = default_voice(self.engine, language)
        path = self._path(text, language, voice, 1.0)
        return path if self._is_whole(path) else None

    def _path(self, text: str, language: Language, voice: str, pace: float) -> Path:
        key = line_key(self.engine, voice, language, text, pace)
        return self.folder / key[:2] / f"{key}.wav"

    def _is_whole(self, path: Path) -> bool:
        """A file is read through once a process; after that its size and time tell whether it is still the same."""
        try:
            stamp = _stamp(path)
            if self._whole.get(path) == stamp:
                return True
            if _digest_file(path).read_text(encoding="ascii") != file_digest(path):
                return False
            if measure(read_wav(path)).rms_dbfs <= SILENT_DBFS:
                return False
        except (FileNotFoundError, DamagedWavError, UnicodeDecodeError):
            return False
        self._whole[path] = stamp
        return True


def line_key(engine: SpeechEngine, voice: str, language: Language, text: str, pace: float = 1.0) -> str:
    """64 hex digits that change with anything that changes the sound."""
    said = "\0".join((engine.name, engine.version, MAKING, f"{voice} {pace:g}", language, text))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
