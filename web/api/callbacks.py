"""Call-backs: who waits to be rung, called off, opened again. Ordering one is a command of the floor."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from lab_server.desk import callbacks
from lab_server.desk.rights import Right
from lab_server.store.tables import Callback, CallbackState, Mode
from web.access import Access, Visitor, signed_in
from web.api.kinds import Id, InMode, Listed, Most, Skip, listed

Reads = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_READ))]
Manages = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_MANAGE))]


class CallbackView(BaseModel):
    """`since`: whose place it keeps; `next_try_at`: not before then. `contact_id` ordered it."""

    id: str
    mode: Mode
    contact_id: str
    customer_id: str | None
    number: str
    queue: str
    state: CallbackState
    since: datetime
    next_try_at: datetime
    tries: int
    last_result: str
    seat: str


def routes(access: Access) -> APIRouter:
    """Below `/api/v1/callbacks`."""
    router = APIRouter(prefix="/api/v1/callbacks", tags=["call-backs"])

    @router.get("")
    async def waiting(
        visitor: Reads, mode: InMode = "training", open_only: bool = True, most: Most = 50, skip: Skip = 0
    ) -> Listed[CallbackView]:
        """In the order in which they are rung."""
        found = await access.read(
            visitor,
            lambda desk: [_view(one) for one in callbacks.listed(desk, mode, open_only=open_only)[skip:][: most + 1]],
        )
        return listed(found, most)

    @router.post("/{callback_id}/cancel")
    async def cancel(callback_id: Id, visitor: Manages) -> CallbackView:
        """Nobody will ring; `reopen` undoes it."""
        return await access.write(visitor, lambda desk: _view(callbacks.cancel(desk, callback_id)))

    @router.post("/{callback_id}/reopen")
    async def reopen(callback_id: Id, visitor: Manages) -> CallbackView:
        """Undo `cancel`, or try one again that failed."""
        return await access.write(visitor, lambda desk: _view(callbacks.reopen(desk, callback_id)))

    return router


def _view(row: Callback) -> CallbackView:
    return CallbackView(**row.model_dump(include=set(CallbackView.model_fields)))
