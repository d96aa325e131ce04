"""What can be wrong with a recording's file."""

from pathlib import Path
from typing import ClassVar


class RecordingError(Exception):
    """A recording cannot be used; the text names the file and what is wrong with it."""

    error_id: ClassVar[str] = "recording"


class NoRecordingError(RecordingError):
    """The file is no 16-bit mono WAV at 8 kHz, or cannot be read."""

    error_id = "no_recording"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
