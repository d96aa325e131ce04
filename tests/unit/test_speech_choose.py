"""Which engine is taken, and what is said about it. The online engine here is a stand-in: tests never go online."""

import threading
from pathlib import Path

import pytest

from telephony.clock import SystemClock
from telephony.speech.choose import SpeechSettings, choose_engine
from telephony.speech.engine import EngineUnavailableError, Language, SpeechEngine
from telephony.speech.espeak import ESpeak


class Answering:
    """An online service that answers, refuses, breaks, or keeps one waiting."""

    name = "gtts"
    version = "0"
    voices = ("en/f1",)

    def __init__(self, failure: Exception | None = None, wait: threading.Event | None = None) -> None:
        self._failure = failure
        self._wait = wait

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path) -> None:
        if self._wait:
            self._wait.wait(30)
        if self._failure:
            raise self._failure


def never(timeout_s: float) -> SpeechEngine:
    raise AssertionError("the network was tried though the setting does not allow it")


def test_nothing_goes_online_unless_allowed() -> None:
    choice = choose_engine(SpeechSettings(), SystemClock(), online=never)
    assert choice.engine.name == "espeak-ng"
    assert "not allowed" in choice.reason


def test_the_online_engine_is_taken_if_it_answers() -> None:
    choice = choose_engine(SpeechSettings(allow_online=True), SystemClock(), online=lambda timeout_s: Answering())
    assert choice.engine.name == "gtts"
    assert "answered in" in choice.reason


@pytest.mark.parametrize("failure", [EngineUnavailableError("no network"), RuntimeError("odd")])
def test_another_is_taken_if_it_refuses(failure: Exception) -> None:
    choice = choose_engine(
        SpeechSettings(allow_online=True), SystemClock(), online=lambda timeout_s: Answering(failure)
    )
    assert isinstance(choice.engine, ESpeak)
    assert str(failure) in choice.reason


def test_a_service_that_hangs_is_given_up() -> None:
    hanging = threading.Event()
    clock = SystemClock()
    began = clock.monotonic()
    settings = SpeechSettings(allow_online=True, probe_s=0.1)
    choice = choose_engine(settings, clock, online=lambda timeout_s: Answering(wait=hanging))
    assert clock.monotonic() - began < 5
    hanging.set()
    assert choice.engine.name == "espeak-ng"
    assert "no answer in 0.1 s" in choice.reason


def test_an_engine_asked_for_by_name_is_taken_or_refused() -> None:
    clock = SystemClock()
    assert choose_engine(SpeechSettings(engine="espeak-ng", allow_online=True), clock, online=never).engine
    with pytest.raises(EngineUnavailableError, match="allow_online"):
        choose_engine(SpeechSettings(engine="gtts"), clock, online=never)
    with pytest.raises(EngineUnavailableError, match="no network"):
        choose_engine(
            SpeechSettings(engine="gtts", allow_online=True),
            clock,
            online=lambda timeout_s: Answering(EngineUnavailableError("no network")),
        )
    with pytest.raises(EngineUnavailableError):
        choose_engine(SpeechSettings(engine="piper"), clock)


def test_a_missing_piper_voice_is_told_and_passed_over(tmp_path: Path) -> None:
    settings = SpeechSettings(piper_voices={"en/m1": tmp_path / "none.onnx"})
    choice = choose_engine(settings, SystemClock(), language="en")
    assert choice.engine.name == "espeak-ng"
    assert "Piper" in choice.reason
    assert "no voice for zh-CN" in choose_engine(settings, SystemClock()).reason
