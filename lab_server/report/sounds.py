"""Where the calls' sound goes: into the report itself while that stays small, beside it otherwise."""

import base64
import logging
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from lab_server.report.audio import AudioError, call_audio
from lab_server.report.model import CallPart

log = logging.getLogger(__name__)

EMBEDDED_BYTES = 64 * 2**20
"""More sound than this (as base64) makes a page too heavy to open: it then stays beside it."""
FOLDER = "audio"


class Sounds:
    """The sound of each call by its id: `sources` are what an `<audio>` element plays."""

    def __init__(self, sources: dict[str, str], *, embedded: bool) -> None:
        self.sources = sources
        self.embedded = embedded


def write_sounds(calls: Sequence[CallPart], folder: Path, limit: int) -> Sounds:
    """Make one FLAC a call under `folder`/audio; paths of the calls are relative to `folder`.

    If all of them fit into `limit` bytes as data URIs, they are given as such and the files go. A recording that cannot
    be used is logged, and its call has no sound.
    """
    audio = folder / FOLDER
    if audio.exists():
        shutil.rmtree(audio)
    audio.mkdir(parents=True)
    files = {}
    for number, call in enumerate(calls, start=1):
        file = audio / f"{call.id if re.fullmatch(r'[A-Za-z0-9_-]{1,64}', call.id) else f'call-{number}'}.flac"
        if _write(call, folder, file):
            files[call.id] = file
    embedded = sum(file.stat().st_size for file in files.values()) * 4 / 3 < limit
    if not embedded:
        return Sounds({call: f"{FOLDER}/{file.name}" for call, file in files.items()}, embedded=False)
    sources = {call: _data_uri(file) for call, file in files.items()}
    shutil.rmtree(audio)
    return Sounds(sources, embedded=True)


def _write(call: CallPart, folder: Path, file: Path) -> bool:
    agents = [(leg.offset_s, folder / leg.recording) for leg in call.legs if leg.role == "agent" and leg.recording]
    if not agents and call.recording.agent:
        agents = [(0.0, folder / call.recording.agent)]
    caller = folder / call.recording.caller if call.recording.caller else None
    try:
        sound = call_audio(caller, agents)
    except AudioError as error:
        log.warning("call %s has no sound in the report: %s", call.id, error)
        return False
    if sound is None:
        return False
    file.write_bytes(sound)
    return True


def _data_uri(file: Path) -> str:
    return "data:audio/flac;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
