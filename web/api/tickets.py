"""Tickets: listed, opened, changed by version, handed on, closed; their remarks and history."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import categories, comments, work
from lab_server.desk.ticketing.categories import CategoryNode
from lab_server.desk.ticketing.comments import CommentView
from lab_server.desk.ticketing.views import TicketStep, TicketView
from lab_server.store.tables import Mode, TicketKind, TicketState, Urgency
from web.access import Access, Visitor, signed_in
from web.api.kinds import Body, Done, Id, InMode, Listed, Moment, Most, Skip, Version, listed

Reads = Annotated[Visitor, Depends(signed_in(Right.TICKET_READ))]
Edits = Annotated[Visitor, Depends(signed_in(Right.TICKET_EDIT))]
Assigns = Annotated[Visitor, Depends(signed_in(Right.TICKET_ASSIGN))]
Pile = Literal["mine", "written", "open", "overdue", "all"]
Title = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]


class NewTicket(Body):
    """`due_at` left out: as its urgency says. Of a `contact_id` that has a ticket already, that one is brought up to
    date."""

    mode: Mode = "training"
    kind: TicketKind
    title: Title
    text: Text = ""
    customer_id: Id | None = None
    contact_id: Id | None = None
    category_id: Id | None = None
    urgency: Urgency = "normal"
    due_at: Moment | None = None


class ChangedTicket(Body):
    """Only what is named is changed. `version`: the one that was read; 409 `desk.changed` if there is a newer."""

    version: Version
    kind: TicketKind | None = None
    title: Title | None = None
    text: Text | None = None
    customer_id: Id | None = None
    category_id: Id | None = None
    urgency: Urgency | None = None
    due_at: Moment | None = None


class Assigned(Body):
    """`user_id` null: nobody has it."""

    version: Version
    user_id: Id | None


class Moved(Body):
    """Resolve, close, open again."""

    version: Version
    state: TicketState
    reason: str = Field(default="", max_length=500)


class Remark(Body):
    text: Text


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/tickets`, and the tree `/api/v1/ticket-categories`."""
    router = APIRouter(prefix="/api/v1", tags=["tickets"])

    @router.get("/tickets")
    async def pile(
        visitor: Reads, which: Pile = "mine", mode: InMode = "training", most: Most = 50, skip: Skip = 0
    ) -> Listed[TicketView]:
        """What waits, the first due first."""
        found = await access.read(visitor, lambda desk: work.pile(desk, mode, which, most=most + 1, skip=skip))
        return listed(found, most)

    @router.post("/tickets")
    async def open_ticket(new: NewTicket, visitor: Edits) -> TicketView:
        more = new.model_dump(exclude={"mode", "kind", "title"})
        return await access.write(visitor, lambda desk: work.open_ticket(desk, new.mode, new.kind, new.title, **more))

    @router.get("/ticket-categories")
    async def tree(visitor: Reads) -> Listed[CategoryNode]:
        """The tree of categories, from its roots."""
        return Listed(items=await access.read(visitor, lambda desk: categories.tree(desk.session, desk.actor.site_id)))

    @router.get("/tickets/{ticket_id}")
    async def read(ticket_id: Id, visitor: Reads) -> TicketView:
        return await access.read(visitor, lambda desk: work.read(desk, ticket_id))

    @router.patch("/tickets/{ticket_id}")
    async def change(ticket_id: Id, changed: ChangedTicket, visitor: Edits) -> TicketView:
        values = changed.model_dump(exclude={"version"}, exclude_unset=True)

        def work_(desk: Desk) -> TicketView:
            for name in ("kind", "title", "text", "urgency"):
                if name in values and values[name] is None:
                    raise BadValueError(f"{name}: a ticket cannot be without it")
            return work.change(desk, ticket_id, changed.version, **values)

        return await access.write(visitor, work_)

    @router.post("/tickets/{ticket_id}/assign")
    async def assign(ticket_id: Id, to: Assigned, visitor: Assigns) -> TicketView:
        """Hand it to a colleague."""
        return await access.write(visitor, lambda desk: work.assign(desk, ticket_id, to.version, to.user_id))

    @router.post("/tickets/{ticket_id}/move")
    async def move(ticket_id: Id, to: Moved, visitor: Edits) -> TicketView:
        """409 `desk.state` names the steps there are."""
        return await access.write(visitor, lambda desk: work.move(desk, ticket_id, to.version, to.state, to.reason))

    @router.get("/tickets/{ticket_id}/history")
    async def history(ticket_id: Id, visitor: Reads) -> Listed[TicketStep]:
        """Every step, the oldest first."""
        return Listed(items=await access.read(visitor, lambda desk: work.history(desk, ticket_id)))

    @router.get("/tickets/{ticket_id}/comments")
    async def remarks(ticket_id: Id, visitor: Reads) -> Listed[CommentView]:
        """The remarks, the oldest first."""
        return Listed(items=await access.read(visitor, lambda desk: comments.listed(desk, ticket_id)))

    @router.post("/tickets/{ticket_id}/comments")
    async def remark(ticket_id: Id, said: Remark, visitor: Edits) -> Listed[CommentView]:
        """Write one; all of them come back."""

        def write(desk: Desk) -> tuple[CommentView, ...]:
            comments.add(desk, ticket_id, said.text)
            return comments.listed(desk, ticket_id)

        return Listed(items=await access.write(visitor, write))

    @router.delete("/ticket-comments/{comment_id}")
    async def take_back(comment_id: Id, visitor: Edits) -> Done:
        """By who wrote it."""
        await access.write(visitor, lambda desk: comments.take_back(desk, comment_id))
        return Done()

    @router.post("/ticket-comments/{comment_id}/bring-back")
    async def bring_back(comment_id: Id, visitor: Edits) -> Done:
        await access.write(visitor, lambda desk: comments.take_back(desk, comment_id, back=True))
        return Done()

    return router
