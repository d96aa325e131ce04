"""Remarks on a ticket, by whoever works on it."""

from datetime import datetime

from sqlmodel import col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import NotYoursError, UnknownTicketError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import views, work
from lab_server.desk.typed import typed
from lab_server.store.tables import TicketComment, User
from scenarios.facts import Frozen


class CommentView(Frozen):
    """One remark: plain text."""

    id: str
    user_id: str
    name: str
    text: str
    at: datetime


def add(desk: Desk, ticket_id: str, text: str) -> str:
    """Write a remark and return its id; does not count as a change of the ticket. Raises `BadValueError`."""
    row = views.ticket(desk, ticket_id, Right.TICKET_EDIT)
    comment = TicketComment(
        site_id=row.site_id, ticket_id=row.id, user_id=desk.actor.id,
        text=typed("text", text, 4000, lines=True, needed=True), at=desk.clock.utc(),
    )  # fmt: skip
    desk.session.add(comment)
    work.step(desk, row, "commented", {"comment": comment.id})
    return comment.id


def take_back(desk: Desk, comment_id: str, *, back: bool = False) -> None:
    """Who wrote a remark takes it away; `back`: it is there again."""
    comment = desk.session.get(TicketComment, comment_id)
    if comment is None or comment.site_id != desk.actor.site_id:
        raise UnknownTicketError(f"there is no remark {comment_id!r}")
    if comment.user_id != desk.actor.id:
        raise NotYoursError("only who wrote a remark may take it back")
    comment.deleted_at = None if back else desk.clock.utc()
    desk.session.add(comment)
    work.step(desk, views.ticket(desk, comment.ticket_id, Right.TICKET_EDIT), "uncommented", {"comment": comment.id})


def listed(desk: Desk, ticket_id: str) -> tuple[CommentView, ...]:
    """The ticket's remarks, the oldest first."""
    views.ticket(desk, ticket_id, Right.TICKET_READ)
    rows = (
        select(TicketComment, User.name)
        .join(User, col(TicketComment.user_id) == col(User.id))
        .where(TicketComment.ticket_id == ticket_id, col(TicketComment.deleted_at).is_(None))
        .order_by(col(TicketComment.at), col(TicketComment.id))
    )
    return tuple(
        CommentView(id=one.id, user_id=one.user_id, name=name, text=one.text, at=one.at)
        for one, name in desk.session.exec(rows)
    )
