"""Whatever the text: it is spoken, or refused with a reason; never a crash, never silence."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.speech.engine import Language, SpeechError
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.numerals import cardinal
from telephony.speech.reading import read_aloud
from telephony.speech.wavfile import read_wav

languages = st.sampled_from(["zh-CN", "en"])
odd = st.text(max_size=60) | st.text(alphabet="0123456789一二号楼室元aB .,:-+/%$¥&@[]<>😀，。年月", max_size=40)
digits = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}


@given(odd, languages)
def test_any_text_is_read_or_refused(text: str, language: Language) -> None:
    try:
        parts = read_aloud(text, language)
    except SpeechError as refused:
        assert str(refused)
        return
    assert parts
    for part in parts:
        assert any(char.isalnum() for char in part.text)
        assert not set(part.text) & set("[]<>{}\\\x00")
        if part.language == "zh-CN" and language == "zh-CN":
            assert not any("0" <= char <= "9" for char in part.text), "a digit was left to the engine's own reading"


@settings(max_examples=60, deadline=None)
@given(odd, languages)
def test_any_text_is_heard_or_leaves_no_file(text: str, language: Language) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "line.wav"
        try:
            ESpeak().synthesise(text, language, None, out)
        except SpeechError:
            assert not list(out.parent.iterdir())
        else:
            assert measure(read_wav(out)).rms_dbfs > -40


@given(st.integers(0, 10**12 - 1))
def test_a_mandarin_number_means_the_number(value: int) -> None:
    assert _meaning(cardinal(value)) == value


def _meaning(words: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        before, found, after = words.partition(unit)
        if found:
            return (_meaning(before) if before.strip("零") else 1) * size + _meaning(after)
    return digits[words.lstrip("零")] if words.strip("零") else 0
