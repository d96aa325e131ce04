"""One try to deliver: what is to be sent is taken from the rows, sent, and what came of it written back."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlmodel import Session

from lab_server.desk import alerts
from lab_server.store import jobs
from lab_server.store.tables import Job, Webhook, WebhookDelivery
from lab_server.webhooks import addresses, outbox
from lab_server.webhooks.errors import WebhookError
from lab_server.webhooks.receivers import SET_ASIDE
from lab_server.webhooks.signing import secret_of, signed
from telephony.clock import Clock

TRY_S = 10.0
SET_ASIDE_AFTER = timedelta(hours=1)
"""Who has taken nothing for so long is told no more, and somebody has to see to it."""
GONE = 410


@dataclass(frozen=True)
class Letter:
    """What is to be sent, without the rows it came from."""

    job: Job
    webhook_id: str
    url: str
    salt: str
    delivery_id: str
    body: str


@dataclass(frozen=True)
class Outcome:
    """`status`: HTTP's answer, None for none. `error` is empty when it arrived."""

    status: int | None
    error: str
    took_ms: int


def take(session: Session, clock: Clock, worker: str) -> Letter | None:
    """The next that is due; None for none, and for one that nobody wants any more."""
    job = jobs.take(session, clock, outbox.JOB, worker)
    if job is None:
        return None
    delivery = session.get(WebhookDelivery, job.key)
    webhook = session.get(Webhook, delivery.webhook_id) if delivery is not None else None
    if delivery is None or webhook is None or webhook.deleted_at is not None or webhook.set_aside_at is not None:
        if delivery is not None:
            delivery.state, delivery.error = "failed", "the receiver was set aside or taken away"
            session.add(delivery)
        jobs.finish(session, clock, job)
        return None
    session.expunge(job)
    return Letter(job, webhook.id, webhook.url, webhook.salt, delivery.id, delivery.body)


async def send(client: httpx.AsyncClient, letter: Letter, key: str, hosts: Sequence[str], now: datetime) -> Outcome:
    """One POST to where the address leads now. Follows nothing, reads nothing but the status, never fails."""
    began = time.perf_counter()

    def outcome(status: int | None, error: str) -> Outcome:
        return Outcome(status, error[:300], round((time.perf_counter() - began) * 1000))

    body = letter.body.encode()
    headers = signed(secret_of(key, letter.webhook_id, letter.salt), letter.delivery_id, now, body)
    try:
        async with asyncio.timeout(TRY_S):
            place = await addresses.found(letter.url, hosts)
            url = httpx.URL(letter.url)
            headers |= {"host": url.netloc.decode(), "content-type": "application/json", "user-agent": "Ringside"}
            request = client.build_request(
                "POST", url.copy_with(host=place.address), content=body, headers=headers,
                extensions={"sni_hostname": place.host},
            )  # fmt: skip
            answer = await client.send(request, stream=True)
            await answer.aclose()
    except WebhookError as refused:
        return outcome(None, str(refused))
    except TimeoutError:
        return outcome(None, f"no answer within {TRY_S:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as away:
        return outcome(None, f"not reached: {away or type(away).__name__}")
    status = answer.status_code
    return outcome(status, "" if answer.is_success else f"it answered {status}" + (
        ": nobody follows a redirection" if answer.is_redirect else ""))  # fmt: skip


def settle(session: Session, clock: Clock, letter: Letter, outcome: Outcome) -> bool:
    """Write down what came of it; True if the receiver is set aside with it."""
    delivery = session.get(WebhookDelivery, letter.delivery_id)
    webhook = session.get(Webhook, letter.webhook_id, with_for_update=True)
    if delivery is None or webhook is None:
        return False
    delivery.attempts += 1
    delivery.status, delivery.error, delivery.took_ms = outcome.status, outcome.error, outcome.took_ms
    delivery.tried_at = clock.utc()
    aside = False
    if not outcome.error:
        jobs.finish(session, clock, letter.job)
        delivery.state, webhook.failing_since = "delivered", None
    else:
        jobs.fail(session, clock, letter.job, outcome.error)
        delivery.state = "failed" if letter.job.attempts >= letter.job.max_attempts else "waiting"
        webhook.failing_since = webhook.failing_since or clock.utc()
        aside = _fails_for_good(webhook, outcome, clock.utc())
        if aside:
            webhook.set_aside_at = clock.utc()
            alerts.raise_alert(
                session, clock, webhook.site_id, SET_ASIDE,
                {"name": webhook.name, "url": webhook.url, "error": outcome.error}, webhook.id,
            )  # fmt: skip
    session.add_all([delivery, webhook])
    session.flush()
    return aside


def _fails_for_good(webhook: Webhook, outcome: Outcome, now: datetime) -> bool:
    if webhook.set_aside_at is not None or webhook.failing_since is None:
        return False
    return outcome.status == GONE or now - webhook.failing_since >= SET_ASIDE_AFTER
