"""Resampling, trimming, levelling, and the WAV files themselves."""

from pathlib import Path

import numpy as np
import pytest

from telephony.speech.engine import SynthesisError
from telephony.speech.level import check, measure, normalise, trim
from telephony.speech.resample import RATE, Samples, resample
from telephony.speech.wavfile import DamagedWavError, read_wav, write_wav


def tone(pitch_hz: float, rate_hz: int, length_s: float = 1.0, loudness: float = 0.5) -> Samples:
    return (loudness * np.sin(2 * np.pi * pitch_hz * np.arange(int(rate_hz * length_s)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("from_hz", [22050, 24000, 16000, 44100])
def test_a_tone_below_the_new_limit_comes_through_unchanged(from_hz: int) -> None:
    heard = resample(tone(1000, from_hz), from_hz)
    assert len(heard) == RATE
    middle = slice(200, -200)
    assert np.max(np.abs(heard[middle] - tone(1000, RATE)[middle])) < 0.005


def test_a_tone_above_the_new_limit_does_not_fold_back() -> None:
    heard = resample(tone(6000, 22050), 22050)
    assert measure(heard[200:-200]).rms_dbfs < -60


def test_a_long_sound_has_no_seams_between_blocks() -> None:
    heard = resample(tone(300, 22050, 10.0), 22050)
    assert np.max(np.abs(heard[200:-200] - tone(300, RATE, 10.0)[200:-200])) < 0.005


def test_silence_at_the_ends_goes_and_pauses_stay() -> None:
    pause = np.zeros(RATE, np.float32)
    spoken = np.concatenate([pause, tone(500, RATE, 0.5), pause, tone(500, RATE, 0.5), pause])
    assert measure(trim(spoken)).duration_s == pytest.approx(2.1, abs=0.03)
    assert len(trim(pause)) == 0


def test_normalising_keeps_peaks_below_3_db() -> None:
    spiky = tone(500, RATE, 2.0, 0.01)
    spiky[::800] = 0.5
    level = measure(normalise(spiky))
    assert level.peak_dbfs < -3
    assert measure(normalise(tone(500, RATE, 1.0, 0.001))).rms_dbfs == pytest.approx(-20, abs=0.1)


def test_silence_and_impossible_lengths_are_refused() -> None:
    with pytest.raises(SynthesisError, match="silence"):
        check(np.zeros(RATE, np.float32), 3)
    with pytest.raises(SynthesisError, match="cannot be right"):
        check(tone(500, RATE, 0.2), 20)
    with pytest.raises(SynthesisError, match="cannot be right"):
        check(tone(500, RATE, 20.0), 2)


def test_a_wav_is_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.wav"
    write_wav(path, tone(440, RATE))
    assert np.max(np.abs(read_wav(path) - tone(440, RATE))) < 1e-4
    assert [left.name for left in path.parent.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("size", [0, 10, 44, 45, 3000])
def test_a_cut_wav_is_found(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(440, RATE))
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedWavError):
        read_wav(path)
