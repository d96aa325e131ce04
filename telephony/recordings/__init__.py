"""Leg recordings on disk: what a file really holds, and the repair of one whose writer died."""

from telephony.recordings.errors import NoRecordingError, RecordingError
from telephony.recordings.header import Header, read_header
from telephony.recordings.repair import Repaired, Spoilt, Sweep, repair, repair_folder

__all__ = [
    "Header",
    "NoRecordingError",
    "RecordingError",
    "Repaired",
    "Spoilt",
    "Sweep",
    "read_header",
    "repair",
    "repair_folder",
]
