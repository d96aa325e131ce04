"""What anybody may know of the sessions: their states, counts and reports.

Nothing of a case is in it, and no seed: from a seed every case could be drawn again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from lab_server.ids import is_id
from lab_server.store.tables import Contact, LabSession, Scorecard
from telephony.clock import Clock

REPORT = "report.html"
_NEWEST = 100
_SETTLED_AFTER = timedelta(hours=1)
"""So long after the end everything of a session is written up and graded."""


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


@dataclass(frozen=True)
class Figures:
    """How many contacts a session had, how many are graded, and their mean score."""

    contacts: int = 0
    graded: int = 0
    mean_score: float | None = None


@dataclass
class Settled:
    """The figures of sessions that were over long ago: counted once in a process, for they change no more."""

    clock: Clock
    _known: dict[str, Figures] = field(default_factory=dict)

    def figures(self, session: Session, rows: Sequence[LabSession]) -> dict[str, Figures]:
        """Each session's."""
        before = self.clock.utc() - _SETTLED_AFTER
        found = {row.id: self._known[row.id] for row in rows if row.id in self._known}
        found |= _counted(session, [row.id for row in rows if row.id not in found])
        self._known |= {row.id: found[row.id] for row in rows if row.ended_at is not None and row.ended_at < before}
        return found


def sessions(
    session: Session, reports: Path, asked: SelectOfScalar[LabSession] | None = None, settled: Settled | None = None
) -> list[SessionView]:
    """The newest hundred of those `asked` for, the newest first; `settled` saves counting old ones again."""
    wanted = asked if asked is not None else select(LabSession)
    rows = session.exec(wanted.order_by(col(LabSession.created_at).desc()).limit(_NEWEST)).all()
    figures = settled.figures(session, rows) if settled is not None else _counted(session, [row.id for row in rows])
    return [_view(row, figures[row.id], reports) for row in rows]


def _view(row: LabSession, figures: Figures, reports: Path) -> SessionView:
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
        contacts=figures.contacts,
        graded=figures.graded,
        mean_score=figures.mean_score,
        report=f"/reports/{row.id}/{REPORT}" if written else None,
    )


def _counted(session: Session, ids: Sequence[str]) -> dict[str, Figures]:
    if not ids:
        return {}
    of = col(Contact.session_id)
    contacts = dict(session.exec(select(of, func.count()).where(of.in_(ids)).group_by(of)).all())
    of = col(Scorecard.session_id)
    means = select(of, func.count(), func.avg(Scorecard.score)).where(of.in_(ids)).group_by(of)
    scores = {one: (count, None if mean is None else round(float(mean), 1)) for one, count, mean in session.exec(means)}
    return {one: Figures(contacts.get(one, 0), *scores.get(one, (0, None))) for one in ids}
