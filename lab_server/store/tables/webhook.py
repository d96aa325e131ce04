"""Where outside programs hear what happens (webhooks), and what each of them was told."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of

DeliveryState = Literal["waiting", "delivered", "failed"]


class Webhook(Sited, table=True):
    """A receiver. Its secret is made of `salt` and a key that is in no database.

    `failing_since`: nothing has arrived since then; `set_aside_at`: it failed for so long that it is told no more.
    """

    __tablename__ = "webhook"

    name: str = Field(max_length=80)
    url: str = Field(max_length=500)
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    salt: str = Field(max_length=64)
    user_id: str = Field(foreign_key="user.id", max_length=26)
    created_at: datetime = Field(sa_type=UtcDateTime)
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    set_aside_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookDelivery(Sited, table=True):
    """One event for one receiver. `key` names the event: told twice, it is one delivery. `body`: the bytes that are
    signed and sent, as text. `status`: what HTTP answered last, None for no answer."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "key"),
        one_of("state", DeliveryState),
        Index(None, "webhook_id", "created_at"),
        Index(None, "created_at"),
    )

    webhook_id: str = Field(foreign_key="webhook.id", max_length=26)
    key: str = Field(max_length=80)
    event: str = Field(max_length=40)
    body: str = Field(sa_type=Text)
    state: DeliveryState = Field(default="waiting", sa_type=String)
    attempts: int = 0
    status: int | None = None
    error: str = Field(default="", max_length=300)
    took_ms: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
