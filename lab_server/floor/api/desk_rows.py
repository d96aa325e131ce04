"""Rows as a program reads them: ready for JSON, times in UTC (ISO 8601)."""

from datetime import datetime
from typing import Any

from lab_server.desk.recordings import EarlierRecording
from lab_server.store.tables import Alert, Callback, ListedNumber, SeatSetting, Voicemail


def message_row(row: Voicemail) -> dict[str, Any]:
    return {
        "message": row.id,
        "mailbox": row.mailbox,
        "mode": row.mode,
        "number": row.caller_number,
        "contact": row.contact_id,
        "at": when(row.created_at),
        "length_s": round(row.duration_s, 2),
        "heard_at": when(row.heard_at),
        "deleted_at": when(row.deleted_at),
    }


def callback_row(row: Callback) -> dict[str, Any]:
    return {
        "callback": row.id,
        "mode": row.mode,
        "number": row.dialled,
        "queue": row.queue,
        "priority": row.priority,
        "state": row.state,
        "since": when(row.since),
        "due": when(row.due),
        "next_try_at": when(row.next_try_at),
        "tries": row.tries,
        "last_result": row.last_result,
        "seat": row.seat,
        "contact": row.contact_id,
        "dialled_contact": row.dialled_contact_id,
    }


def seat_row(row: SeatSetting) -> dict[str, Any]:
    return {"seat": row.seat, "on": row.follow_me_on, "numbers": list(row.follow_me), "do_not_disturb": row.dnd}


def listed_row(row: ListedNumber) -> dict[str, Any]:
    return {
        "entry": row.id,
        "mode": row.mode,
        "kind": row.kind,
        "number": row.dialled,
        "is_prefix": row.is_prefix,
        "reason": row.reason,
        "at": when(row.created_at),
        "until": when(row.until),
    }


def alert_row(row: Alert) -> dict[str, Any]:
    return {
        "alert": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "args": dict(row.args),
        "raised_at": when(row.raised_at),
        "cleared_at": when(row.cleared_at),
    }


def recording_row(row: EarlierRecording) -> dict[str, Any]:
    return {
        "recording": row.id,
        "contact": row.contact_id,
        "at": when(row.at),
        "role": row.role,
        "seat": row.seat,
        "length_s": round(row.duration_s, 2),
        "short": row.short,
    }


def when(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
