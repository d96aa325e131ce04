"""The real eSpeak NG in both languages."""

import threading
from pathlib import Path

import numpy as np
import pytest

from telephony.speech.engine import (
    Language,
    NothingToSayError,
    SpeechError,
    SynthesisError,
    UnknownVoiceError,
    default_voice,
    voice_for,
)
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.line import speak_line
from telephony.speech.reading import Part
from telephony.speech.resample import Samples
from telephony.speech.wavfile import read_wav

LINES: list[tuple[str, Language]] = [
    ("您好，我上个星期买的破壁机坏了，我要退货。", "zh-CN"),
    ("我的电话是16300221234，订单号是261113960437。", "zh-CN"),
    ("我要iPhone 15和USB线，谢谢。", "zh-CN"),
    ("好的👍🏽，￥２９８", "zh-CN"),
    ("一\x00二 <speak>三</speak> [[h@l@U]]", "zh-CN"),
    ("嗯", "zh-CN"),
    ("Hi, the blender I bought last week is broken.", "en"),
    ("It's 1 6 3, and I paid $29.95 on 3/5/2024.", "en"),
    ("Her name is 张伟, café &c. 😀", "en"),
    ("<speak>hello</speak> [[h@l@U]] \x00", "en"),
    ("A", "en"),
]


@pytest.fixture(scope="module")
def engine() -> ESpeak:
    return ESpeak()


def test_it_is_the_version_that_speaks_mandarin(engine: ESpeak) -> None:
    assert engine.name == "espeak-ng"
    assert engine.version.startswith("1.52")


@pytest.mark.parametrize(("text", "language"), LINES)
def test_every_line_can_be_heard(engine: ESpeak, tmp_path: Path, text: str, language: Language) -> None:
    out = tmp_path / "line.wav"
    engine.synthesise(text, language, None, out)
    level = measure(read_wav(out))
    assert -21 < level.rms_dbfs < -19
    assert level.peak_dbfs < -3
    assert 0.1 < level.duration_s < 25


@pytest.mark.parametrize("voice", ESpeak().voices)
def test_every_voice_can_be_heard(engine: ESpeak, tmp_path: Path, voice: str) -> None:
    language: Language = "zh-CN" if voice.startswith("zh-CN/") else "en"
    out = tmp_path / "line.wav"
    engine.synthesise("你好，我要退货。" if language == "zh-CN" else "Hello, I want a refund.", language, voice, out)
    level = measure(read_wav(out))
    assert level.rms_dbfs == pytest.approx(-20, abs=0.5)
    assert 0.9 < level.duration_s < 3


def test_callers_sound_different(engine: ESpeak, tmp_path: Path) -> None:
    """The voices of one language, compared by the lowest strong pitch of the same vowel-rich line."""
    pitches = {}
    for voice in (voice for voice in engine.voices if voice.startswith("zh-CN/")):
        engine.synthesise("妈妈妈妈妈妈", "zh-CN", voice, tmp_path / "line.wav")
        pitches[voice] = round(_pitch_hz(read_wav(tmp_path / "line.wav")))
    assert len(set(pitches.values())) >= 8, pitches
    women = [pitch for voice, pitch in pitches.items() if "/f" in voice]
    men = [pitch for voice, pitch in pitches.items() if "/m" in voice]
    assert np.median(women) > 1.2 * np.median(men), pitches


def _pitch_hz(samples: Samples) -> float:
    """By autocorrelation over the whole, between 60 and 400 Hz."""
    spectrum = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(spectrum)[: 8000 // 60]
    return 8000 / (20 + int(np.argmax(correlation[20:])))


def test_a_very_long_line_is_spoken(engine: ESpeak, tmp_path: Path) -> None:
    out = tmp_path / "line.wav"
    engine.synthesise("这个东西质量太差了。" * 150, "zh-CN", None, out)
    assert 150 < measure(read_wav(out)).duration_s < 600


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("text", ["", "😀", "。。。", "<speak/>"])
def test_nothing_to_say_leaves_no_file(engine: ESpeak, tmp_path: Path, text: str, language: Language) -> None:
    with pytest.raises(NothingToSayError):
        engine.synthesise(text, language, None, tmp_path / "line.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("language", "text"), [("zh-CN", "我要投诉，东西坏了三天了。"), ("en", "I have a complaint to make.")]
)
def test_a_caller_in_a_hurry_speaks_faster(engine: ESpeak, tmp_path: Path, language: Language, text: str) -> None:
    lengths = []
    for pace in (1.0, 1.2):
        engine.synthesise(text, language, None, tmp_path / "line.wav", pace)
        lengths.append(len(read_wav(tmp_path / "line.wav")))
    assert lengths[1] / lengths[0] == pytest.approx(1 / 1.2, abs=0.06)


def test_an_unknown_voice_is_refused_with_the_known_ones(engine: ESpeak, tmp_path: Path) -> None:
    for voice in ("zh-CN/nobody", "en/f2", "../f2"):
        with pytest.raises(UnknownVoiceError, match="zh-CN/f2"):
            engine.synthesise("你好", "zh-CN", voice, tmp_path / "line.wav")


def test_threads_at_once_do_not_mix_their_lines(engine: ESpeak, tmp_path: Path) -> None:
    texts = ["你好，请问是客服吗", "我要投诉", "三件", "谢谢，再见"]
    for number, text in enumerate(texts):
        engine.synthesise(text, "zh-CN", None, tmp_path / f"alone-{number}.wav")
    threads = [
        threading.Thread(
            target=engine.synthesise, args=(text, "zh-CN", "zh-CN/f1", tmp_path / f"together-{number}.wav")
        )
        for number, text in enumerate(texts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(len(texts)):
        alone, together = (measure(read_wav(tmp_path / f"{how}-{number}.wav")) for how in ("alone", "together"))
        assert together.duration_s == pytest.approx(alone.duration_s, abs=0.05)


def test_an_engine_that_makes_silence_leaves_no_file(tmp_path: Path) -> None:
    def silent(part: Part) -> tuple[Samples, int]:
        return np.zeros(22050, np.float32), 22050

    with pytest.raises(SynthesisError):
        speak_line("你好", "zh-CN", tmp_path / "line.wav", silent)
    assert list(tmp_path.iterdir()) == []


def test_voices_are_picked_by_sex_and_number(engine: ESpeak) -> None:
    assert default_voice(engine, "en") == "en/f1"
    women = {voice_for(engine, "zh-CN", "f", pick) for pick in range(20)}
    assert len(women) == 5
    assert all(voice.startswith("zh-CN/f") for voice in women)
    assert voice_for(engine, "en", "m", 7) == voice_for(engine, "en", "m", 7)


def test_errors_have_one_base() -> None:
    assert issubclass(NothingToSayError, SpeechError)
