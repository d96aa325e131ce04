"""What an operator has to see to, in sentences: `/alerts`. The bar at the top says on every page how many there are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import alerts
from lab_server.desk.rights import Right
from lab_server.disk import Room
from lab_server.i18n import Translator
from lab_server.store.tables import Alert
from lab_server.webhooks.receivers import SET_ASIDE
from web.access import Access, Visitor, signed_in
from web.frame import Frame


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/alerts`."""
    router = APIRouter()
    Reads = Annotated[Visitor, Depends(signed_in(Right.ALERTS_READ))]  # noqa: N806 (a type)
    Clears = Annotated[Visitor, Depends(signed_in(Right.ALERTS_CLEAR))]  # noqa: N806

    @router.get("/alerts")
    async def show(request: Request, visitor: Reads) -> Response:
        found = await access.read(visitor, alerts.open_alerts)
        say = frame.say(request, visitor)
        return frame.page(
            request, "instructor/alerts.html", visitor, clears=visitor.may(Right.ALERTS_CLEAR),
            lines=[(one, sentence(say, one), _where(visitor, one)) for one in found],
        )  # fmt: skip

    @router.post("/alerts/{alert_id}/dismiss")
    async def dismiss(alert_id: str, visitor: Clears) -> Response:
        await access.write(visitor, lambda desk: alerts.dismiss(desk, alert_id))
        return RedirectResponse("/alerts", 303)

    return router


def sentence(say: Translator, alert: Alert) -> str:
    """What is so, and what to do about it. One of a kind that has no sentence yet is told as it was raised."""
    _, args = say.gettext, alert.args
    if alert.kind in {Room.LOW, Room.FULL}:
        told = _("The recordings' disk is nearly full: {free} MB are left in {folder}. Make room there.")
        if alert.kind == Room.FULL:
            told = _("The recordings' disk is full: {free} MB are left in {folder}. Recordings stop short: make room.")
        return told.format(free=args.get("free_mb", "?"), folder=args.get("folder", alert.subject))
    if alert.kind == SET_ASIDE:
        told = _(
            "The webhook {name} was set aside: nothing arrived at {url}. "
            "See to the receiver, then switch the webhook on again."
        )
        return told.format(name=args.get("name", "?"), url=args.get("url", "?"))
    return " · ".join([alert.kind, alert.subject, *(f"{name}: {value}" for name, value in args.items())])


def _where(visitor: Visitor, alert: Alert) -> str:
    """The page on which it is seen to, "" if there is none for this visitor."""
    return f"/webhooks/{alert.subject}" if alert.kind == SET_ASIDE and visitor.may(Right.WEBHOOK_MANAGE) else ""
