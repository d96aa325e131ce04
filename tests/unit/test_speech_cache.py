"""Speech is made once, by whichever process comes first, and again when its file is damaged."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from telephony.speech.cache import SpeechCache
from telephony.speech.engine import Language, NothingToSayError
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.line import speak_line
from telephony.speech.reading import Part
from telephony.speech.resample import RATE, Samples
from telephony.speech.wavfile import read_wav


class Hum:
    """An engine that hums, counts its lines, and can be told to be another version."""

    name = "hum"
    voices = ("zh-CN/f1", "en/f1", "en/m1")

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.made: list[str] = []

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        self.made.append(text)
        speak_line(text, language, out, self._hum)

    def _hum(self, part: Part) -> tuple[Samples, int]:
        return np.sin(np.arange(RATE) / 5).astype(np.float32), RATE


def test_a_line_is_made_once(tmp_path: Path) -> None:
    engine = Hum()
    first = SpeechCache(tmp_path, engine).wav("hello", "en")
    assert SpeechCache(tmp_path, engine).wav("hello", "en") == first
    assert engine.made == ["hello"]
    assert first.is_absolute()


def test_engine_version_voice_pace_and_text_each_make_another_file(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path, Hum())
    paths = {
        cache.wav("hello", "en"),
        cache.wav("hello!", "en"),
        cache.wav("hello", "en", "en/m1"),
        cache.wav("hello", "zh-CN"),
        cache.wav("hello", "en", pace=1.2),
        SpeechCache(tmp_path, Hum("2")).wav("hello", "en"),
    }
    assert len(paths) == 6


@pytest.mark.parametrize("known", [True, False], ids=["same process", "new process"])
@pytest.mark.parametrize("damage", ["empty", "cut", "header only", "noise", "zeros", "gone"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: str, known: bool) -> None:
    engine = Hum()
    cache = SpeechCache(tmp_path, engine)
    path = cache.wav("hello", "en")
    whole = path.read_bytes()
    damaged = {
        "empty": b"",
        "cut": whole[:5000],
        "header only": whole[:44],
        "noise": whole[:44] + os.urandom(len(whole) - 44),
        "zeros": whole[:44] + bytes(len(whole) - 44),
    }
    path.unlink()
    if damage in damaged:
        path.write_bytes(damaged[damage])
    again = cache if known else SpeechCache(tmp_path, engine)
    assert again.wav("hello", "en").read_bytes() == whole
    assert len(engine.made) == 2


@pytest.mark.parametrize("digest", [None, "", "x", "\u00e9"])
def test_a_file_whose_digest_is_lost_is_made_again(tmp_path: Path, digest: str | None) -> None:
    engine = Hum()
    beside = SpeechCache(tmp_path, engine).wav("hello", "en").with_suffix(".sha256")
    beside.unlink()
    if digest is not None:
        beside.write_text(digest, encoding="utf-8")
    SpeechCache(tmp_path, engine).wav("hello", "en")
    SpeechCache(tmp_path, engine).wav("hello", "en")
    assert engine.made == ["hello", "hello"]


def test_what_cannot_be_said_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(NothingToSayError):
        SpeechCache(tmp_path, Hum()).wav("...", "en")
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".part", ".sha256")]


def test_odd_texts_have_keys_too(tmp_path: Path) -> None:
    path = SpeechCache(tmp_path, Hum()).wav("a\ud800\x00/../../b", "en")
    assert path.is_relative_to(tmp_path)


class Logged(ESpeak):
    """eSpeak NG that notes each line it makes, whatever process it is in."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        super().synthesise(text, language, voice, out, pace)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")


def _speak_all(folder: Path, log: Path, texts: list[str]) -> None:
    cache = SpeechCache(folder, Logged(log))
    for text in texts:
        cache.wav(text, "zh-CN")


def test_several_processes_at_once_make_each_line_once(tmp_path: Path) -> None:
    texts = [f"我要买{count}件，请送到我家" for count in range(1, 41)]
    folder, log = tmp_path / "speech", tmp_path / "made.log"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_speak_all, args=(folder, log, texts)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sorted(log.read_text(encoding="utf-8").splitlines()) == sorted(texts)
    wavs = list(folder.rglob("*.wav"))
    assert len(wavs) == len(texts)
    assert all(measure(read_wav(path)).rms_dbfs > -21 for path in wavs)
    assert not list(folder.rglob("*.part"))
