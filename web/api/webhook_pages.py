"""`/webhooks`: who outside is told what happens, and what each was told."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.ids import is_id
from lab_server.store.tables import Webhook
from lab_server.webhooks import receivers
from lab_server.webhooks.errors import UnknownWebhookError
from lab_server.webhooks.events import GROUPS
from lab_server.webhooks.sender import key_of
from lab_server.webhooks.signing import secret_of
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of

Manages = Annotated[Visitor, Depends(signed_in(Right.WEBHOOK_MANAGE))]


def routes(access: Access, frame: Frame, look: Callable[[], None]) -> APIRouter:
    """`/webhooks` and below. `look`: something is to be sent."""
    router = APIRouter()
    hosts, folder = access.settings.webhook_hosts, access.settings.secrets

    def secret(row: Webhook) -> str:
        return secret_of(key_of(folder), row.id, row.salt)

    async def overview(
        request: Request, visitor: Visitor, *, typed: dict[str, str] | None = None, refused: str = "",
        status: int = 200, shown: str = "",
    ) -> Response:  # fmt: skip
        found, say = await access.read(visitor, receivers.listed), frame.say(request, visitor)
        return frame.page(
            request, "api/webhooks.html", visitor, status=status, webhooks=found, hosts=hosts,
            groups=group_names(say), typed=typed or {}, refused=refused, secret=shown,
            gone=_id(request.query_params.get("gone", "")),
        )  # fmt: skip

    @router.get("/webhooks")
    async def show(request: Request, visitor: Manages) -> Response:
        return await overview(request, visitor)

    @router.post("/webhooks")
    async def register(request: Request, visitor: Manages) -> Response:
        """The secret is shown with the answer, this once."""
        form = await fields(request)
        asked = [group for group in GROUPS if form.get(f"event.{group}")]
        try:
            shown = await access.write(
                visitor,
                lambda desk: secret(receivers.register(desk, form.get("name", ""), form.get("url", ""), asked, hosts)),
            )
        except DeskError as error:
            told = _told(frame.say(request, visitor), error)
            return await overview(request, visitor, typed=form, refused=told, status=status_of(error))
        look()
        return await overview(request, visitor, shown=shown)

    @router.get("/webhooks/{webhook_id}")
    async def deliveries(request: Request, webhook_id: str, visitor: Manages) -> Response:
        one, found = await access.read(
            visitor,
            lambda desk: (receivers.read(desk, _known(webhook_id)), receivers.deliveries(desk, webhook_id, most=100)),
        )
        return frame.page(
            request, "api/webhook.html", visitor, part="deliveries", webhook=one, deliveries=found, secret="",
            groups=group_names(frame.say(request, visitor)),
        )  # fmt: skip

    @router.post("/webhooks/{webhook_id}/secret")
    async def renew(request: Request, webhook_id: str, visitor: Manages) -> Response:
        shown = await access.write(visitor, lambda desk: secret(receivers.renew_secret(desk, _known(webhook_id))))
        return await overview(request, visitor, shown=shown)

    @router.post("/webhooks/{webhook_id}/do")
    async def do(request: Request, webhook_id: str, visitor: Manages) -> Response:
        """A button: take away, bring back, switch on, test."""
        what, known = (await fields(request)).get("do", ""), _known(webhook_id)
        works = {
            "away": receivers.take_away, "back": receivers.bring_back, "on": receivers.switch_on,
            "test": receivers.send_test,
        }  # fmt: skip
        if what not in works:
            raise UnknownWebhookError("there is no such button")
        await access.write(visitor, lambda desk: works[what](desk, known))
        look()
        there = {"away": f"/webhooks?gone={known}", "back": "/webhooks"}
        return RedirectResponse(there.get(what, f"/webhooks/{known}"), 303)

    @router.post("/webhooks/{webhook_id}/again/{delivery_id}")
    async def again(webhook_id: str, delivery_id: str, visitor: Manages) -> Response:
        await access.write(visitor, lambda desk: receivers.send_again(desk, _known(delivery_id)))
        look()
        return RedirectResponse(f"/webhooks/{_known(webhook_id)}", 303)

    return router


def group_names(say: Translator) -> dict[str, str]:
    """What a receiver can ask for, in words."""
    _ = say.gettext
    return {
        "pop": _("A phone rings (screen pop)"),
        "contact": _("A call reaches a stage"),
        "ended": _("A call has ended"),
        "agent": _("An agent's state changes"),
        "set_aside": _("An agent missed a call"),
        "conference": _("Conferences"),
        "mailbox": _("Mailboxes"),
        "callbacks": _("Call-backs"),
        "alert": _("Alerts"),
        "customer": _("Customers"),
        "ticket": _("Tickets"),
        "order": _("Orders"),
        "form": _("Forms and notes saved"),
    }


def _told(say: Translator, error: DeskError) -> str:
    """The reason matters here: which host is not named, which event is none."""
    return f"{error}." if error.error_id == "desk.webhook" and say.language == "en" else sentence(say, error)


def _id(text: str) -> str:
    return text if is_id(text) else ""


def _known(text: str) -> str:
    if not is_id(text):
        raise UnknownWebhookError("there is nothing of that id")
    return text
