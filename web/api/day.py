"""Who one is, the own day, what colleagues write, what is announced."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field
from sqlmodel import col, or_, select

from lab_server.desk import reach
from lab_server.desk.day import board, notices
from lab_server.desk.day.board import Today
from lab_server.desk.day.notices import AnnouncementView, MessageView, Talk
from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownContactError
from lab_server.desk.rights import RIGHTS, Right
from lab_server.ids import new_id
from lab_server.store.tables import KlassMember, Role, Seat, User
from web.access import Access, Visitor, signed_in
from web.api.kinds import Body, Done, Id, InMode, Listed, Moment, Most

Own = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]
Watches = Annotated[Visitor, Depends(signed_in(Right.CALLBACK_READ))]
Writes = Annotated[Visitor, Depends(signed_in(Right.MESSAGE_SEND))]
Announces = Annotated[Visitor, Depends(signed_in(Right.ANNOUNCE))]


class Me(BaseModel):
    """`seat`: the extension where the user sits now. `rights`: what the role may do, at least to what is its own."""

    id: str
    login: str
    name: str
    role: Role
    language: str
    seat: str | None
    rights: tuple[str, ...]


class Colleague(BaseModel):
    """Somebody one can write to or call. `seat`: where he sits now."""

    id: str
    name: str
    role: Role
    seat: str | None


class Message(Body):
    """`contact_id`: what it is about, if it is about a call."""

    text: str = Field(min_length=1, max_length=2000)
    contact_id: Id | None = None


class NewAnnouncement(Body):
    """To everybody, to those of `roles`, or to a class; from `since` (now) to `until` (withdrawn)."""

    title: str = Field(min_length=1, max_length=120)
    text: str = Field(default="", max_length=4000)
    roles: tuple[Role, ...] = Field(default=(), max_length=5)
    klass_id: Id | None = None
    since: Moment | None = None
    until: Moment | None = None


def routes(access: Access) -> APIRouter:
    """`/api/v1/me`, `/api/v1/colleagues`, `/api/v1/messages`, `/api/v1/announcements`."""
    router = APIRouter(prefix="/api/v1", tags=["day"])

    @router.get("/me")
    async def me(visitor: Own) -> Me:
        """Whose rights this program has."""
        user = visitor.user
        return Me(
            id=user.id, login=user.login, name=user.name, role=user.role, language=user.language, seat=visitor.seat,
            rights=tuple(sorted(RIGHTS[user.role])),
        )  # fmt: skip

    @router.get("/me/today")
    async def today(visitor: Watches, mode: InMode = "training") -> Today:
        """The own numbers, the last calls, call-backs that are due, mailboxes, what is announced."""
        return await access.read(visitor, lambda desk: board.today(desk, mode))

    @router.get("/colleagues")
    async def colleagues(visitor: Writes) -> Listed[Colleague]:
        """To a student: the own classes and the staff."""
        return Listed(items=await access.read(visitor, _colleagues))

    @router.get("/messages")
    async def talks(visitor: Writes) -> Listed[Talk]:
        """Everybody one has written with, the newest first, with how many messages wait."""
        return Listed(items=await access.read(visitor, notices.talks))

    @router.get("/messages/{user_id}")
    async def messages(user_id: Id, visitor: Writes, most: Most = 50) -> Listed[MessageView]:
        """The newest with one colleague, the oldest first."""
        return Listed(items=await access.read(visitor, lambda desk: notices.with_colleague(desk, user_id, most=most)))

    @router.post("/messages/{user_id}")
    async def send(
        user_id: Id,
        message: Message,
        visitor: Writes,
        idempotency_key: Annotated[str, Header(max_length=64)] = "",
    ) -> MessageView:
        """The same key again is the same message."""

        def work(desk: Desk) -> MessageView:
            if message.contact_id is not None and not reach.has_contact(desk.session, desk.actor, message.contact_id):
                raise UnknownContactError(f"there is no contact {message.contact_id!r} of yours")
            key = idempotency_key or new_id()
            return notices.send(desk, user_id, message.text, key, contact_id=message.contact_id)

        return await access.write(visitor, work)

    @router.post("/messages/{user_id}/read")
    async def mark_read(user_id: Id, visitor: Writes) -> Done:
        """What that colleague wrote has been read."""
        await access.write(visitor, lambda desk: notices.mark_read(desk, user_id))
        return Done()

    @router.get("/announcements")
    async def announcements(visitor: Own) -> Listed[AnnouncementView]:
        """What is announced to the reader now, the newest first."""
        return Listed(items=await access.read(visitor, notices.announcements))

    @router.post("/announcements")
    async def announce(new: NewAnnouncement, visitor: Announces) -> AnnouncementView:
        more = new.model_dump(exclude={"title", "text"})
        return await access.write(visitor, lambda desk: notices.announce(desk, new.title, new.text, **more))

    @router.post("/announcements/{announcement_id}/read")
    async def mark(announcement_id: Id, visitor: Own) -> Done:
        await access.write(visitor, lambda desk: notices.mark_announcement(desk, announcement_id))
        return Done()

    @router.delete("/announcements/{announcement_id}")
    async def withdraw(announcement_id: Id, visitor: Announces) -> Done:
        await access.write(visitor, lambda desk: notices.withdraw(desk, announcement_id))
        return Done()

    @router.post("/announcements/{announcement_id}/bring-back")
    async def put_up_again(announcement_id: Id, visitor: Announces) -> Done:
        await access.write(visitor, lambda desk: notices.withdraw(desk, announcement_id, back=True))
        return Done()

    return router


def _colleagues(desk: Desk) -> tuple[Colleague, ...]:
    rows = (
        select(User, Seat.number)
        .join(Seat, col(Seat.user_id) == col(User.id), isouter=True)
        .where(
            User.site_id == desk.actor.site_id, User.id != desk.actor.id, col(User.disabled_at).is_(None),
            col(User.is_robot).is_(False),
        )
        .order_by(col(User.name), col(User.id))
    )  # fmt: skip
    if desk.actor.role == "student":
        group = reach.group(desk.session, desk.actor) or frozenset()
        mates = select(KlassMember.user_id).where(col(KlassMember.klass_id).in_(group))
        rows = rows.where(or_(col(User.role) != "student", col(User.id).in_(mates)))
    found = desk.session.exec(rows.limit(1000))
    return tuple(Colleague(id=user.id, name=user.name, role=user.role, seat=seat) for user, seat in found)
