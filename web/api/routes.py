"""All of the API's routes, and the document that describes them."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from lab_server.desk.rights import Right
from web.access import Access, Visitor, signed_in
from web.api import (
    attachments,
    callbacks,
    contacts,
    customers,
    day,
    knowledge,
    orders,
    tickets,
    token_pages,
    webhook_pages,
    webhooks,
)  # fmt: skip
from web.api.document import document
from web.floor_api import FloorDoor
from web.frame import Frame

Own = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]


def routes(access: Access, frame: Frame, door: FloorDoor, look: Callable[[], None]) -> list[APIRouter]:
    """One for each kind of thing. `look`: webhooks are to be sent."""
    described = APIRouter()

    @described.get("/api/v1/openapi.json", include_in_schema=False)
    async def openapi(request: Request, _visitor: Own) -> JSONResponse:
        """What there is, for tools that make clients of it."""
        kept = request.app.state
        if not hasattr(kept, "openapi"):
            kept.openapi = document(request.app)
        return JSONResponse(kept.openapi)

    return [
        described, contacts.routes(access, frame, door), customers.routes(access), tickets.routes(access),
        attachments.routes(access), orders.routes(access), callbacks.routes(access), knowledge.routes(access),
        day.routes(access),
        webhooks.routes(access, look), webhook_pages.routes(access, frame, look), token_pages.routes(access, frame),
    ]  # fmt: skip
