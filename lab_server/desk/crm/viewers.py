"""Who else has a record open, and in which field: told by a page every few seconds."""

from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, delete, select

from lab_server.desk.desk import Desk
from lab_server.desk.typed import typed
from lab_server.store.tables import RecordViewer, User
from scenarios.facts import Frozen

GONE_AFTER = timedelta(seconds=30)
RecordKind = Literal["customer", "ticket", "order"]


class Viewer(Frozen):
    """A colleague in the same record."""

    user_id: str
    name: str
    field: str
    seen_at: datetime


def look(desk: Desk, kind: RecordKind, record_id: str, field: str = "") -> tuple[Viewer, ...]:
    """The actor has the record open now; returns who else has. Whether he may is asked where the record is read."""
    typed("field", field, 64)
    now = desk.clock.utc()
    rows = select(RecordViewer).where(RecordViewer.kind == kind, RecordViewer.record_id == record_id[:26])
    there = desk.session.exec(rows.where(RecordViewer.user_id == desk.actor.id)).first()
    mine = there or RecordViewer(
        site_id=desk.actor.site_id, kind=kind, record_id=record_id[:26], user_id=desk.actor.id, seen_at=now
    )
    mine.field, mine.seen_at = field, now
    desk.session.add(mine)
    desk.session.flush()
    return others(desk, kind, record_id)


def others(desk: Desk, kind: RecordKind, record_id: str) -> tuple[Viewer, ...]:
    """Who else has the record open; writes nothing."""
    rows = (
        select(RecordViewer, User)
        .join(User, col(RecordViewer.user_id) == col(User.id))
        .where(
            RecordViewer.kind == kind,
            RecordViewer.record_id == record_id[:26],
            RecordViewer.user_id != desk.actor.id,
            RecordViewer.site_id == desk.actor.site_id,
            col(RecordViewer.seen_at) > desk.clock.utc() - GONE_AFTER,
        )
    )
    return tuple(
        Viewer(user_id=user.id, name=user.name, field=row.field, seen_at=row.seen_at)
        for row, user in desk.session.exec(rows)
    )


def leave(desk: Desk, kind: RecordKind, record_id: str) -> None:
    """The actor has closed it."""
    desk.session.exec(
        delete(RecordViewer).where(
            col(RecordViewer.kind) == kind,
            col(RecordViewer.record_id) == record_id,
            col(RecordViewer.user_id) == desk.actor.id,
        )
    )
