"""Write a session's report: `report.html` (one file that works offline), `scorecards.csv`, `session.json`."""

import os
from dataclasses import dataclass
from pathlib import Path

from lab_server.i18n import translator
from lab_server.report.model import SessionReport
from lab_server.report.page import render
from lab_server.report.sheet import scorecards_csv
from lab_server.report.sounds import EMBEDDED_BYTES, FOLDER, write_sounds
from lab_server.report.totals import completed

PAGE, SHEET, DATA = "report.html", "scorecards.csv", "session.json"


@dataclass(frozen=True)
class ReportPaths:
    """The files of a report. `audio`: the folder of the recordings, None if the page holds them itself."""

    html: Path
    csv: Path
    json: Path
    audio: Path | None


def write_report(session: SessionReport, folder: Path, embedded_bytes: int = EMBEDDED_BYTES) -> ReportPaths:
    """Write (over) the report of a session into `folder`; the paths in `session` are relative to it.

    The page has a section for the overview and one for each student, shown one at a time by the address's fragment.
    More than `embedded_bytes` of sound go into files beside it. Each file is put in place whole. Raises OSError if the
    folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = completed(session)
    words = translator(report.session.language)
    sounds = write_sounds(report.calls, folder, embedded_bytes)
    _put(folder / PAGE, render(report, sounds, words))
    _put(folder / SHEET, scorecards_csv(report, words))
    _put(folder / DATA, report.model_dump_json(indent=1))
    audio = None if sounds.embedded else folder / FOLDER
    return ReportPaths(html=folder / PAGE, csv=folder / SHEET, json=folder / DATA, audio=audio)


def _put(file: Path, text: str) -> None:
    beside = file.with_name(file.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)
