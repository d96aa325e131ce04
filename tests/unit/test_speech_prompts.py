"""Prompts and hold music as files for the switch."""

from pathlib import Path

import numpy as np
import pytest

from telephony.speech.engine import Language, NothingToSayError
from telephony.speech.espeak import ESpeak
from telephony.speech.level import measure
from telephony.speech.music import hold_music
from telephony.speech.prompts import PromptNameError, render_music, render_prompts
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


def test_hold_music_is_soft_and_has_no_seam() -> None:
    music = hold_music()
    level = measure(music)
    assert 20 <= level.duration_s <= 30
    assert level.rms_dbfs == pytest.approx(-26, abs=0.5)
    assert level.peak_dbfs < -6
    steps = np.abs(np.diff(music))
    assert abs(music[0] - music[-1]) <= np.quantile(steps, 0.99)
    seconds = [measure(second).rms_dbfs for second in np.split(music, 24)]
    assert min(seconds) > -35, "no second of it is silent: a caller would think the line is dead"


def test_hold_music_is_made_again_when_damaged(tmp_path: Path) -> None:
    path = render_music(tmp_path)
    whole = path.read_bytes()
    stamp = path.stat().st_mtime_ns
    assert render_music(tmp_path).stat().st_mtime_ns == stamp
    path.write_bytes(whole[:9000])
    assert render_music(tmp_path).read_bytes() == whole
