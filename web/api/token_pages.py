"""`/tokens`: a user's own tokens, with which a program of his has his rights."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import audit, tokens
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, TokenError
from lab_server.desk.rights import Right
from lab_server.store.tables import ApiToken
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of

Own = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]
DAYS = (1, 7, 30, 90, 365)
MOST = 20


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/tokens`. There is no such route in the API: a token that was found cannot make itself another."""
    router = APIRouter()

    async def page(request: Request, visitor: Visitor, *, status: int = 200, text: str = "", wrong: str = "",
                   name: str = "") -> Response:  # fmt: skip
        found = await access.read(visitor, _own)
        return frame.page(
            request, "api/tokens.html", visitor, status=status, tokens=found, days=DAYS, text=text, wrong=wrong,
            name=name, valid=[one.id for one in found if tokens.is_valid(one, access.clock.utc())],
            webhooks_right=visitor.may(Right.WEBHOOK_MANAGE),
            origin=f"{request.url.scheme}://{request.headers.get('host', '')}",
        )  # fmt: skip

    @router.get("/tokens")
    async def show(request: Request, visitor: Own) -> Response:
        return await page(request, visitor)

    @router.post("/tokens")
    async def make(request: Request, visitor: Own) -> Response:
        """The token's text is in the answer, this once."""
        form = await fields(request)
        name = form.get("name", "").strip()
        try:
            text = await access.write(visitor, lambda desk: _made(desk, name, form.get("days", "")))
        except DeskError as error:
            said = sentence(frame.say(request, visitor), error)
            return await page(request, visitor, status=status_of(error), wrong=said, name=name[:80])
        return await page(request, visitor, text=text)

    @router.post("/tokens/{token_id}/revoke")
    async def revoke(token_id: str, visitor: Own) -> Response:
        await access.write(visitor, lambda desk: _revoked(desk, token_id))
        return RedirectResponse("/tokens", 303)

    return router


def _own(desk: Desk) -> list[ApiToken]:
    """The newest of the actor's."""
    return tokens.of_user(desk.session, desk.actor)[:50]


def _made(desk: Desk, name: str, days: str) -> str:
    """Raises `TokenError`; then there is none."""
    if days not in {str(one) for one in DAYS}:
        raise TokenError("choose for how many days it is valid")
    now = desk.clock.utc()
    if sum(tokens.is_valid(one, now) for one in _own(desk)) >= MOST:
        raise TokenError(f"you have {MOST} tokens already: revoke one first")
    token, text = tokens.create(
        desk.session, desk.clock, desk.actor, name=name, expires_at=now + timedelta(days=int(days))
    )
    audit.note(desk, "token.made", named=name, token_id=token.id)
    return text


def _revoked(desk: Desk, token_id: str) -> None:
    token = next((one for one in tokens.of_user(desk.session, desk.actor) if one.id == token_id), None)
    if token is None:
        raise TokenError("there is no such token of yours")
    tokens.revoke(desk.session, desk.clock, desk.actor.site_id, token_id)
    audit.note(desk, "token.revoked", named=token.name, token_id=token_id)
