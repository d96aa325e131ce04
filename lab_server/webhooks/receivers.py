"""Who is told: registered by teachers and administrators, changed, taken away and brought back; what each was told."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from lab_server.desk import alerts, audit
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.typed import typed
from lab_server.ids import new_id
from lab_server.store import jobs
from lab_server.store.tables import DeliveryState, Webhook, WebhookDelivery
from lab_server.webhooks import addresses, outbox
from lab_server.webhooks.errors import UnknownWebhookError, WebhookError
from lab_server.webhooks.events import GROUPS, TEST
from lab_server.webhooks.signing import new_salt
from scenarios.facts import Frozen

MOST = 50
SET_ASIDE = "webhook_set_aside"
"""The alert's kind; its subject is the receiver's id."""


class WebhookView(Frozen):
    """A receiver. `failing_since`: nothing has arrived since then; `set_aside_at`: it is told no more until somebody
    switches it on again."""

    id: str
    name: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    failing_since: datetime | None
    set_aside_at: datetime | None


class DeliveryView(Frozen):
    """One event for one receiver. `status`: what HTTP answered last; `error`: why it did not arrive."""

    id: str
    event: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str
    took_ms: int | None
    created_at: datetime
    tried_at: datetime | None
    body: str


def register(desk: Desk, name: str, url: str, events: Sequence[str], hosts: Sequence[str]) -> Webhook:
    """A new receiver (its `salt` makes its secret). Raises `WebhookError`, `BadValueError`."""
    desk.check(Right.WEBHOOK_MANAGE)
    if len(listed(desk)) >= MOST:
        raise WebhookError(f"there are {MOST} receivers already: take one away first")
    row = Webhook(
        site_id=desk.actor.site_id,
        name=typed("name", name, 80, needed=True),
        url=addresses.checked(url.strip(), hosts),
        events=_events(events),
        salt=new_salt(),
        user_id=desk.actor.id,
        created_at=desk.clock.utc(),
    )
    desk.session.add(row)
    desk.session.flush()
    audit.note(desk, "webhook.made", named=row.name, url=row.url)
    return row


def change(
    desk: Desk, webhook_id: str, hosts: Sequence[str], *, name: str | None = None, url: str | None = None,
    events: Sequence[str] | None = None,
) -> WebhookView:  # fmt: skip
    """What is None stays. Raises as `register`."""
    row = _row(desk, webhook_id)
    row.name = typed("name", name, 80, needed=True) if name is not None else row.name
    row.url = addresses.checked(url.strip(), hosts) if url is not None else row.url
    row.events = _events(events) if events is not None else row.events
    audit.note(desk, "webhook.changed", named=row.name, url=row.url)
    return _kept(desk, row)


def renew_secret(desk: Desk, webhook_id: str) -> Webhook:
    """Another secret from now on; what still waits is signed with it, too."""
    row = _row(desk, webhook_id)
    row.salt = new_salt()
    audit.note(desk, "webhook.secret", named=row.name)
    _kept(desk, row)
    return row


def switch_on(desk: Desk, webhook_id: str) -> WebhookView:
    """It is told again. What it missed is among its deliveries."""
    row = _row(desk, webhook_id)
    row.set_aside_at = row.failing_since = None
    alerts.clear_alert(desk.session, desk.clock, row.site_id, SET_ASIDE, row.id)
    audit.note(desk, "webhook.on", named=row.name)
    return _kept(desk, row)


def take_away(desk: Desk, webhook_id: str) -> WebhookView:
    """It is told nothing more; `bring_back` undoes it."""
    row = _row(desk, webhook_id)
    row.deleted_at = desk.clock.utc()
    alerts.clear_alert(desk.session, desk.clock, row.site_id, SET_ASIDE, row.id)
    audit.note(desk, "webhook.gone", named=row.name)
    return _kept(desk, row)


def bring_back(desk: Desk, webhook_id: str) -> WebhookView:
    """Undo `take_away`."""
    row = _row(desk, webhook_id, gone=True)
    row.deleted_at = row.set_aside_at = row.failing_since = None
    audit.note(desk, "webhook.back", named=row.name)
    return _kept(desk, row)


def listed(desk: Desk) -> tuple[WebhookView, ...]:
    """The site's receivers, the newest first."""
    desk.check(Right.WEBHOOK_MANAGE)
    rows = select(Webhook).where(Webhook.site_id == desk.actor.site_id, col(Webhook.deleted_at).is_(None))
    return tuple(view(row) for row in desk.session.exec(rows.order_by(col(Webhook.id).desc())))


def read(desk: Desk, webhook_id: str) -> WebhookView:
    """Raises `UnknownWebhookError`."""
    return view(_row(desk, webhook_id))


def deliveries(desk: Desk, webhook_id: str, *, most: int = 50, skip: int = 0) -> tuple[DeliveryView, ...]:
    """What it was told, the newest first; a week back."""
    row = _row(desk, webhook_id, gone=True)
    rows = select(WebhookDelivery).where(WebhookDelivery.webhook_id == row.id)
    newest = rows.order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
    return tuple(_delivery(one) for one in desk.session.exec(newest.offset(skip).limit(most)))


def send_again(desk: Desk, delivery_id: str) -> DeliveryView:
    """Under the same id, so that who had it already knows it again. One that still waits goes now."""
    desk.check(Right.WEBHOOK_MANAGE)
    row = desk.session.get(WebhookDelivery, delivery_id)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownWebhookError(f"there is no delivery {delivery_id[:40]!r}: take the id from the list")
    if _row(desk, row.webhook_id).set_aside_at is not None:
        raise WebhookError("the receiver is set aside: switch it on first")
    if not jobs.repeat(desk.session, desk.clock, outbox.JOB, row.id):
        jobs.hurry(desk.session, desk.clock, outbox.JOB, row.id)
    row.state = "waiting"
    desk.session.add(row)
    desk.session.flush()
    return _delivery(row)


def send_test(desk: Desk, webhook_id: str) -> DeliveryView:
    """Tell it something that means nothing."""
    row, key = _row(desk, webhook_id), new_id()
    said = {"type": TEST, "timestamp": desk.clock.utc().isoformat(), "data": {"hello": row.name}}
    outbox.add(desk.session, desk.clock, row, TEST, key, json.dumps(said, ensure_ascii=False))
    made = select(WebhookDelivery).where(WebhookDelivery.webhook_id == row.id, WebhookDelivery.key == key)
    return _delivery(desk.session.exec(made).one())


def view(row: Webhook) -> WebhookView:
    """The receiver of a row, without what makes its secret."""
    plain = row.model_dump(include=set(WebhookView.model_fields) - {"events"})
    return WebhookView(**plain, events=tuple(row.events))


def _delivery(row: WebhookDelivery) -> DeliveryView:
    return DeliveryView(**row.model_dump(include=set(DeliveryView.model_fields)))


def _row(desk: Desk, webhook_id: str, *, gone: bool = False) -> Webhook:
    desk.check(Right.WEBHOOK_MANAGE)
    row = desk.session.get(Webhook, webhook_id)
    if row is None or row.site_id != desk.actor.site_id or (row.deleted_at is not None and not gone):
        raise UnknownWebhookError(f"there is no receiver {webhook_id[:40]!r}: take the id from the list")
    return row


def _kept(desk: Desk, row: Webhook) -> WebhookView:
    desk.session.add(row)
    desk.session.flush()
    return view(row)


def _events(events: Sequence[str]) -> list[str]:
    unknown = [one for one in events if one not in GROUPS]
    if unknown or not events:
        raise WebhookError(f"events: at least one of {', '.join(GROUPS)}")
    return [one for one in GROUPS if one in events]
