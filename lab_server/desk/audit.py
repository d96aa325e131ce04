"""The audit trail: written in the transaction of what it tells of, read by who may."""

from typing import Any

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.store.redaction import clean, clean_text
from lab_server.store.tables import AuditEntry, User
from telephony.clock import Clock

PAGE = 100


def record(
    session: Session,
    clock: Clock,
    site_id: str,
    action: str,
    *,
    actor: User | None = None,
    login: str = "",
    subject: User | None = None,
    named: str = "",
    source: str = "",
    **data: Any,
) -> None:
    """Write down that `actor` (or nobody yet: whoever typed `login`) did `action` to `subject`, or to what is `named`.

    Passwords, PINs and keys have no place in `data`; what is called like one is made unreadable all the same.
    """
    about = f"{subject.name} ({subject.login})" if subject is not None else named
    session.add(
        AuditEntry(
            site_id=site_id,
            at=clock.utc(),
            user_id=actor.id if actor is not None else None,
            login=clean_text(actor.login if actor is not None else login)[:40],
            action=action,
            subject_id=subject.id if subject is not None else None,
            subject=clean_text(about)[:120],
            source=source[:45],
            data=clean(data),
        )
    )


def note(desk: Desk, action: str, subject: User | None = None, *, named: str = "", **data: Any) -> None:
    """`record` for who is at work."""
    record(
        desk.session, desk.clock, desk.actor.site_id, action,
        actor=desk.actor, subject=subject, named=named, source=desk.source, **data,
    )  # fmt: skip


def trail(desk: Desk, *, action: str = "", user_id: str = "", before: str = "") -> list[AuditEntry]:
    """The newest hundred, the newest first; `before`: those older than this entry's id. `user_id`: by or about whom."""
    desk.check(Right.AUDIT_READ)
    asked = select(AuditEntry).where(AuditEntry.site_id == desk.actor.site_id)
    if action:
        asked = asked.where(AuditEntry.action == action)
    if user_id:
        asked = asked.where((col(AuditEntry.user_id) == user_id) | (col(AuditEntry.subject_id) == user_id))
    if before:
        asked = asked.where(col(AuditEntry.id) < before)
    return list(desk.session.exec(asked.order_by(col(AuditEntry.id).desc()).limit(PAGE)))
