"""A recording's header against its file's size. The switch fills in the lengths only when it closes a file."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from telephony.recordings.errors import NoRecordingError

RATE = 8000
"""Samples a second, as the switch records."""

BYTES_A_SECOND = 2 * RATE
HEADER_LIMIT = 4096  # chunks before the samples are a few dozen bytes; what is longer is no recording of ours
LONGEST = 0xFFFF_FFFF


@dataclass(frozen=True)
class Header:
    """Sizes in bytes. `begin`: where the samples begin; `declared`: their size as the header has it."""

    begin: int
    declared: int
    file_size: int

    @property
    def there(self) -> int:
        """Whole samples behind the header, to the file's end."""
        return max(0, self.file_size - self.begin) // 2 * 2

    @property
    def sound(self) -> bool:
        """Whether the header tells the truth: what it declares is there, and nothing is behind a header that says 0."""
        return self.declared <= self.there and (self.declared > 0 or self.there == 0)

    @property
    def samples_size(self) -> int:
        """The samples' size in truth. Behind samples that were declared other chunks may follow."""
        return self.declared // 2 * 2 if self.sound else self.there

    @property
    def length_s(self) -> float:
        return self.samples_size / BYTES_A_SECOND


def read_header(path: Path, file: BinaryIO) -> Header:
    """The header of a 16-bit mono WAV at 8 kHz, from `file`'s beginning; `path` is for the error's text.

    Raises `NoRecordingError`.
    """
    file.seek(0)
    start = file.read(HEADER_LIMIT)
    if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
        raise NoRecordingError(path, "is no WAV file")
    at, known = 12, False
    while at + 8 <= len(start):
        name, size = struct.unpack_from("<4sI", start, at)
        if name == b"fmt " and at + 24 <= len(start):
            _check_format(path, start, at + 8)
            known = True
        elif name == b"data" and known:
            return Header(at + 8, size, file.seek(0, 2))
        at += 8 + size + size % 2
    raise NoRecordingError(path, "has no samples")


def _check_format(path: Path, start: bytes, at: int) -> None:
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", start, at)
    if (coding, channels, rate, bits) != (1, 1, RATE, 16):
        found = f"{bits}-bit × {channels} at {rate} Hz"
        raise NoRecordingError(path, f"expected 16-bit mono at {RATE} Hz, found {found}")
