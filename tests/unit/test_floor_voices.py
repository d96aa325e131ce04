"""Voices of an earlier contact mixed into one file; what lies elsewhere or is no recording is refused."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lab_server.floor.voices import Voice, VoicesError, mixed


def wav(path: Path, level: float, length_s: float, rate_hz: int = 8000) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(round(length_s * rate_hz), level), rate_hz, subtype="PCM_16")
    return str(path)


def test_each_voice_begins_where_it_did(tmp_path: Path) -> None:
    wav(tmp_path / "a/customer.wav", 0.25, 2.0)
    wav(tmp_path / "a/agent-1.wav", 0.5, 2.0)
    made = mixed(tmp_path, [Voice("a/customer.wav"), Voice("a/agent-1.wav", 1.0)])
    assert made.length_s == 3.0
    assert made.path.is_relative_to(tmp_path)
    sound, rate_hz = soundfile.read(made.path)
    assert rate_hz == 8000
    assert [round(float(sound[round(at * 8000)]), 2) for at in (0.5, 1.5, 2.5)] == [0.25, 0.75, 0.5]


def test_what_is_too_loud_together_is_cut_not_turned_over(tmp_path: Path) -> None:
    voices = [Voice(Path(wav(tmp_path / f"{name}.wav", 0.9, 0.1)).name) for name in ("a", "b")]
    assert soundfile.read(mixed(tmp_path, voices).path)[0].min() > 0.99


def test_it_is_made_once_and_again_when_a_voice_has_grown(tmp_path: Path) -> None:
    wav(tmp_path / "a/customer.wav", 0.1, 1.0)
    first = mixed(tmp_path, [Voice("a/customer.wav")])
    made = first.path.stat().st_mtime_ns
    assert mixed(tmp_path, [Voice("a/customer.wav")]) == first
    assert first.path.stat().st_mtime_ns == made
    wav(tmp_path / "a/customer.wav", 0.1, 2.0)
    os.utime(tmp_path / "a/customer.wav", ns=(made + 10**9, made + 10**9))
    assert mixed(tmp_path, [Voice("a/customer.wav")]).length_s == 2.0


def test_what_is_refused_says_why(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    wav(root / "fine.wav", 0.1, 0.1)
    wav(tmp_path / "outside.wav", 0.1, 0.1)
    wav(root / "wide.wav", 0.1, 0.1, 16000)
    (root / "link.wav").symlink_to(tmp_path / "outside.wav")
    (root / "text.wav").write_text("no sound", encoding="utf-8")
    for paths, why in (
        ([], "nobody"),
        (["../outside.wav"], "not below"),
        (["link.wav"], "not below"),
        (["gone.wav"], "not there"),
        (["wide.wav"], "16000 Hz"),
        (["text.wav"], "can't be read"),
    ):
        with pytest.raises(VoicesError, match=why):
            mixed(root, [Voice(path) for path in paths])
    assert not (root / "mixed").exists(), "nothing half done"
