"""A ticket's files: sent, given out as downloads and nothing else, taken away and put back."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import UploadFile

from lab_server.desk.errors import AttachmentError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import attachments
from lab_server.i18n import Translator
from lab_server.ids import is_id
from web.access import Access, Visitor, signed_in
from web.frame import Frame
from web.records.ticket import known


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/tickets/<id>/files` and `/files/<id>`."""
    router = APIRouter()
    Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]  # noqa: N806
    folder = access.settings.var / "attachments"

    def refused(request: Request, visitor: Visitor, error: AttachmentError, back: str) -> Response:
        say = frame.say(request, visitor)
        return frame.page(
            request, "records/file_refused.html", visitor, part="main", status=422, refused=why(say, error), back=back
        )

    @router.post("/tickets/{ticket_id}/files")
    async def add(request: Request, ticket_id: str, visitor: Edits) -> Response:
        """Whatever name and type the browser gives: the name is text, the type is read from the bytes."""
        async with request.form(max_files=1, max_fields=200) as form:
            upload = form.get("file")
            content = await upload.read(attachments.LARGEST + 1) if isinstance(upload, UploadFile) else b""
            name = (upload.filename or "") if isinstance(upload, UploadFile) else ""
        try:
            await access.write(visitor, lambda desk: attachments.add(desk, folder, known(ticket_id), name, content))
        except AttachmentError as error:
            return refused(request, visitor, error, f"/tickets/{ticket_id}")
        return RedirectResponse(f"/tickets/{ticket_id}?done=file", 303)

    @router.get("/files/{attachment_id}")
    async def give(attachment_id: str, visitor: Reads) -> Response:
        file, path = await access.read(visitor, lambda desk: attachments.opened(desk, folder, _known(attachment_id)))
        return FileResponse(path, media_type=file.type, filename=file.name, content_disposition_type="attachment")

    @router.post("/tickets/{ticket_id}/files/{attachment_id}/{way}")
    async def take_away(ticket_id: str, attachment_id: str, way: str, visitor: Edits) -> Response:
        """`way`: away, or back."""
        if way not in {"away", "back"}:
            raise HTTPException(404)
        one = _known(attachment_id)
        await access.write(visitor, lambda desk: attachments.take_away(desk, one, back=way == "back"))
        done = "file_back" if way == "back" else f"file_gone&file={attachment_id}"
        return RedirectResponse(f"/tickets/{known(ticket_id)}?done={done}", 303)

    return router


def _known(attachment_id: str) -> str:
    if not is_id(attachment_id):
        raise HTTPException(404)
    return attachment_id


def why(say: Translator, error: AttachmentError) -> str:
    """Why a file is not taken."""
    _, text = say.gettext, str(error)
    if " bytes: " in text:
        return _("The file is empty or too large.")
    if "of this type" in text:
        return _("Files of this type are not taken: PDF, pictures, sound (WAV, OGG) and plain text are.")
    if "files already" in text:
        return _("The ticket has 20 files already: take one away first.")
    return _("The file cannot be kept or read.")
