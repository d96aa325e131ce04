"""What anybody may know of the sessions: their states, counts and reports.

Nothing of a case is in it, and no seed: from a seed every case could be drawn again.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func
from sqlmodel import Session, col, select

from lab_server.ids import is_id
from lab_server.store.tables import Contact, LabSession, Scorecard

REPORT = "report.html"
_NEWEST = 100


class SessionView(BaseModel):
    """One session as anybody may see it. `report` is the address of its report, None before it is written."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    status: str
    language: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    calls_planned: int
    contacts: int
    graded: int
    mean_score: float | None
    report: str | None


def sessions(session: Session, reports: Path) -> list[SessionView]:
    """The newest hundred, the newest first."""
    contacts = _counts(session)
    scores = _scores(session)
    rows = session.exec(select(LabSession).order_by(col(LabSession.created_at).desc()).limit(_NEWEST))
    return [_view(row, contacts.get(row.id, 0), scores.get(row.id, (0, None)), reports) for row in rows]


def _view(row: LabSession, contacts: int, scores: tuple[int, float | None], reports: Path) -> SessionView:
    planned = row.plan.get("calls", 0)
    written = is_id(row.id) and (reports / row.id / REPORT).is_file()
    return SessionView(
        id=row.id,
        name=row.name or row.id,
        status=row.status,
        language=row.language,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        calls_planned=planned if isinstance(planned, int) else 0,
        contacts=contacts,
        graded=scores[0],
        mean_score=scores[1],
        report=f"/reports/{row.id}/{REPORT}" if written else None,
    )


def _counts(session: Session) -> dict[str, int]:
    counts = select(Contact.session_id, func.count()).group_by(col(Contact.session_id))
    return {session_id: count for session_id, count in session.exec(counts) if session_id is not None}


def _scores(session: Session) -> dict[str, tuple[int, float | None]]:
    means = select(Scorecard.session_id, func.count(), func.avg(Scorecard.score)).group_by(col(Scorecard.session_id))
    return {
        session_id: (count, None if mean is None else round(float(mean), 1))
        for session_id, count, mean in session.exec(means)
        if session_id is not None
    }
