"""The folder of music classes, `<folder>/<class>/*.wav`: our own pieces, and what a school brings along."""

import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
import soundfile
from filelock import FileLock

from telephony.speech.engine import SpeechError
from telephony.speech.level import SILENT_DBFS, measure, normalise
from telephony.speech.music import LEVEL_DBFS, STYLES
from telephony.speech.resample import RATE, Samples, resample
from telephony.speech.wavfile import holds, write_wav

OURS = "ringside.wav"
"""Our own piece in its class's folder; it gives way to what a school puts there."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SHORTEST_S, _LONGEST_S = 2.0, 30 * 60.0
_LOWEST_HZ, _HIGHEST_HZ = RATE, 96_000
_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")


class MusicError(SpeechError):
    """A file that is no music we can play, or a class that cannot be named so; nothing was added."""

    error_id = "music"


@dataclass(frozen=True)
class MusicClass:
    """`pieces`: file names in the order they are played; `unplayable`: what was put there by hand in another format."""

    name: str
    pieces: tuple[str, ...]
    length_s: float
    unplayable: tuple[str, ...] = ()


def ensure_music(folder: Path) -> dict[str, Path]:
    """Make our own pieces where they are missing or damaged; class → file. A class with other music keeps only that."""
    made = {}
    for name, play in STYLES.items():
        home = folder.absolute() / name
        home.mkdir(parents=True, exist_ok=True)
        path = home / OURS
        with FileLock(home / ".lock"):
            if any(_others(home)):
                path.unlink(missing_ok=True)
                continue
            music = play()
            if not holds(path, music):
                write_wav(path, music)
            made[name] = path
    (folder / "hold.wav").unlink(missing_ok=True)  # where it was before there were classes
    return made


def add_music(folder: Path, name: str, source: Path) -> Path:
    """Put a WAV, FLAC, Ogg or MP3 file into class `name` as 8 kHz mono at our level; the file that was made.

    A class that is not there yet begins with it; our own piece gives way. Raises `MusicError`; then nothing was added.
    """
    if not _NAME.fullmatch(name):
        raise MusicError(
            f"{name[:60]!r} cannot name a music class: use small letters, digits and hyphens, a letter first"
        )
    music = _converted(source)
    home = folder.absolute() / name
    home.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-")[:60] or "piece"
    path = home / f"{stem if stem != Path(OURS).stem else 'piece'}.wav"
    with FileLock(home / ".lock"):
        write_wav(path, music)
        (home / OURS).unlink(missing_ok=True)
    return path


def music_classes(folder: Path) -> tuple[str, ...]:
    """The names of the classes with something to play; `default` is always among them."""
    return tuple(sorted({"default", *(found.name for found in list_music(folder) if found.pieces)}))


def list_music(folder: Path) -> tuple[MusicClass, ...]:
    """Every class and what it plays, by name. Only the files' headers are read."""
    homes = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(_class(home) for home in homes if home.is_dir() and _NAME.fullmatch(home.name))


def _class(home: Path) -> MusicClass:
    files = sorted(path for path in home.iterdir() if path.is_file() and not path.name.startswith("."))
    lengths = {path.name: length_s for path in files if (length_s := _length_s(path)) > 0}
    others = tuple(path.name for path in files if path.name not in lengths)
    return MusicClass(home.name, tuple(lengths), sum(lengths.values()), others)


def _length_s(path: Path) -> float:
    """Seconds of a file the switch can play; 0 for any other."""
    if path.suffix != ".wav":
        return 0.0
    try:
        with wave.open(str(path), "rb") as music:
            form = (music.getnchannels(), music.getsampwidth(), music.getframerate())
            return music.getnframes() / RATE if form == (1, 2, RATE) else 0.0
    except (wave.Error, EOFError, OSError):
        return 0.0


def _others(home: Path) -> Iterator[Path]:
    return (piece for piece in home.glob("*.wav") if piece.name != OURS and _length_s(piece))


def _converted(source: Path) -> Samples:
    if source.suffix.lower() not in _ENDINGS:
        raise MusicError(f"{source}: expected a file that ends in {', '.join(_ENDINGS)}")
    try:
        about = soundfile.info(str(source))
        _see_fitting(source, about.samplerate, about.frames)
        sound, rate_hz = soundfile.read(str(source), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        raise MusicError(f"{source}: cannot be read as sound ({error}): convert it to WAV and try again") from error
    if not len(sound) or not isfinite(float(np.abs(sound).max())):
        raise MusicError(f"{source}: it is damaged (no usable samples): convert it to WAV and try again")
    music = resample(np.asarray(sound.mean(axis=1), np.float32), rate_hz)
    level = measure(music)
    if level.rms_dbfs <= SILENT_DBFS - 20:
        raise MusicError(f"{source}: it is silent ({level.rms_dbfs:.0f} dBFS on a telephone line): choose another file")
    if level.duration_s < _SHORTEST_S:
        raise MusicError(f"{source}: {level.duration_s:.1f} s is too short: at least {_SHORTEST_S:g} s")
    return normalise(music, LEVEL_DBFS)


def _see_fitting(source: Path, rate_hz: int, frames: int) -> None:
    """Before it is read: a day of sound must not fill the memory."""
    if not _LOWEST_HZ <= rate_hz <= _HIGHEST_HZ:
        raise MusicError(f"{source}: {rate_hz} Hz: expected between {_LOWEST_HZ} and {_HIGHEST_HZ} Hz")
    if frames / rate_hz > _LONGEST_S:
        raise MusicError(f"{source}: {frames / rate_hz / 60:.0f} minutes are too long: at most {_LONGEST_S / 60:.0f}")
