"""Sentences made while calls run: in time or not at all, and never at the cost of the event loop."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datasets.language import LANGUAGES
from datasets.sayings import queue_position
from lab_server.floor.announcer import Announcer, Caches
from telephony.clock import SystemClock
from telephony.speech.cache import SpeechCache
from telephony.speech.engine import Language
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.wavfile import read_wav


class Gated(ESpeak):
    """eSpeak NG that begins to speak when it is let, as on a disk that hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.made: list[str] = []

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        assert self.gate.wait(20)
        self.made.append(text)
        super().synthesise(text, language, voice, out, pace)


class Broken(ESpeak):
    """An engine with a bug."""

    name = "broken"

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        raise ZeroDivisionError


class Noon(SystemClock):
    def utc(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)


def both(cache: SpeechCache) -> Caches:
    return dict.fromkeys(LANGUAGES, cache)


@contextmanager
def announcing(folder: Path, engine: ESpeak, **how: object) -> Iterator[Announcer]:
    announcer = Announcer(both(SpeechCache(folder, engine)), SystemClock(), **how)  # type: ignore[arg-type]
    try:
        yield announcer
    finally:
        if isinstance(engine, Gated):
            engine.gate.set()
        announcer.close()


def names(folder: Path, ending: str) -> set[str]:
    return {path.name for path in folder.glob(f"*/*.{ending}")}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_sentence_becomes_a_file_the_switch_plays(tmp_path: Path, language: Language) -> None:
    with announcing(tmp_path, ESpeak()) as announcer:
        path = await announcer.say(queue_position(7, language), language)
    assert path is not None and path.is_absolute() and path.suffix == ""
    level = measure(read_wav(path.with_suffix(".wav")))  # read_wav takes 8 kHz mono alone
    assert level.rms_dbfs == pytest.approx(-20, abs=0.5)
    assert 1 < level.duration_s < 8


async def test_what_takes_too_long_is_left_out_while_the_loop_runs_on_and_is_there_the_next_time(
    tmp_path: Path,
) -> None:
    engine = Gated()
    with announcing(tmp_path, engine, deadline_s=0.1) as announcer:
        saying = asyncio.create_task(announcer.say("hello there", "en"))
        beats = 0
        while not saying.done():
            await asyncio.sleep(0.005)
            beats += 1
        assert saying.result() is None
        assert beats >= 5
        engine.gate.set()
        async with asyncio.timeout(10):
            while await announcer.say("hello there", "en") is None:
                pass
        assert engine.made == ["hello there"]


async def test_fifty_callers_with_one_sentence_have_it_made_once(tmp_path: Path) -> None:
    engine = Gated()
    with announcing(tmp_path, engine, deadline_s=20) as announcer:
        saying = [asyncio.create_task(announcer.say("you are next", "en")) for _ in range(50)]
        await asyncio.sleep(0)
        saying[0].cancel()  # one of them hangs up
        engine.gate.set()
        paths = await asyncio.gather(*saying[1:])
        assert len(set(paths)) == 1 and paths[0] is not None
        assert engine.made == ["you are next"]


async def test_a_crowd_of_sentences_is_refused_before_it_grows_without_end(tmp_path: Path) -> None:
    engine = Gated()
    with announcing(tmp_path, engine, deadline_s=20) as announcer:
        saying = [asyncio.create_task(announcer.say(f"caller {one}", "en")) for one in range(70)]
        await asyncio.sleep(0)  # all have begun
        assert [task.result() for task in saying if task.done()] == [None] * 6
        engine.gate.set()
        assert None not in (await asyncio.gather(*saying))[:64]


@pytest.mark.parametrize("text", ["", "…", "x" * 3000])
async def test_what_cannot_be_spoken_is_left_out(tmp_path: Path, text: str) -> None:
    with announcing(tmp_path, ESpeak()) as announcer:
        assert await announcer.say(text, "en") is None
        assert await announcer.say("still here", "en") is not None


async def test_neither_a_broken_engine_nor_a_broken_disk_ends_a_call(tmp_path: Path) -> None:
    with announcing(tmp_path, Broken()) as announcer:
        assert await announcer.say("hello", "en") is None
    (tmp_path / "file").touch()
    with announcing(tmp_path / "file", ESpeak()) as announcer:
        assert await announcer.say("hello", "en") is None


async def test_what_was_made_with_the_prompts_is_taken(tmp_path: Path) -> None:
    ready = SpeechCache(tmp_path / "ready", ESpeak())
    made = ready.wav("you are next", "en")
    with announcing(tmp_path / "made", Broken(), ready=both(ready)) as announcer:
        assert await announcer.say("you are next", "en") == made.with_suffix("")
        assert await announcer.say("something else", "en") is None
    only = Announcer({"en": ready}, SystemClock())
    assert await only.say("你好", "zh-CN") is None, "no engine speaks it"
    only.close()


async def test_old_sayings_go_but_none_that_may_still_be_heard(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path, ESpeak())
    noon = Noon().utc().timestamp()
    said = {text: cache.wav(text, "en") for text in ("oldest", "older", "long ago", "just now")}
    for path, ago_s in zip(said.values(), (9000, 8000, 7000, 5), strict=True):
        os.utime(path, (noon - ago_s, noon - 9000))
    announcer = Announcer(both(cache), Noon(), keep=3)
    try:
        newest = await announcer.say("newest", "en")
        assert newest is not None
        left = names(tmp_path, "wav")
        assert left == {said["just now"].name, said["long ago"].name, newest.with_suffix(".wav").name}
        assert len(names(tmp_path, "sha256")) == 3
        assert await announcer.say("oldest", "en") == said["oldest"].with_suffix(""), "it is made again"
        narrow = Announcer(both(cache), Noon(), keep=0)
        await narrow.say("newest", "en")
        narrow.close()
        assert newest.with_suffix(".wav").exists() and said["just now"].exists()
        assert not said["long ago"].exists()
    finally:
        announcer.close()


async def test_closed_it_says_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    engine = Gated()
    with announcing(tmp_path, engine, deadline_s=20) as announcer:
        saying = [asyncio.create_task(announcer.say(f"caller {one}", "en")) for one in range(5)]
        await asyncio.sleep(0)  # all have begun
        announcer.close()
        engine.gate.set()
        assert (await asyncio.gather(*saying)).count(None) >= 3
        assert await announcer.say("hello", "en") is None
