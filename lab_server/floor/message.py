"""A message's file: where the switch records it, how long it is, and whether anybody speaks on it.

Its name tells contact, number and mailbox, so that a message nobody could write down is still found (see `unkept`).
All but `Message` waits for the disk: call it in a thread.
"""

import contextlib
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from lab_server.routing.plan import Mailbox
from telephony.recordings.errors import NoRecordingError
from telephony.recordings.repair import repair

log = logging.getLogger(__name__)

FOLDER = "messages"
"""Below the recordings folder; the switch's own folder for recordings is a link to it."""
_NAME = re.compile(r"(?P<contact>[0-9A-HJKMNP-TV-Z]{26})-(?P<number>[0-9]{1,3})-(?P<mailbox>[\w-]{1,40})")
_FRAME_S = 0.02
_SPEECH = 0.008  # of full scale, RMS: -42 dBFS
_LEAST_SPEECH_S = 0.2


@dataclass(frozen=True)
class Message:
    """The `number`th recording of a contact in a mailbox."""

    contact: str
    number: int
    mailbox: str

    @property
    def name(self) -> str:
        """What the switch calls the recording."""
        return f"{self.contact}-{self.number}-{self.mailbox}"

    @property
    def path(self) -> str:
        """Relative to the recordings folder."""
        return f"{FOLDER}/{self.name}.wav"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """From `name`; None if it is no message's."""
        found = _NAME.fullmatch(name)
        return cls(found["contact"], int(found["number"]), found["mailbox"]) if found else None


class Verdict(StrEnum):
    """What a recording is worth."""

    GOOD = "good"
    SHORT = "too_short"
    SILENT = "nothing_heard"
    MISSING = "missing"


@dataclass(frozen=True)
class Judged:
    """`length_s`: of the file; `spoken_s`: so much of it is louder than a quiet line."""

    verdict: Verdict
    length_s: float = 0.0
    spoken_s: float = 0.0


def judge(file: Path, box: Mailbox) -> Judged:
    """Look at a finished recording; one that the switch died over is mended first."""
    try:
        repair(file)
        sound, rate_hz = soundfile.read(file, dtype="float32")
    except FileNotFoundError:
        return Judged(Verdict.MISSING)
    except (OSError, RuntimeError, NoRecordingError) as broken:
        if file.exists():
            log.error("message %s can't be read: %s", file, broken)
        return Judged(Verdict.MISSING)
    step = max(1, round(rate_hz * _FRAME_S))
    frames = np.asarray(sound[: len(sound) // step * step]).reshape(-1, step)
    spoken_s = float((np.sqrt((frames**2).mean(axis=1)) > _SPEECH).sum() * _FRAME_S) if len(frames) else 0.0
    length_s = len(sound) / rate_hz
    if spoken_s < _LEAST_SPEECH_S:
        return Judged(Verdict.SILENT, length_s, spoken_s)
    return Judged(Verdict.SHORT if length_s < box.shortest_s else Verdict.GOOD, length_s, spoken_s)


def discard(file: Path) -> None:
    """The caller does not want it kept, or there is nothing on it."""
    with contextlib.suppress(FileNotFoundError):
        file.unlink()


def there(recordings: Path, since: float) -> Iterator[Message]:
    """Every message's file that was written to after `since` (epoch seconds)."""
    try:
        entries = list(os.scandir(recordings / FOLDER))
    except FileNotFoundError:
        return
    for entry in sorted(entries, key=lambda one: one.name):
        message = Message.parse(entry.name.removesuffix(".wav")) if entry.name.endswith(".wav") else None
        with contextlib.suppress(FileNotFoundError):
            if message is not None and entry.is_file(follow_symlinks=False) and entry.stat().st_mtime >= since:
                yield message
