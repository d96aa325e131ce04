"""Music on hold: our own, and what a school brings along."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from telephony.speech.level import measure
from telephony.speech.music import STYLES
from telephony.speech.music_files import OURS, MusicError, add_music, ensure_music, list_music, music_classes
from telephony.speech.wavfile import read_wav


def tune(path: Path, rate_hz: int = 44_100, length_s: float = 3.0, channels: int = 2, loudness: float = 0.5) -> Path:
    """A file as a school may have it: 440 Hz on the left, the same on the right."""
    time = np.arange(int(rate_hz * length_s)) / rate_hz
    soundfile.write(path, np.repeat(loudness * np.sin(2 * np.pi * 440 * time)[:, None], channels, 1), rate_hz)
    return path


@pytest.mark.parametrize("style", STYLES)
def test_our_music_is_soft_and_has_no_seam(style: str) -> None:
    music = STYLES[style]()
    level = measure(music)
    assert 15 <= level.duration_s <= 40
    assert level.rms_dbfs == pytest.approx(-24, abs=0.5)
    assert level.peak_dbfs < -6
    assert abs(music[0] - music[-1]) <= np.quantile(np.abs(np.diff(music)), 0.99)
    seconds = [measure(second).rms_dbfs for second in np.split(music[: len(music) // 8000 * 8000], len(music) // 8000)]
    assert min(seconds) > -35, "no second of it is silent: a caller would think the line is dead"


def test_our_music_is_made_once_and_again_when_damaged(tmp_path: Path) -> None:
    (tmp_path / "hold.wav").write_bytes(b"from before there were classes")
    made = ensure_music(tmp_path)
    assert music_classes(tmp_path) == ("bright", "calm", "default")
    assert not (tmp_path / "hold.wav").exists()
    whole, stamp = made["calm"].read_bytes(), made["calm"].stat().st_mtime_ns
    assert ensure_music(tmp_path)["calm"].stat().st_mtime_ns == stamp
    made["calm"].write_bytes(whole[:9000])
    assert ensure_music(tmp_path)["calm"].read_bytes() == whole


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_a_schools_music_is_made_fit_for_the_telephone(tmp_path: Path, ending: str) -> None:
    path = add_music(tmp_path / "music", "school-song", tune(tmp_path / f"Our Song! 1.{ending}"))
    assert path == tmp_path / "music/school-song/our-song-1.wav"
    music = read_wav(path)
    assert measure(music).rms_dbfs == pytest.approx(-24, abs=0.5)
    assert measure(music).duration_s == pytest.approx(3, abs=0.1)
    heard = np.fft.rfftfreq(8000)[np.abs(np.fft.rfft(music[8000:16_000])).argmax()] * 8000
    assert heard == pytest.approx(440, abs=2)


def test_ours_gives_way_to_theirs_and_comes_back_without_it(tmp_path: Path) -> None:
    music = tmp_path / "music"
    ensure_music(music)
    path = add_music(music, "default", tune(tmp_path / "ringside.wav"))
    ensure_music(music)
    [default] = [found for found in list_music(music) if found.name == "default"]
    assert default.pieces == (path.name,) == ("piece.wav",)
    path.unlink()
    ensure_music(music)
    assert (music / "default" / OURS).is_file()


def test_what_the_switch_could_not_play_is_named_and_silences_nothing(tmp_path: Path) -> None:
    home = tmp_path / "default"
    home.mkdir()
    tune(home / "cd.wav")
    (home / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    ensure_music(tmp_path)
    found = {one.name: one for one in list_music(tmp_path)}
    assert found["default"].pieces == (OURS,)
    assert found["default"].length_s == pytest.approx(24)
    assert found["default"].unplayable == ("cd.wav", "notes.txt")
    assert "empty" not in music_classes(tmp_path)
    assert music_classes(tmp_path / "nothing") == ("default",)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "A", "9", "x" * 41, "two words", "a]\n[b"])
def test_a_class_with_such_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MusicError, match="cannot name"):
        add_music(tmp_path / "music", name, tune(tmp_path / "a.wav"))
    assert not (tmp_path / "music").exists()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("text.wav", "cannot be read"),
        ("empty.mp3", "cannot be read"),
        ("missing.flac", "cannot be read"),
        ("program.exe", "ends in"),
        ("short.wav", "too short"),
        ("silent.wav", "silent"),
        ("long.flac", "too long"),
        ("low.wav", "4000 Hz"),
        ("nan.wav", "damaged"),
        ("none.wav", "damaged"),
    ],
)
def test_rubbish_is_refused_with_its_reason_and_nothing_is_added(tmp_path: Path, file: str, reason: str) -> None:
    path = tmp_path / file
    match path.stem:
        case "text" | "program":
            path.write_text("no sound at all")
        case "empty":
            path.touch()
        case "short":
            tune(path, length_s=0.5)
        case "silent":
            tune(path, loudness=0)
        case "long":
            soundfile.write(path, np.zeros(31 * 60 * 8000), 8000)
        case "low":
            tune(path, rate_hz=4000)
        case "nan":
            soundfile.write(path, np.full(24_000, np.nan, np.float32), 8000, subtype="FLOAT")
        case "none":
            soundfile.write(path, np.zeros(0), 8000)
    with pytest.raises(MusicError, match=reason):
        add_music(tmp_path / "music", "ours", path)
    assert not (tmp_path / "music").exists()
