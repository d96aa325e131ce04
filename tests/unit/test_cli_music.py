"""`ringside music`: a school's own music, on the command line."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.config import PREFIX, load
from lab_server.pbx import pbx_settings


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(PREFIX) or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))
    return tmp_path / "v"


def song(path: Path) -> Path:
    soundfile.write(path, 0.5 * np.sin(np.arange(96_000) / 20), 32_000)
    return path


@pytest.mark.parametrize(("language", "said"), [("en", "Added to the music ours"), ("zh-CN", "已添加到音乐 ours")])
def test_an_added_piece_is_listed_and_reaches_the_switchs_settings(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("RINGSIDE_LANGUAGE", language)
    added = CliRunner().invoke(command(), ["music", "add", "ours", str(song(tmp_path / "song.flac"))])
    assert (added.exit_code, said in added.output) == (0, True), added.output
    (var / "music/ours/notes.txt").write_text("put here by hand")
    listed = CliRunner().invoke(command(), ["music", "list"])
    assert listed.stdout.splitlines() == [
        "bright\t0:16\tringside.wav", "calm\t0:36\tringside.wav", "default\t0:24\tringside.wav", "ours\t0:03\tsong.wav",
    ]  # fmt: skip
    assert "notes.txt" in listed.stderr
    assert pbx_settings(load()).music_classes == ("bright", "calm", "default", "ours")


@pytest.mark.parametrize(
    ("name", "file", "reason"), [("Ours", "song.wav", "cannot name a music class"), ("ours", "no.wav", "no.wav")]
)
def test_what_cannot_be_added_is_one_sentence(var: Path, tmp_path: Path, name: str, file: str, reason: str) -> None:
    song(tmp_path / "song.wav")
    refused = CliRunner().invoke(command(), ["music", "add", name, str(tmp_path / file)])
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert "Traceback" not in refused.output
    assert not (var / "music").exists()
