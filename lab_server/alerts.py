"""Alerts: what an operator has to see to. Raised once, told to whoever watches the floor, open until it is over."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from sqlmodel import Session, col, select

from lab_server.config import Settings
from lab_server.desk.sites import site_id
from lab_server.store.journal import make, record
from lab_server.store.tables import Alert
from lab_server.store.writer import Writer
from telephony.bus import Message
from telephony.clock import Clock

log = logging.getLogger(__name__)

Args = Mapping[str, str | int | float]

FLOOR_TOPIC = "floor"


class AlertChanged(Message):
    """To topic `floor`: an alert was raised, or cleared (`cleared_at`). `kind` names the text, `args` fill it."""

    alert: str
    subject: str
    args: dict[str, str | int | float]
    raised_at: datetime | None
    cleared_at: datetime | None


class Alerts(Protocol):
    """`kind` and `subject` together name an alert. Neither method may block or fail; repeating is harmless."""

    def raise_alert(self, kind: str, subject: str, args: Args) -> None: ...

    def clear(self, kind: str, subject: str, args: Args) -> None: ...


class StoreAlerts:
    """Into the log, the table `alert`, the journal (`alert.raised`, `alert.cleared`), and to `tell`.

    An alert that an earlier process raised and could not clear is still the same alert: clearing it closes its row.
    """

    def __init__(
        self, writer: Writer, clock: Clock, settings: Settings, source: str, tell: Callable[[Message], object]
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._settings = settings
        self._source = source
        self._tell = tell
        self._raised: set[tuple[str, str]] = set()

    def raise_alert(self, kind: str, subject: str, args: Args) -> None:
        now, filled = self._clock.utc(), dict(args)
        self._raised.add((kind, subject))
        log.error("alert %s: %s %s", kind, subject, filled)
        self._tell(AlertChanged(alert=kind, subject=subject, args=filled, raised_at=now, cleared_at=None))

        def work(session: Session) -> None:
            site = site_id(session, self._settings)
            if site is None or _open(session, site, kind, subject):
                return
            session.add(Alert(site_id=site, kind=kind, subject=subject, args=filled, raised_at=now))
            self._note(session, site, "alert.raised", kind, subject, filled, now)

        self._writer.post(work)

    def clear(self, kind: str, subject: str, args: Args) -> None:
        now, filled = self._clock.utc(), dict(args)
        if (kind, subject) in self._raised:
            self._raised.discard((kind, subject))
            log.warning("alert %s is over: %s %s", kind, subject, filled)
            self._tell(AlertChanged(alert=kind, subject=subject, args=filled, raised_at=None, cleared_at=now))

        def work(session: Session) -> None:
            site = site_id(session, self._settings)
            for alert in _open(session, site or "", kind, subject):
                alert.cleared_at = now
                session.add(alert)
                self._note(session, alert.site_id, "alert.cleared", kind, subject, filled, now)

        self._writer.post(work)

    def _note(
        self, session: Session, site: str, entry: str, kind: str, subject: str, args: Args, now: datetime
    ) -> None:
        data = {"alert": kind, "subject": subject, **args}
        record(session, [make(entry, source=self._source, clock=self._clock, data=data, at=now, site_id=site)])


def open_alerts(session: Session, site: str) -> list[Alert]:
    """What is still to be seen to, oldest first."""
    rows = select(Alert).where(Alert.site_id == site, col(Alert.cleared_at).is_(None))
    return list(session.exec(rows.order_by(col(Alert.raised_at))))


def _open(session: Session, site: str, kind: str, subject: str) -> list[Alert]:
    return [alert for alert in open_alerts(session, site) if (alert.kind, alert.subject) == (kind, subject)]
