"""Files of tickets: the bytes themselves are the body, whatever their name says they are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse

from lab_server.desk.rights import Right
from lab_server.desk.ticketing import attachments
from lab_server.desk.ticketing.attachments import AttachmentView
from web.access import Access, Visitor, signed_in
from web.api.kinds import Done, Id, Listed

Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]
Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}}
_FILE = {200: {"description": "The file", "content": {"*/*": _BYTES}}}


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/tickets/{id}/attachments` and `/api/v1/attachments`."""
    router = APIRouter(prefix="/api/v1", tags=["tickets"])
    folder = access.settings.var / "attachments"

    @router.get("/tickets/{ticket_id}/attachments")
    async def files(ticket_id: Id, visitor: Reads) -> Listed[AttachmentView]:
        """The ticket's files, the oldest first."""
        return Listed(items=await access.read(visitor, lambda desk: attachments.listed(desk, ticket_id)))

    @router.post("/tickets/{ticket_id}/attachments", openapi_extra=_UPLOAD)
    async def add(
        request: Request, ticket_id: Id, visitor: Edits, name: Annotated[str, Query(min_length=1, max_length=200)]
    ) -> AttachmentView:
        """The body is the file: pictures, PDF, WAV or OGG, plain text; at most 4 MB."""
        content = await request.body()
        return await access.write(visitor, lambda desk: attachments.add(desk, folder, ticket_id, name, content))

    @router.get("/attachments/{attachment_id}", response_class=FileResponse, responses=_FILE)  # type: ignore[arg-type]
    async def opened(attachment_id: Id, visitor: Reads) -> FileResponse:
        """The file, to be kept, never to be shown as a page of ours."""
        one, path = await access.read(visitor, lambda desk: attachments.opened(desk, folder, attachment_id))
        return FileResponse(path, media_type=one.type, filename=one.name, content_disposition_type="attachment")

    @router.delete("/attachments/{attachment_id}")
    async def take_away(attachment_id: Id, visitor: Edits) -> Done:
        """Out of the list; the file stays."""
        await access.write(visitor, lambda desk: attachments.take_away(desk, attachment_id))
        return Done()

    @router.post("/attachments/{attachment_id}/bring-back")
    async def bring_back(attachment_id: Id, visitor: Edits) -> Done:
        await access.write(visitor, lambda desk: attachments.take_away(desk, attachment_id, back=True))
        return Done()

    return router
