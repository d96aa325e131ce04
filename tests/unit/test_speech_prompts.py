"""Prompts, spoken ones and tones, as files for the switch."""

from pathlib import Path

import pytest

from datasets.prompts import TONES as PROMPT_TONES
from telephony.speech.engine import Language, NothingToSayError
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.prompts import PromptNameError, render_prompts, render_tones
from telephony.speech.wavfile import read_wav


class Counted(ESpeak):
    """eSpeak NG, with a list of what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path) -> None:
        super().synthesise(text, language, voice, out)
        self.made.append(text)


TEXTS = {"greeting": "您好", "menu": "投诉请按1", "agent-1003": "幺零零三号坐席为您服务"}


def test_each_prompt_becomes_a_file_the_switch_plays(tmp_path: Path) -> None:
    paths = render_prompts(TEXTS, tmp_path, ESpeak(), "zh-CN")
    assert paths == {stem: tmp_path / "zh-CN" / f"{stem}.wav" for stem in TEXTS}
    for path in paths.values():
        assert measure(read_wav(path)).rms_dbfs == pytest.approx(-20, abs=0.5)


def test_only_what_changed_is_made_again(tmp_path: Path) -> None:
    engine = Counted()
    paths = render_prompts(TEXTS, tmp_path, engine, "zh-CN")
    engine.made.clear()
    render_prompts(TEXTS, tmp_path, engine, "zh-CN")
    assert engine.made == []
    render_prompts(TEXTS | {"greeting": "早上好"}, tmp_path, engine, "zh-CN")
    assert engine.made == ["早上好"]
    paths["menu"].write_bytes(paths["menu"].read_bytes()[:1000])
    paths["agent-1003"].unlink()
    engine.made.clear()
    render_prompts(TEXTS | {"greeting": "早上好"}, tmp_path, engine, "zh-CN")
    assert sorted(engine.made) == sorted([TEXTS["menu"], TEXTS["agent-1003"]])
    engine.made.clear()
    render_prompts({"menu": TEXTS["menu"]}, tmp_path, engine, "zh-CN", "zh-CN/m3")
    assert engine.made == [TEXTS["menu"]]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"greeting": 3}'])
def test_a_broken_manifest_loses_nothing(tmp_path: Path, broken: str) -> None:
    engine = Counted()
    render_prompts(TEXTS, tmp_path, engine, "zh-CN")
    (tmp_path / "zh-CN" / "manifest.json").write_text(broken)
    engine.made.clear()
    render_prompts(TEXTS, tmp_path, engine, "zh-CN")
    assert len(engine.made) == len(TEXTS)


@pytest.mark.parametrize("stem", ["../evil", "a/b", "", "A", ".lock", "x" * 81])
def test_a_name_that_is_no_file_name_is_refused_before_anything_is_made(tmp_path: Path, stem: str) -> None:
    with pytest.raises(PromptNameError):
        render_prompts({"fine": "你好", stem: "你好"}, tmp_path, ESpeak(), "zh-CN")
    assert list(tmp_path.iterdir()) == []


def test_what_was_finished_before_an_error_is_kept(tmp_path: Path) -> None:
    engine = Counted()
    with pytest.raises(NothingToSayError):
        render_prompts({"good": "你好", "bad": "…"}, tmp_path, engine, "zh-CN")
    engine.made.clear()
    render_prompts({"good": "你好"}, tmp_path, engine, "zh-CN")
    assert engine.made == []
    assert not (tmp_path / "zh-CN" / "bad.wav").exists()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_tones_lie_with_the_prompts_and_are_heard(tmp_path: Path, language: Language) -> None:
    paths = render_tones(tmp_path, language)
    assert set(paths) == set(PROMPT_TONES), "each tone that datasets names is made"
    for stem, path in paths.items():
        assert path == tmp_path / language / f"{stem}.wav"
        level = measure(read_wav(path))
        assert -28 < level.rms_dbfs < -18
        assert level.duration_s <= 0.6
    assert paths["conference-join"].read_bytes() != paths["conference-leave"].read_bytes()
    stamp = paths["beep"].stat().st_mtime_ns
    paths["record-beep"].write_bytes(b"RIFF")
    assert render_tones(tmp_path, language)["beep"].stat().st_mtime_ns == stamp
    assert measure(read_wav(paths["record-beep"])).duration_s == pytest.approx(0.2)
