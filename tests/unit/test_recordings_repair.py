"""What a dead switch left: the header is mended from the file's size, and nothing else is touched."""

import os
import struct
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_server.report.audio import read_wav
from telephony.recordings import NoRecordingError, repair, repair_folder

BLOCK = 16 * 1024
NOW = datetime.now(UTC)
AGES = timedelta(days=1)


def recording(path: Path, samples: int = 8000, *, closed: bool = False) -> Path:
    """A leg's file as the switch leaves it: with its lengths only if it could close it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.arange(samples, dtype="<i2").tobytes())
    if not closed:
        with path.open("r+b") as raw:
            raw.seek(4)
            raw.write(struct.pack("<I", 0))
            raw.seek(40)
            raw.write(struct.pack("<I", 0))
    return path


def frames(path: Path) -> int:
    """By the standard library, which believes the header; 0 if that is not finished."""
    if path.read_bytes()[4:8] == b"\0\0\0\0":
        return 0
    with wave.open(str(path), "rb") as file:
        count = file.getnframes()
        assert len(file.readframes(count)) == 2 * count
        return count


def test_the_header_is_made_to_say_what_is_there(tmp_path: Path) -> None:
    file = recording(tmp_path / "a.wav", 12_000)
    assert frames(file) == 0
    mended = repair(file)
    assert mended is not None and (mended.declared_s, mended.length_s) == (0.0, 1.5)
    assert frames(file) == 12_000
    assert read_wav(file).tolist() == list(range(12_000))
    assert struct.unpack_from("<I", file.read_bytes(), 4)[0] == file.stat().st_size - 8


def test_a_second_repair_finds_nothing_to_do(tmp_path: Path) -> None:
    file = recording(tmp_path / "a.wav")
    repair(file)
    once = file.read_bytes(), file.stat().st_mtime_ns
    assert repair(file) is None
    assert (file.read_bytes(), file.stat().st_mtime_ns) == once


@given(blocks=st.integers(1, 6), declared=st.integers(0, 0xFFFF_FFFF), cut=st.integers(0, BLOCK - 45))
def test_whatever_the_header_says_what_is_there_is_heard(
    tmp_path_factory: pytest.TempPathFactory, blocks: int, declared: int, cut: int
) -> None:
    """Sound is never invented and never lost, but for a half sample at the end."""
    file = recording(tmp_path_factory.mktemp("any") / "a.wav", (blocks * BLOCK - 44) // 2)
    os.truncate(file, blocks * BLOCK - cut)
    there = (blocks * BLOCK - cut - 44) // 2
    with file.open("r+b") as raw:
        raw.seek(4)
        raw.write(struct.pack("<I", min(36 + declared, 0xFFFF_FFFF)))
        raw.seek(40)
        raw.write(struct.pack("<I", declared))
    repair(file)
    assert frames(file) == len(read_wav(file)) == (declared // 2 if 0 < declared <= 2 * there else there)


def test_a_closed_recording_is_left_as_it_is(tmp_path: Path) -> None:
    file = recording(tmp_path / "a.wav", closed=True)
    with file.open("ab") as raw:
        raw.write(b"LIST" + struct.pack("<I", 4) + b"note")
    before = file.read_bytes()
    assert repair(file) is None
    assert file.read_bytes() == before
    assert len(read_wav(file)) == 8000


def test_a_header_without_a_sound_is_sound(tmp_path: Path) -> None:
    file = recording(tmp_path / "a.wav", 0)
    assert repair(file) is None


RUBBISH = {
    "empty": b"",
    "a word": b"RIFF",
    "no wav": b"\0" * 100,
    "cut before the samples": b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
    "another format": b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0" + b"\0" * 12 + b"data\0\0\0\0" + b"\1" * 50,
    "a chunk without end": b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff" + b"\0" * 50,
}


@pytest.mark.parametrize("content", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "2026-01-01" / "A" / "agent-1.wav"
    good = recording(tmp_path / "2026-01-01" / "B" / "customer.wav")
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(NoRecordingError, match=str(file)):
        repair(file)
    sweep = repair_folder(tmp_path, NOW - AGES, datetime.now(UTC))
    assert [spoilt.path for spoilt in sweep.spoilt] == [file]
    assert [mended.path for mended in sweep.repaired] == [good]
    assert file.read_bytes() == content


def test_only_what_the_dead_writer_wrote_is_touched(tmp_path: Path) -> None:
    """Not what its successor has begun, not what is known to be written, not what lies outside, not yesterday's."""
    died = NOW - timedelta(minutes=1)
    elsewhere = recording(tmp_path / "elsewhere.wav")
    folder = tmp_path / "recordings"
    dead, older, newer, live = (recording(folder / "d" / name / "customer.wav") for name in "ABCD")
    for file, at in ((dead, died), (older, died - AGES), (newer, died + timedelta(seconds=1)), (live, died)):
        os.utime(file, (at.timestamp(), at.timestamp()))
    (folder / "link.wav").symlink_to(elsewhere)
    sweep = repair_folder(folder, died - AGES / 2, died, live=[live])
    assert [mended.path for mended in sweep.repaired] == [dead]
    assert [frames(file) for file in (dead, older, newer, live, elsewhere)] == [8000, 0, 0, 0, 0]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    sweep = repair_folder(tmp_path / "none", NOW - AGES, NOW)
    assert (sweep.repaired, sweep.spoilt) == ((), ())
