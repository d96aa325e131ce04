"""`/mailbox`: messages that callers left, played in the page, heard or new, deleted and brought back."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from lab_server.desk import mailboxes
from lab_server.desk.day import board
from lab_server.desk.day.board import MailboxCount
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.ids import is_id
from lab_server.store.tables import Mode, Voicemail
from web.access import Access, Visitor, signed_in
from web.day.told import told
from web.frame import Frame

_MODES: tuple[Mode, ...] = ("production", "training")


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/mailbox`, a message's sound, and what is done to one."""
    router = APIRouter(prefix="/mailbox")
    Hears = Annotated[Visitor, Depends(signed_in(Right.MAILBOX_READ))]  # noqa: N806 (a type)
    Deletes = Annotated[Visitor, Depends(signed_in(Right.MAILBOX_DELETE))]  # noqa: N806

    @router.get("")
    async def show(request: Request, visitor: Hears) -> Response:
        wanted, bin_ = request.query_params.get("box", "")[:40], request.query_params.get("deleted") == "1"
        boxes, box, rows = await access.read(visitor, lambda desk: _read(desk, wanted, bin_))
        return frame.page(
            request, "day/mailbox.html", visitor, part="lines", boxes=boxes, box=box, rows=rows, deleted=bin_,
            told=told(frame.say(request, visitor), request),
        )  # fmt: skip

    @router.get("/{message_id}/sound")
    async def sound(message_id: str, visitor: Hears) -> Response:
        """The recording; parts of it can be asked (Range), so that one may jump in it."""
        row = await access.read(visitor, lambda desk: mailboxes.to_hear(desk, _known(message_id)))
        file, root = (access.settings.recordings / row.path).resolve(), access.settings.recordings.resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, media_type="audio/wav", content_disposition_type="inline", filename="message.wav")

    async def changed(visitor: Visitor, message_id: str, work: Callable[[Desk, str], Voicemail], done: str) -> Response:
        row = await access.write(visitor, lambda desk: work(desk, _known(message_id)))
        box = row.mailbox
        asked = {"box": box} | ({"done": done, "of": message_id} if done else {})
        return RedirectResponse(f"/mailbox?{urlencode(asked)}", 303)

    @router.post("/{message_id}/heard")
    async def heard(message_id: str, visitor: Hears) -> Response:
        return await changed(visitor, message_id, mailboxes.mark_heard, "")

    @router.post("/{message_id}/new")
    async def new(message_id: str, visitor: Hears) -> Response:
        return await changed(visitor, message_id, mailboxes.mark_new, "")

    @router.post("/{message_id}/delete")
    async def delete(message_id: str, visitor: Deletes) -> Response:
        return await changed(visitor, message_id, mailboxes.delete, "vm_deleted")

    @router.post("/{message_id}/back")
    async def back(message_id: str, visitor: Deletes) -> Response:
        return await changed(visitor, message_id, mailboxes.bring_back, "vm_back")

    return router


def _known(message_id: str) -> str:
    if not is_id(message_id):
        raise HTTPException(404)
    return message_id


def _read(desk: Desk, wanted: str, deleted: bool) -> tuple[list[MailboxCount], str, list[Voicemail]]:
    """The mailboxes with their counts of both modes, which is shown, and its messages."""
    found: dict[str, MailboxCount] = {}
    for mode in _MODES:
        for one in board.own_mailboxes(desk, mode):
            known = found.get(one.mailbox, MailboxCount(mailbox=one.mailbox, new=0, old=0))
            found[one.mailbox] = MailboxCount(mailbox=one.mailbox, new=known.new + one.new, old=known.old + one.old)
    first = max(found.values(), key=lambda one: (one.new, one.old), default=None)
    box = wanted or (first.mailbox if first is not None else "")
    rows = [row for mode in _MODES for row in mailboxes.messages(desk, mode, box, deleted=deleted)] if box else []
    return list(found.values()), box, sorted(rows, key=lambda row: row.created_at, reverse=True)[:200]
