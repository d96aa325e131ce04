"""What colleagues write each other, and what is announced."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, or_, select

from lab_server.desk import reach
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownUserError
from lab_server.desk.rights import Right
from lab_server.desk.typed import typed
from lab_server.store.tables import Announcement, AnnouncementRead, ColleagueMessage, KlassMember, Role, User
from scenarios.facts import Frozen


class MessageView(Frozen):
    """One message between two colleagues."""

    id: str
    sender_id: str
    recipient_id: str
    text: str
    contact_id: str | None
    sent_at: datetime
    read_at: datetime | None


class Colleague(Frozen):
    """Somebody to write to."""

    user_id: str
    name: str
    login: str
    role: Role


class Talk(Frozen):
    """A colleague one has written with: the newest message, and how many wait to be read."""

    user_id: str
    name: str
    last: MessageView
    unread: int


class AnnouncementView(Frozen):
    """Something everybody should know."""

    id: str
    title: str
    text: str
    by: str
    since: datetime
    until: datetime | None
    read: bool
    klass_id: str | None = None
    roles: tuple[str, ...] = ()
    withdrawn: bool = False


def send(
    desk: Desk, recipient_id: str, text: str, idempotency_key: str, *, contact_id: str | None = None
) -> MessageView:
    """Write to a colleague. The same key again is the same message. Raises `UnknownUserError`, `BadValueError`."""
    desk.check(Right.MESSAGE_SEND)
    key = f"{desk.actor.id}/{typed('key', idempotency_key, 80, needed=True)}"
    done = desk.session.exec(select(ColleagueMessage).where(ColleagueMessage.idempotency_key == key)).first()
    if done is not None:
        return _message(done)
    user = desk.session.get(User, recipient_id)
    if user is None or user.site_id != desk.actor.site_id or user.is_robot or user.disabled_at is not None:
        raise UnknownUserError("there is no such colleague: choose one from the list")
    if user.id == desk.actor.id:
        raise BadValueError("a message to oneself reaches nobody: choose a colleague")
    row = ColleagueMessage(
        site_id=user.site_id, sender_id=desk.actor.id, recipient_id=user.id,
        text=typed("text", text, 2000, lines=True, needed=True), contact_id=contact_id, idempotency_key=key,
        sent_at=desk.clock.utc(),
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    return _message(row)


def colleagues(desk: Desk) -> tuple[Colleague, ...]:
    """Whom the actor can write to: the site's staff, and students; to a student those of the own classes."""
    desk.check(Right.MESSAGE_SEND)
    rows = select(User).where(
        User.site_id == desk.actor.site_id, col(User.is_robot).is_(False), col(User.disabled_at).is_(None),
        User.id != desk.actor.id,
    )  # fmt: skip
    group = reach.group(desk.session, desk.actor)
    if group is not None:
        mates = select(KlassMember.user_id).where(col(KlassMember.klass_id).in_(group))
        rows = rows.where(or_(User.role != "student", col(User.id).in_(mates)))
    found = desk.session.exec(rows.order_by(User.name, User.login).limit(1000))
    return tuple(Colleague(user_id=one.id, name=one.name, login=one.login, role=one.role) for one in found)


def with_colleague(desk: Desk, user_id: str, *, most: int = 50) -> tuple[MessageView, ...]:
    """The newest messages with one colleague, the oldest first."""
    me = desk.actor.id
    rows = select(ColleagueMessage).where(
        or_(
            (col(ColleagueMessage.sender_id) == me) & (col(ColleagueMessage.recipient_id) == user_id),
            (col(ColleagueMessage.sender_id) == user_id) & (col(ColleagueMessage.recipient_id) == me),
        )
    )
    newest = desk.session.exec(rows.order_by(col(ColleagueMessage.id).desc()).limit(min(most, 200))).all()
    return tuple(_message(row) for row in reversed(newest))


def mark_read(desk: Desk, user_id: str) -> int:
    """The actor has read what that colleague wrote; returns how many were new."""
    statement = (
        update(ColleagueMessage)
        .where(
            col(ColleagueMessage.recipient_id) == desk.actor.id,
            col(ColleagueMessage.sender_id) == user_id,
            col(ColleagueMessage.read_at).is_(None),
        )
        .values(read_at=desk.clock.utc())
    )
    return int(desk.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def unread(desk: Desk) -> dict[str, int]:
    """Colleague → messages that wait."""
    rows = (
        select(ColleagueMessage.sender_id, func.count())
        .where(ColleagueMessage.recipient_id == desk.actor.id, col(ColleagueMessage.read_at).is_(None))
        .group_by(ColleagueMessage.sender_id)
    )
    return dict(desk.session.exec(rows).all())


def waiting_for(session: Session, user_id: str) -> int:
    """How many messages a user has not read."""
    rows = select(func.count()).where(
        col(ColleagueMessage.recipient_id) == user_id, col(ColleagueMessage.read_at).is_(None)
    )
    return session.exec(rows).one()


def talks(desk: Desk) -> tuple[Talk, ...]:
    """Everybody one has written with lately, the newest first."""
    me, waiting = desk.actor.id, unread(desk)
    rows = select(ColleagueMessage).where(
        or_(col(ColleagueMessage.sender_id) == me, col(ColleagueMessage.recipient_id) == me)
    )
    last: dict[str, ColleagueMessage] = {}
    for row in desk.session.exec(rows.order_by(col(ColleagueMessage.id).desc()).limit(500)):
        last.setdefault(row.recipient_id if row.sender_id == me else row.sender_id, row)
    users = {one.id: one for one in desk.session.exec(select(User).where(col(User.id).in_(last)))}
    return tuple(
        Talk(user_id=one, name=users[one].name, last=_message(row), unread=waiting.get(one, 0))
        for one, row in last.items()
    )


def announce(
    desk: Desk,
    title: str,
    text: str,
    *,
    roles: Sequence[Role] = (),
    klass_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AnnouncementView:
    """Tell everybody, those of `roles`, or those of a class. Raises `BadValueError`, `UnknownUserError`."""
    desk.check(Right.ANNOUNCE)
    begin = since or desk.clock.utc()
    if until is not None and until <= begin:
        raise BadValueError("until: an announcement ends after it begins")
    if klass_id is not None and not reach.has_class(desk.session, desk.actor, klass_id):
        raise UnknownUserError(f"there is no class {klass_id[:40]!r} of yours")
    row = Announcement(
        site_id=desk.actor.site_id, klass_id=klass_id, title=typed("title", title, 120, needed=True),
        text=typed("text", text, 4000, lines=True), roles=list(roles), user_id=desk.actor.id, since=begin, until=until,
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "announced", {"announcement": row.id, "title": row.title})
    return _announcement(row, desk.actor.name, read=False)


def withdraw(desk: Desk, announcement_id: str, *, back: bool = False) -> None:
    """Take it down, or put it up again."""
    desk.check(Right.ANNOUNCE)
    row = _known(desk, announcement_id)
    row.withdrawn_at = None if back else desk.clock.utc()
    desk.session.add(row)
    desk.session.flush()


def announcements(desk: Desk) -> tuple[AnnouncementView, ...]:
    """What is announced to the actor now, the newest first."""
    now = desk.clock.utc()
    rows = (
        select(Announcement, User.name)
        .join(User, col(Announcement.user_id) == col(User.id))
        .where(
            Announcement.site_id == desk.actor.site_id,
            col(Announcement.since) <= now,
            or_(col(Announcement.until).is_(None), col(Announcement.until) > now),
            col(Announcement.withdrawn_at).is_(None),
        )
        .order_by(col(Announcement.since).desc())
        .limit(100)
    )
    group = reach.group(desk.session, desk.actor)
    seen = select(AnnouncementRead.announcement_id).where(AnnouncementRead.user_id == desk.actor.id)
    known = set(desk.session.exec(seen))
    return tuple(
        _announcement(row, name, read=row.id in known)
        for row, name in desk.session.exec(rows)
        if (not row.roles or desk.actor.role in row.roles)
        and (row.klass_id is None or group is None or row.klass_id in group)
    )


def announced(desk: Desk) -> tuple[AnnouncementView, ...]:
    """All that was announced at the site, over or withdrawn too, the newest first: to who may announce."""
    desk.check(Right.ANNOUNCE)
    rows = (
        select(Announcement, User.name)
        .join(User, col(Announcement.user_id) == col(User.id))
        .where(Announcement.site_id == desk.actor.site_id)
    )
    group = reach.group(desk.session, desk.actor)
    found = desk.session.exec(rows.order_by(col(Announcement.since).desc()).limit(50))
    return tuple(
        _announcement(row, name, read=True)
        for row, name in found
        if row.klass_id is None or group is None or row.klass_id in group
    )


def mark_announcement(desk: Desk, announcement_id: str) -> None:
    """The actor has read it."""
    row = _known(desk, announcement_id)
    rows = select(AnnouncementRead).where(
        AnnouncementRead.announcement_id == row.id, AnnouncementRead.user_id == desk.actor.id
    )
    if desk.session.exec(rows).first() is None:
        desk.session.add(
            AnnouncementRead(site_id=row.site_id, announcement_id=row.id, user_id=desk.actor.id, at=desk.clock.utc())
        )
        desk.session.flush()


def _known(desk: Desk, announcement_id: str) -> Announcement:
    row = desk.session.get(Announcement, announcement_id)
    if row is None or row.site_id != desk.actor.site_id:
        raise BadValueError(f"there is no announcement {announcement_id[:40]!r}")
    return row


def _announcement(row: Announcement, by: str, *, read: bool) -> AnnouncementView:
    return AnnouncementView(
        id=row.id, title=row.title, text=row.text, by=by, since=row.since, until=row.until, read=read,
        klass_id=row.klass_id, roles=tuple(row.roles), withdrawn=row.withdrawn_at is not None,
    )  # fmt: skip


def _message(row: ColleagueMessage) -> MessageView:
    return MessageView(**row.model_dump(include=set(MessageView.model_fields)))
