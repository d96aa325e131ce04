"""What waits to be sent: rows, written in the transaction of what they tell of."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.ids import new_id
from lab_server.store import jobs
from lab_server.store.redaction import clean
from lab_server.store.tables import Contact, Job, Webhook, WebhookDelivery
from lab_server.webhooks.events import group_of
from telephony.clock import Clock

JOB = "webhook"
"""The kind of the job that sends one; its key is the delivery's id."""
TRIES = 20
"""With pauses of 1, 2, 4 … 300 s that is about an hour."""
KEPT = timedelta(days=7)


def put(session: Session, clock: Clock, site_id: str, group: str, event: str, key: str, data: Mapping[str, Any]) -> int:
    """Have every receiver told that asked for `group`; returns how many. The same `key` is told each of them once."""
    rows = select(Webhook).where(
        Webhook.site_id == site_id, col(Webhook.deleted_at).is_(None), col(Webhook.set_aside_at).is_(None)
    )
    receivers = [one for one in session.exec(rows) if group in one.events]
    if not receivers:
        return 0
    said = {"type": event, "timestamp": clock.utc().isoformat(), "data": clean(data)}
    body = json.dumps(said, ensure_ascii=False)
    return sum(add(session, clock, one, event, key, body) for one in receivers)


def add(session: Session, clock: Clock, webhook: Webhook, event: str, key: str, body: str) -> bool:
    """One delivery; False if that receiver is told of it already."""
    row = WebhookDelivery(
        id=new_id(), site_id=webhook.site_id, webhook_id=webhook.id, key=key[:80], event=event[:40], body=body,
        created_at=clock.utc(),
    )  # fmt: skip
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(WebhookDelivery).values(row.model_dump()).on_conflict_do_nothing()
    if session.execute(fresh.returning(col(WebhookDelivery.id))).first() is None:
        return False
    return jobs.enqueue(session, clock, JOB, row.id, max_attempts=TRIES)


def wanted(session: Session, site_id: str) -> frozenset[str]:
    """The groups that somebody asked for."""
    rows = select(Webhook.events).where(
        Webhook.site_id == site_id, col(Webhook.deleted_at).is_(None), col(Webhook.set_aside_at).is_(None)
    )
    return frozenset(group for events in session.exec(rows) for group in events)


def forget_old(session: Session, clock: Clock) -> None:
    """What was told a week ago is nobody's business any more."""
    before = clock.utc() - KEPT
    session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.created_at) < before))
    session.execute(delete(Job).where(col(Job.kind) == JOB, col(Job.created_at) < before))


class TellingDesk(Desk):
    """A desk whose work is told outside, in the same transaction: what was rolled back was never told."""

    def note(self, contact: Contact | None, kind: str, data: Mapping[str, Any], key: str | None = None) -> None:
        super().note(contact, kind, data, key)
        group = group_of(kind)
        if group is not None:
            about = {"contact": contact.id} if contact is not None else {}
            told = {**about, **data, "user": self.actor.id}
            put(self.session, self.clock, self.actor.site_id, group, kind, new_id(), told)
