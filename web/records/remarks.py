"""A ticket's remarks, and who else has it open."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk.crm import viewers
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import comments, work
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records.ticket import known


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/tickets/<id>/remarks` and `/tickets/<id>/here`."""
    router = APIRouter(prefix="/tickets/{ticket_id}")
    Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]  # noqa: N806 (a type)
    Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]  # noqa: N806

    @router.post("/here")
    async def here(request: Request, ticket_id: str, visitor: Reads) -> Response:
        """The visitor has the ticket open: who else has."""
        others = await access.write(visitor, lambda desk: _here(desk, known(ticket_id)))
        return frame.page(request, "records/here.html", visitor, part="main", others=others, changed=[], names={})

    @router.post("/remarks")
    async def remark(request: Request, ticket_id: str, visitor: Edits) -> Response:
        text = (await fields(request)).get("remark", "").replace("\r\n", "\n")
        try:
            await access.write(visitor, lambda desk: comments.add(desk, known(ticket_id), text))
        except BadValueError:  # the browser lets nothing through that is empty or too long
            return RedirectResponse(f"/tickets/{ticket_id}?done=remark_empty", 303)
        return RedirectResponse(f"/tickets/{ticket_id}?done=remark", 303)

    @router.post("/remarks/{comment_id}/{way}")
    async def take_back(ticket_id: str, comment_id: str, way: str, visitor: Edits) -> Response:
        """`way`: away, or back."""
        if way not in {"away", "back"}:
            raise HTTPException(404)
        await access.write(visitor, lambda desk: comments.take_back(desk, known(comment_id), back=way == "back"))
        done = "remark" if way == "back" else f"remark_gone&remark={comment_id}"
        return RedirectResponse(f"/tickets/{ticket_id}?done={done}", 303)

    return router


def _here(desk: Desk, ticket_id: str) -> tuple[viewers.Viewer, ...]:
    work.read(desk, ticket_id)
    return viewers.look(desk, "ticket", ticket_id)
