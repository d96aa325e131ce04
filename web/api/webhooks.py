"""Receivers of signed requests: registered, looked at, told again."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from lab_server.desk.rights import Right
from lab_server.store.tables import Webhook
from lab_server.webhooks import receivers
from lab_server.webhooks.receivers import DeliveryView, WebhookView
from lab_server.webhooks.sender import key_of
from lab_server.webhooks.signing import secret_of
from web.access import Access, Visitor, signed_in
from web.api.kinds import Body, Id, Listed, Most, Skip, Word, listed

Manages = Annotated[Visitor, Depends(signed_in(Right.WEBHOOK_MANAGE))]
Events = Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)]
Url = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class NewWebhook(Body):
    """`events`: groups, such as pop, ended, ticket. The host has to be named in the setting `webhook_hosts`."""

    name: Name
    url: Url
    events: Events


class ChangedWebhook(Body):
    """What is left out stays."""

    name: Name | None = None
    url: Url | None = None
    events: Events | None = None


class Registered(Body):
    """`secret` is shown this once: it proves to the receiver that a request is ours."""

    webhook: WebhookView
    secret: str


def routes(access: Access, look: Callable[[], None]) -> APIRouter:
    """Below `/api/v1/webhooks`. `look`: something is to be sent."""
    router = APIRouter(prefix="/api/v1", tags=["webhooks"])
    hosts, folder = access.settings.webhook_hosts, access.settings.secrets

    def registered(row: Webhook) -> Registered:
        return Registered(webhook=receivers.view(row), secret=secret_of(key_of(folder), row.id, row.salt))

    @router.get("/webhooks")
    async def all_of_them(visitor: Manages) -> Listed[WebhookView]:
        """The site's receivers, the newest first."""
        return Listed(items=await access.read(visitor, receivers.listed))

    @router.post("/webhooks")
    async def register(new: NewWebhook, visitor: Manages) -> Registered:
        made = await access.write(
            visitor, lambda desk: registered(receivers.register(desk, new.name, new.url, new.events, hosts))
        )
        look()
        return made

    @router.get("/webhooks/{webhook_id}")
    async def read(webhook_id: Id, visitor: Manages) -> WebhookView:
        return await access.read(visitor, lambda desk: receivers.read(desk, webhook_id))

    @router.patch("/webhooks/{webhook_id}")
    async def change(webhook_id: Id, changed: ChangedWebhook, visitor: Manages) -> WebhookView:
        done = await access.write(
            visitor,
            lambda desk: receivers.change(
                desk, webhook_id, hosts, name=changed.name, url=changed.url, events=changed.events
            ),
        )
        look()
        return done

    @router.delete("/webhooks/{webhook_id}")
    async def take_away(webhook_id: Id, visitor: Manages) -> WebhookView:
        """It is told nothing more; `bring-back` undoes it."""
        return await access.write(visitor, lambda desk: receivers.take_away(desk, webhook_id))

    @router.post("/webhooks/{webhook_id}/bring-back")
    async def bring_back(webhook_id: Id, visitor: Manages) -> WebhookView:
        done = await access.write(visitor, lambda desk: receivers.bring_back(desk, webhook_id))
        look()
        return done

    @router.post("/webhooks/{webhook_id}/secret")
    async def renew(webhook_id: Id, visitor: Manages) -> Registered:
        """Another secret, from the next request on."""
        return await access.write(visitor, lambda desk: registered(receivers.renew_secret(desk, webhook_id)))

    @router.post("/webhooks/{webhook_id}/on")
    async def switch_on(webhook_id: Id, visitor: Manages) -> WebhookView:
        """One that was set aside is told again."""
        done = await access.write(visitor, lambda desk: receivers.switch_on(desk, webhook_id))
        look()
        return done

    @router.post("/webhooks/{webhook_id}/test")
    async def test(webhook_id: Id, visitor: Manages) -> DeliveryView:
        """Tell it an event `test`; what came of it is among its deliveries a moment later."""
        done = await access.write(visitor, lambda desk: receivers.send_test(desk, webhook_id))
        look()
        return done

    @router.get("/webhooks/{webhook_id}/deliveries")
    async def deliveries(webhook_id: Id, visitor: Manages, most: Most = 50, skip: Skip = 0) -> Listed[DeliveryView]:
        """What it was told, the newest first; kept for a week."""
        found = await access.read(
            visitor, lambda desk: receivers.deliveries(desk, webhook_id, most=most + 1, skip=skip)
        )
        return listed(found, most)

    @router.post("/webhook-deliveries/{delivery_id}/send-again")
    async def send_again(delivery_id: Id, visitor: Manages) -> DeliveryView:
        """Under the same id."""
        done = await access.write(visitor, lambda desk: receivers.send_again(desk, delivery_id))
        look()
        return done

    return router
