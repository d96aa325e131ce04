"""Classes: the list of them, one with its members, the bell."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import classes
from lab_server.desk.classes import Member
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, DeskError, UnknownUserError
from lab_server.desk.rights import Right
from lab_server.desk.users import of_login
from lab_server.store.tables import Klass
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.instructor.said import said
from web.refusals import sentence, status_of


@dataclass(frozen=True)
class ClassView:
    """A class with its members and how many are here."""

    klass: Klass
    members: list[Member]

    @property
    def here(self) -> int:
        return sum(member.signed_in for member in self.members)


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/classes` and what is below it, but for the import."""
    router = APIRouter(prefix="/classes")
    Reads = Annotated[Visitor, Depends(signed_in(Right.CLASS_READ))]  # noqa: N806 (a type)
    Runs = Annotated[Visitor, Depends(signed_in(Right.CLASS_MANAGE))]  # noqa: N806

    async def listing(request: Request, visitor: Visitor, refused: DeskError | None = None) -> Response:
        found = await access.read(visitor, classes.listed)
        return frame.page(
            request, "instructor/classes.html", visitor, status=status_of(refused) if refused else 200, classes=found,
            said=sentence(frame.say(request, visitor), refused) if refused else "",
        )  # fmt: skip

    async def one(request: Request, visitor: Visitor, klass_id: str, refused: DeskError | None = None) -> Response:
        view = await access.read(visitor, lambda desk: _view(desk, klass_id))
        say = frame.say(request, visitor)
        return frame.page(
            request, "instructor/class.html", visitor, part="members", view=view, rights=Right,
            status=status_of(refused) if refused else 200,
            said=sentence(say, refused) if refused else said(say, request.query_params.get("done", "")),
        )  # fmt: skip

    @router.get("")
    async def every(request: Request, visitor: Reads) -> Response:
        return await listing(request, visitor)

    @router.post("")
    async def make(request: Request, visitor: Runs) -> Response:
        form = await fields(request)
        try:
            made = await access.write(
                visitor, lambda desk: classes.make(desk, form.get("name", ""), form.get("course", "")).id
            )
        except DeskError as error:
            return await listing(request, visitor, error)
        return RedirectResponse(f"/classes/{made}", 303)

    @router.get("/{klass_id}")
    async def show(request: Request, klass_id: str, visitor: Reads) -> Response:
        return await one(request, visitor, klass_id)

    @router.post("/{klass_id}/bell")
    async def bell(request: Request, klass_id: str, visitor: Runs) -> Response:
        """Sign everybody out at a time of today or tomorrow; no time takes the bell away."""
        at, zone = (await fields(request)).get("at", "").strip(), access.settings.zone
        try:
            await access.write(visitor, lambda desk: _set_bell(desk, klass_id, at, zone))
        except DeskError as error:
            return await one(request, visitor, klass_id, error)
        return RedirectResponse(f"/classes/{klass_id}?done=bell", 303)

    @router.post("/{klass_id}/ring")
    async def ring(klass_id: str, visitor: Runs) -> Response:
        access.ended(await access.write(visitor, lambda desk: classes.ring(desk, classes.known(desk, klass_id))))
        return RedirectResponse(f"/classes/{klass_id}?done=rung", 303)

    @router.post("/{klass_id}/members")
    async def add(request: Request, klass_id: str, visitor: Runs) -> Response:
        login = (await fields(request)).get("login", "")
        try:
            await access.write(visitor, lambda desk: _add(desk, klass_id, login))
        except DeskError as error:
            return await one(request, visitor, klass_id, error)
        return RedirectResponse(f"/classes/{klass_id}?done=joined", 303)

    @router.post("/{klass_id}/remove")
    async def remove(request: Request, klass_id: str, visitor: Runs) -> Response:
        login = (await fields(request)).get("login", "")
        await access.write(visitor, lambda desk: _remove(desk, klass_id, login))
        return RedirectResponse(f"/classes/{klass_id}?done=left", 303)

    return router


def _view(desk: Desk, klass_id: str) -> ClassView:
    klass = classes.known(desk, klass_id)
    return ClassView(klass, classes.members(desk, klass))


def _set_bell(desk: Desk, klass_id: str, at: str, zone: tzinfo) -> None:
    klass = classes.known(desk, klass_id)
    classes.set_bell(desk, klass, next_time(at, desk.clock.utc(), zone) if at else None)


def next_time(at: str, now: datetime, zone: tzinfo) -> datetime:
    """The next moment at which the site's clocks show `at` (`16:35`). Raises `BadValueError`."""
    try:
        wanted = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007 (a time of day)
    except ValueError as error:
        raise BadValueError("a time of day is written as 16:35") from error
    here = now.astimezone(zone)
    first = here.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return first if first > here else first + timedelta(days=1)


def _add(desk: Desk, klass_id: str, login: str) -> None:
    klass, user = classes.known(desk, klass_id), of_login(desk.session, desk.actor.site_id, login)
    if user is None or user.disabled_at is not None:
        raise UnknownUserError(f"there is no user {login!r}")
    classes.add_member(desk, klass, user)


def _remove(desk: Desk, klass_id: str, login: str) -> None:
    klass, user = classes.known(desk, klass_id), of_login(desk.session, desk.actor.site_id, login)
    if user is not None:
        classes.remove_member(desk, klass, user)
