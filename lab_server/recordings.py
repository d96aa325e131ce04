"""Whether each leg's recording is whole: compared when the leg ends, mended when the switch has died."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from lab_server.config import Settings
from lab_server.desk.sites import site_id
from lab_server.ids import is_id
from lab_server.store.journal import Journal, make, record
from lab_server.store.tables import Contact, Recording
from lab_server.store.tables import Leg as LegRow
from lab_server.store.writer import Writer
from telephony.clock import Clock
from telephony.recordings import NoRecordingError, Repaired, read_header, repair_folder

log = logging.getLogger(__name__)

SHORT_S = 1.5  # a recorder that begins and ends in order is within half a second of its leg
CLOSING_S = 5.0  # the switch closes a file some milliseconds after its leg, unless it is very busy
LOOK_S = 0.1
LONG_AGO = timedelta(days=14)  # what was left unmended before that will not be asked for


@dataclass(frozen=True)
class EndedLeg:
    """`name` as in the table `leg`; `recording`: its file, relative to the recordings folder."""

    contact: str
    name: str
    recording: str
    answered_at: datetime
    ended_at: datetime
    session_id: str | None = None

    @property
    def up_s(self) -> float:
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())


def missing_s(up_s: float, length_s: float) -> float:
    """How much of a leg is not in its recording; 0 if no more than always is."""
    return round(up_s - length_s, 1) if up_s - length_s > SHORT_S else 0.0


async def check_leg(leg: EndedLeg, folder: Path, journal: Journal, writer: Writer, clock: Clock) -> float:
    """Compare an ended leg with its file below `folder`; the seconds that are missing.

    Writes the row of the recording, and `recording.short` into the journal if some are missing. Waits (up to 5 s) until
    the switch has closed the file; whoever must not wait makes a task of it. Repeating it is harmless.
    """
    length_s = await _length_s(folder / leg.recording, clock)
    short_s = missing_s(leg.up_s, length_s)
    now = clock.utc()
    writer.post(lambda session: _store(session, leg, length_s, short_s > 0, now))
    if short_s:
        log.error("contact %s: %.1f s are missing in the recording %s", leg.contact, short_s, leg.recording)
        data = {
            "leg": leg.name, "recording": leg.recording, "missing_s": short_s, "length_s": round(length_s, 1),
            "expected_s": round(leg.up_s, 1),
        }  # fmt: skip
        key = f"recording.short/{leg.contact}/{leg.name}"
        journal.append(leg.contact, "recording.short", data, session_id=leg.session_id, key=key)
    return short_s


async def _length_s(path: Path, clock: Clock) -> float:
    """The recording's length once its file has been closed, or as far as it is on disk; 0 if there is none."""
    give_up_s = clock.monotonic() + CLOSING_S
    while True:
        length_s, closed = await asyncio.to_thread(_length_now_s, path)
        if closed or clock.monotonic() >= give_up_s:
            return length_s
        await asyncio.sleep(LOOK_S)


def _length_now_s(path: Path) -> tuple[float, bool]:
    """With whether its writer has finished it. An empty file's header says 0 before and after."""
    try:
        with path.open("rb") as file:
            header = read_header(path, file)
    except (OSError, NoRecordingError):
        return 0.0, False
    return header.length_s, header.sound and header.declared > 0


def _store(session: Session, leg: EndedLeg, length_s: float, short: bool, now: datetime) -> None:
    row = session.exec(
        select(LegRow).where(col(LegRow.contact_id) == leg.contact, col(LegRow.name) == leg.name)
    ).first()
    if row is None:
        return
    found = session.exec(select(Recording).where(col(Recording.leg_id) == row.id)).first() or Recording(
        site_id=row.site_id, contact_id=leg.contact, leg_id=row.id, path=leg.recording, created_at=now
    )
    found.duration_s, found.expected_s, found.short = length_s, leg.up_s, short
    found.offset_s = row.offset_s
    session.add(found)


async def mend(settings: Settings, died_at: datetime, writer: Writer, clock: Clock, source: str) -> int:
    """Repair what a switch that was dead at `died_at` left half written; how many files were.

    Each is `recording.repaired` in the journal, once; what cannot be mended is `recording.spoilt`. Files that a new
    switch has begun meanwhile are left alone.
    """
    folder = settings.recordings
    sweep = await asyncio.to_thread(repair_folder, folder, died_at - LONG_AGO, died_at)
    notes = [_Note("recording.repaired", mended.path, _lengths(mended)) for mended in sweep.repaired]
    notes += [_Note("recording.spoilt", spoilt.path, {"why": spoilt.reason}) for spoilt in sweep.spoilt]
    for note in notes:
        log.warning("%s: %s %s", note.kind, note.path, note.data)
    now = clock.utc()

    def work(session: Session) -> None:
        site = site_id(session, settings) or ""
        for note in notes:
            _write_down(session, note, folder, clock, now, source=source, site=site)

    if notes:
        writer.post(work)
    return len(sweep.repaired)


@dataclass(frozen=True)
class _Note:
    kind: str
    path: Path
    data: dict[str, object]


def _lengths(mended: Repaired) -> dict[str, object]:
    return {"length_s": round(mended.length_s, 1), "declared_s": round(mended.declared_s, 1)}


def _write_down(
    session: Session, note: _Note, folder: Path, clock: Clock, now: datetime, *, source: str, site: str
) -> None:
    relative = str(note.path.relative_to(folder))
    contact = note.path.parent.name if is_id(note.path.parent.name) else None
    known = session.get(Contact, contact) if contact is not None else None
    entry = make(
        note.kind,
        source=source,
        clock=clock,
        contact=contact,
        data={"leg": note.path.stem, "recording": relative, **note.data},
        at=now,
        site_id=site,
        session_id=known.session_id if known is not None else None,
        key=f"{note.kind}/{relative}"[:120],
    )
    record(session, [entry])
    row = session.exec(select(Recording).where(col(Recording.path) == relative)).first()
    if row is not None and note.kind == "recording.repaired":
        row.repaired, row.duration_s = True, float(str(note.data["length_s"]))
        session.add(row)
