"""What is written down of recordings that are short or were mended, and of alerts."""

import asyncio
import struct
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab_rows import Lab
from sqlalchemy import Engine
from sqlmodel import Session, select

from lab_server.alerts import AlertChanged, StoreAlerts, open_alerts
from lab_server.config import Settings, load
from lab_server.recordings import EndedLeg, check_leg, mend, missing_s
from lab_server.store.engine import reading
from lab_server.store.journal import Journal
from lab_server.store.tables import Alert, JournalEntry, Leg, Recording
from lab_server.store.writer import Writer
from telephony.bus import Message
from telephony.clock import SystemClock

CLOCK = SystemClock()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine)
    yield writer
    writer.close(timeout_s=5)


@pytest.fixture
def settings(lab: Lab, tmp_path: Path) -> Settings:
    return load(var=tmp_path / "v", site_name=lab.site.name)


def wav(path: Path, length_s: float, *, closed: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(round(16000 * length_s)))
    if not closed:
        with path.open("r+b") as raw:
            for at in (4, 40):
                raw.seek(at)
                raw.write(struct.pack("<I", 0))


def entries(engine: Engine, kind: str) -> list[JournalEntry]:
    with reading(engine) as session:
        return list(session.exec(select(JournalEntry).where(JournalEntry.kind == kind)))


def recordings(engine: Engine) -> list[Recording]:
    with reading(engine) as session:
        return list(session.exec(select(Recording)))


@pytest.mark.parametrize(
    ("up_s", "length_s", "missing"),
    [(60.0, 60.2, 0.0), (60.0, 59.4, 0.0), (60.0, 58.5, 0.0), (60.0, 58.0, 2.0), (60.0, 0.0, 60.0), (0.2, 0.0, 0.0)],
)
def test_a_recording_is_short_when_clearly_less_is_there_than_was_said(
    up_s: float, length_s: float, missing: float
) -> None:
    assert missing_s(up_s, length_s) == missing


def ended(lab: Lab, engine: Engine, contact: str) -> EndedLeg:
    with reading(engine) as session:
        leg = session.exec(select(Leg).where(Leg.contact_id == contact, Leg.name == "customer")).one()
    assert leg.answered_at is not None
    name = f"2026-11-20/{contact}/customer.wav"
    return EndedLeg(contact, leg.name, name, leg.answered_at, leg.answered_at + timedelta(seconds=20), lab.session_id)


@pytest.mark.parametrize(("length_s", "short_s"), [(19.6, 0.0), (12.5, 7.5)])
async def test_a_legs_recording_is_compared_with_the_leg(
    lab: Lab, engine: Engine, writer: Writer, tmp_path: Path, length_s: float, short_s: float
) -> None:
    journal = Journal(writer, source="test", clock=CLOCK, site_id=lab.site.id)
    leg = ended(lab, engine, lab.serve("order"))
    wav(tmp_path / leg.recording, length_s)
    for _ in range(2):
        assert await check_leg(leg, tmp_path, journal, writer, CLOCK) == short_s
        await journal.flush()
    (row,) = recordings(engine)
    assert (row.contact_id, row.path, row.duration_s, row.expected_s) == (leg.contact, leg.recording, length_s, 20.0)
    assert row.short is bool(short_s)
    found = entries(engine, "recording.short")
    assert [entry.data["missing_s"] for entry in found] == ([7.5] if short_s else [])
    assert all((one.contact_id, one.session_id) == (leg.contact, lab.session_id) for one in found)


async def test_a_recording_is_measured_when_the_switch_has_closed_it(
    lab: Lab, engine: Engine, writer: Writer, tmp_path: Path
) -> None:
    journal = Journal(writer, source="test", clock=CLOCK)
    leg = ended(lab, engine, lab.serve("order"))
    wav(tmp_path / leg.recording, 10.0, closed=False)
    checking = asyncio.create_task(check_leg(leg, tmp_path, journal, writer, CLOCK))
    await asyncio.sleep(0)
    wav(tmp_path / leg.recording, 20.0)
    assert await checking == 0.0


async def test_a_recording_that_is_not_there_is_missing_whole(
    lab: Lab, engine: Engine, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab_server.recordings.CLOSING_S", 0.0)
    journal = Journal(writer, source="test", clock=CLOCK)
    leg = ended(lab, engine, lab.serve("order"))
    assert await check_leg(leg, tmp_path, journal, writer, CLOCK) == 20.0


async def test_what_was_mended_stands_in_the_journal_once(
    lab: Lab, engine: Engine, writer: Writer, settings: Settings
) -> None:
    contact = lab.serve("order")
    wav(settings.recordings / "2026-11-20" / contact / "customer.wav", 3.0, closed=False)
    (settings.recordings / "2026-11-20" / contact / "agent-1.wav").write_bytes(b"")
    for _ in range(2):
        await mend(settings, datetime.now(UTC), writer, CLOCK, "supervisor")
        await writer.flush()
    (mended,) = entries(engine, "recording.repaired")
    assert (mended.contact_id, mended.session_id, mended.site_id) == (contact, lab.session_id, lab.site.id)
    assert mended.data == {
        "leg": "customer", "recording": f"2026-11-20/{contact}/customer.wav", "length_s": 3.0, "declared_s": 0.0,
    }  # fmt: skip
    (spoilt,) = entries(engine, "recording.spoilt")
    assert (spoilt.contact_id, spoilt.data["leg"]) == (contact, "agent-1")


async def test_an_alert_is_one_row_until_it_is_over(engine: Engine, writer: Writer, settings: Settings) -> None:
    told: list[Message] = []

    def alerts() -> StoreAlerts:
        return StoreAlerts(writer, CLOCK, settings, "supervisor", told.append)

    first, successor = alerts(), alerts()
    first.raise_alert("disk_full", "/r", {"free_mb": 12.5})
    first.raise_alert("disk_full", "/other", {"free_mb": 1.0})
    successor.raise_alert("disk_full", "/r", {"free_mb": 11.0})
    successor.clear("disk_low", "/r", {"free_mb": 11.0})  # there is none
    await writer.flush()
    with Session(engine) as session:
        site = session.exec(select(Alert.site_id)).first() or ""
        opened = [(row.subject, row.args) for row in open_alerts(session, site)]
    assert opened == [("/r", {"free_mb": 12.5}), ("/other", {"free_mb": 1.0})]
    successor.clear("disk_full", "/r", {"free_mb": 900.0})
    await writer.flush()
    with Session(engine) as session:
        rows = {row.subject: row for row in session.exec(select(Alert)).all()}
    assert rows["/r"].cleared_at is not None and rows["/other"].cleared_at is None
    assert [len(entries(engine, kind)) for kind in ("alert.raised", "alert.cleared")] == [2, 1]
    changes = [(one.subject, one.cleared_at is None) for one in told if isinstance(one, AlertChanged)]
    assert changes == [("/r", True), ("/other", True), ("/r", True), ("/r", False)]
