"""The audit trail's page: the newest first, a hundred at a time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lab_server.desk import audit
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.ids import is_id
from web.access import Access, Visitor, signed_in
from web.frame import Frame


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/audit`."""
    router = APIRouter()
    Reads = Annotated[Visitor, Depends(signed_in(Right.AUDIT_READ))]  # noqa: N806 (a type)

    @router.get("/audit")
    async def show(request: Request, visitor: Reads) -> Response:
        asked = request.query_params
        action, before, user = asked.get("action", "")[:40], asked.get("before", ""), asked.get("user", "")
        found = await access.read(
            visitor,
            lambda desk: audit.trail(
                desk, action=action, user_id=user if is_id(user) else "", before=before if is_id(before) else ""
            ),
        )
        names = action_names(frame.say(request, visitor))
        return frame.page(
            request, "instructor/audit.html", visitor, part="rows", entries=found, names=names, action=action,
            user=user if is_id(user) else "", more=found[-1].id if len(found) == audit.PAGE else "",
        )  # fmt: skip

    return router


def action_names(say: Translator) -> dict[str, str]:
    """What was done, in words."""
    _ = say.gettext
    return {
        "sign_in": _("Signed in"),
        "sign_in.failed": _("Wrong password"),
        "sign_in.locked": _("Wrong password, locked for a while"),
        "password.set": _("Password set"),
        "seat.taken": _("Sat down"),
        "seat.assigned": _("Seat of a PC set"),
        "seat.phone_shown": _("SIP phone's password shown"),
        "class.made": _("Class made"),
        "class.joined": _("Joined a class"),
        "class.left": _("Left a class"),
        "class.imported": _("Class list taken in"),
        "class.bell_set": _("Bell set"),
        "class.bell": _("Bell rung"),
        "user.made": _("User made"),
        "user.unlocked": _("Unlocked"),
        "user.pin_given": _("New PIN given"),
        "user.signed_out": _("Signed out by staff"),
        "user.link_given": _("Link for a password given"),
        "token.made": _("Token made"),
        "token.revoked": _("Token revoked"),
        "webhook.made": _("Webhook made"),
        "webhook.changed": _("Webhook changed"),
        "webhook.secret": _("Webhook secret renewed"),
        "webhook.on": _("Webhook switched on"),
        "webhook.gone": _("Webhook taken away"),
        "webhook.back": _("Webhook brought back"),
        "user.left": _("Has left"),
        "user.back": _("Is back"),
    }
