"""Mending the headers of recordings whose writer died (FACTS: the sound is there, the header says 0)."""

import os
import stat
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from telephony.recordings.errors import NoRecordingError
from telephony.recordings.header import BYTES_A_SECOND, LONGEST, read_header


@dataclass(frozen=True)
class Repaired:
    """A file whose header now says what is there. `declared_s`: what it said before; `length_s`: what it says now."""

    path: Path
    declared_s: float
    length_s: float


@dataclass(frozen=True)
class Spoilt:
    """A file that can't be mended, as it was; `reason` without the path."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Sweep:
    """What `repair_folder` did, by path."""

    repaired: tuple[Repaired, ...]
    spoilt: tuple[Spoilt, ...]


def repair(path: Path) -> Repaired | None:
    """Make the header say how long the file is; None if it did. A second time there is nothing to do.

    Only the header's few bytes are written, in one call and in place: a reader, or a death in the middle, finds the old
    header or the new one, and a full disk does not hinder. Raises `NoRecordingError`; the file is untouched then.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            header = read_header(path, file)
            if header.sound:
                return None
            size = header.there
            file.seek(0)
            start = bytearray(file.read(header.begin))
            struct.pack_into("<I", start, 4, min(LONGEST, header.begin - 8 + size))
            struct.pack_into("<I", start, header.begin - 4, min(LONGEST, size))
            os.pwrite(file.fileno(), start, 0)
            os.fsync(file.fileno())
    except OSError as error:
        raise NoRecordingError(path, f"cannot be mended ({error.strerror})") from error
    return Repaired(path, header.declared / BYTES_A_SECOND, size / BYTES_A_SECOND)


def repair_folder(folder: Path, since: datetime, before: datetime, live: Collection[Path] = ()) -> Sweep:
    """Mend every `*.wav` below `folder` that was written to last from `since` on, and not after `before` (UTC).

    `before`: when its writer had died. What a later writer has begun was written after that and is left alone; so are
    the files in `live`, which are known to be written still. Blocks; a folder that does not exist is empty.
    """
    repaired, spoilt = [], []
    spared = {path.absolute() for path in live}
    for path in _written(folder, since.astimezone(UTC).timestamp(), before.astimezone(UTC).timestamp()):
        if path.absolute() in spared:
            continue
        try:
            mended = repair(path)
        except NoRecordingError as error:
            spoilt.append(Spoilt(path, error.reason))
            continue
        if mended is not None:
            repaired.append(mended)
    return Sweep(tuple(repaired), tuple(spoilt))


def _written(folder: Path, since_s: float, before_s: float) -> Iterator[Path]:
    """By path. Links are not followed: what they lead to may be anybody's."""
    for path in sorted(folder.rglob("*.wav")):
        try:
            state = path.lstat()
        except OSError:
            continue  # removed meanwhile
        if stat.S_ISREG(state.st_mode) and since_s <= state.st_mtime <= before_s:
            yield path
