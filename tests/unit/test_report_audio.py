import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lab_server.report.audio import RATE, AudioError, call_audio, read_wav, stereo


def wav(file: Path, samples: list[int], rate: int = RATE, channels: int = 1) -> Path:
    with wave.open(str(file), "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(np.array(samples, dtype="<i2").tobytes())
    return file


def decoded(sound: bytes | None) -> np.ndarray:
    assert sound is not None
    frames, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    assert rate == RATE
    return np.asarray(frames)


def test_a_header_that_says_0_after_a_crash_hides_nothing(tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", [1, 2, 3, 4])
    content = bytearray(file.read_bytes())
    struct.pack_into("<I", content, 4, 36)
    struct.pack_into("<I", content, 40, 0)
    file.write_bytes(bytes(content))
    assert read_wav(file).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("cut", [1, 3])
def test_a_file_that_stops_short_gives_what_is_there(tmp_path: Path, cut: int) -> None:
    file = wav(tmp_path / "a.wav", [1, 2, 3, 4])
    file.write_bytes(file.read_bytes()[:-cut])
    assert read_wav(file).tolist() == [1, 2, 3, 4][: 4 - (cut + 1) // 2]


def test_chunks_before_the_samples_are_passed_over(tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", [7, 8])
    content = file.read_bytes()
    file.write_bytes(content[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + content[36:])
    assert read_wav(file).tolist() == [7, 8]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "no WAV"), (b"RIFF\0\0\0\0WAVE", "no samples"), (b"not sound at all", "no WAV")],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    with pytest.raises(AudioError, match=why):
        read_wav(file)


def test_another_rate_is_refused_with_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="found 16-bit × 1 at 16000 Hz"):
        read_wav(wav(tmp_path / "a.wav", [1], rate=16000))


def test_the_agent_is_placed_on_the_callers_clock() -> None:
    caller, agent = np.array([1, 2, 3], dtype=np.int16), np.array([9, 9], dtype=np.int16)
    later = stereo(caller, [(2 / RATE, agent)])
    assert later.tolist() == [[1, 0], [2, 0], [3, 9], [0, 9]]
    earlier = stereo(caller, [(-1 / RATE, agent)])
    assert earlier.tolist() == [[1, 9], [2, 0], [3, 0]]


def test_agents_one_after_the_other_share_the_right_ear_and_do_not_overflow() -> None:
    loud = np.array([30000, 30000], dtype=np.int16)
    assert stereo(None, [(0, loud), (1 / RATE, loud)]).tolist() == [[0, 30000], [0, 32767], [0, 30000]]


def test_a_call_becomes_one_lossless_file(tmp_path: Path) -> None:
    sound = call_audio(wav(tmp_path / "a.wav", [5, -6, 7]), [(0.0, wav(tmp_path / "b.wav", [1]))])
    assert decoded(sound).tolist() == [[5, 1], [-6, 0], [7, 0]]


def test_one_side_missing_leaves_the_other(tmp_path: Path) -> None:
    assert decoded(call_audio(None, [(0.0, wav(tmp_path / "b.wav", [1]))])).tolist() == [[0, 1]]
    assert decoded(call_audio(wav(tmp_path / "a.wav", [2]), [(0.0, tmp_path / "gone.wav")])).tolist() == [[2, 0]]


def test_nothing_recorded_is_no_sound_and_nothing_usable_an_error(tmp_path: Path) -> None:
    assert call_audio(None, []) is None
    assert call_audio(wav(tmp_path / "a.wav", []), []) is None
    with pytest.raises(AudioError, match=r"gone\.wav: cannot be read"):
        call_audio(tmp_path / "gone.wav", [])
