"""Alerts: what an operator has to see to, from when to when."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownAlertError
from lab_server.desk.rights import Right, may
from lab_server.store.redaction import clean
from lab_server.store.tables import Alert, User
from telephony.clock import Clock


def raise_alert(
    session: Session, clock: Clock, site_id: str, kind: str, args: Mapping[str, Any] | None = None, subject: str = ""
) -> Alert:
    """It is so from now on. Raised again while it lasts, its `args` are brought up to date."""
    alert = _open(session, site_id, kind, subject) or Alert(
        site_id=site_id, kind=kind[:40], subject=subject[:200], raised_at=clock.utc()
    )
    alert.args = clean(args or {})
    session.add(alert)
    session.flush()
    return alert


def clear_alert(session: Session, clock: Clock, site_id: str, kind: str, subject: str = "") -> bool:
    """It is over. Returns whether it was there."""
    alert = _open(session, site_id, kind, subject)
    if alert is not None:
        alert.cleared_at = clock.utc()
        session.add(alert)
        session.flush()
    return alert is not None


def open_alerts(desk: Desk) -> list[Alert]:
    """What lasts still, the newest first."""
    desk.check(Right.ALERTS_READ)
    rows = select(Alert).where(Alert.site_id == desk.actor.site_id, col(Alert.cleared_at).is_(None))
    return list(desk.session.exec(rows.order_by(col(Alert.raised_at).desc(), col(Alert.id).desc())))


def waiting_for(session: Session, user: User) -> int:
    """How many last still that the user may see."""
    if not may(user.role, Right.ALERTS_READ):
        return 0
    rows = select(func.count()).where(Alert.site_id == user.site_id, col(Alert.cleared_at).is_(None))
    return session.exec(rows).one()


def dismiss(desk: Desk, alert_id: str) -> None:
    """The operator has seen to it; one that is over stays so. Raises `UnknownAlertError`."""
    desk.check(Right.ALERTS_CLEAR)
    alert = desk.session.get(Alert, alert_id)
    if alert is None or alert.site_id != desk.actor.site_id:
        raise UnknownAlertError(f"there is no alert {alert_id}: list them again")
    if alert.cleared_at is None:
        alert.cleared_at = desk.clock.utc()
        desk.session.add(alert)
        desk.session.flush()
        desk.note(None, "alert.dismissed", {"alert": alert.kind, "subject": alert.subject})


def _open(session: Session, site_id: str, kind: str, subject: str) -> Alert | None:
    rows = select(Alert).where(
        Alert.site_id == site_id,
        Alert.kind == kind[:40],
        Alert.subject == subject[:200],
        col(Alert.cleared_at).is_(None),
    )
    return session.exec(rows).first()
