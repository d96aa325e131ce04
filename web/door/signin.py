"""Signing in: from the class list with a PIN, or by login and password."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from lab_server.desk import classes, seating, sign_in
from lab_server.desk.passwords import hashed_pin, is_outdated
from lab_server.ids import is_id
from lab_server.store.tables import Klass, User
from web.access import Access, demand_own_origin, fields, source_of
from web.cookies import KLASS
from web.door.first import nobody_can_sign_in
from web.frame import Frame
from web.paths import local


@dataclass(frozen=True)
class Listed:
    """What the sign-in page offers: the classes, one class's names, who sat here lately."""

    classes: list[tuple[Klass, int]]
    chosen: Klass | None
    names: list[User]
    lately: list[User]


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/signin`."""
    router = APIRouter()

    async def page(
        request: Request, status: int = 200, wait_s: float = 0.0, wrong: str = "", login: str = ""
    ) -> Response:
        site = await access.site()
        if not site or await access.reader.run(lambda session: nobody_can_sign_in(session, site)):
            return frame.page(request, "door/steps.html")
        wish = request.query_params.get("klass", "") or access.cookies.klass(request)
        pc = access.cookies.seat(request)
        listed = await access.reader.run(lambda session: _listed(session, access, site, wish, pc))
        return frame.page(
            request, "door/signin.html", status=status, listed=listed, wait_s=round(wait_s), wrong=wrong,
            login=login[:40], next=local(request.query_params.get("next", "/")),
        )  # fmt: skip

    @router.get("/signin")
    async def show(request: Request) -> Response:
        return await page(request)

    @router.post("/signin")
    async def enter(request: Request) -> Response:
        demand_own_origin(request)
        site, form = await access.site(), await fields(request)
        who, login, secret = form.get("user", ""), form.get("login", ""), form.get("secret", "")
        if not site or not (is_id(who) or login.strip()):
            return await page(request, 422, wrong="who")
        chosen = {"user_id": who} if is_id(who) else {"login": login}
        made = await access.writer.run(
            lambda session: sign_in.begin(session, access.clock, site, source_of(request), **chosen)
        )
        if made.wait_s > 0:
            return await page(request, 429, wait_s=made.wait_s, login=login)
        if not await access.fits(secret, made.kept) or made.user_id is None:
            lock_s = await access.writer.run(lambda session: sign_in.failed(session, access.clock, site, made))
            return await page(request, 401, wait_s=lock_s, wrong="secret", login=login)
        new_hash = await access.hashed(lambda: hashed_pin(secret)) if is_outdated(made.kept) else ""
        before = await access.visitor(request)
        instead_of = (before.session_id or "") if before is not None else ""
        seat = access.cookies.seat(request)
        entered = await access.writer.run(
            lambda session: sign_in.let_in(
                session, access.clock, made, seat=seat, new_hash=new_hash, instead_of=instead_of
            )
        )
        if entered is None:
            return await page(request, 401, wrong="secret", login=login)
        if instead_of:
            access.ended([instead_of])
        return _inside(request, form, *entered)

    def _inside(request: Request, form: dict[str, str], row: object, secret: str) -> Response:
        answer = RedirectResponse(local(form.get("next", "/")), 303)
        access.cookies.keep_session(request, answer, secret)
        if is_id(form.get("klass", "")):
            access.cookies.keep_plain(request, answer, KLASS, form["klass"])
        return answer

    return router


def _listed(session: Session, access: Access, site: str, wish: str, pc: str) -> Listed:
    every = classes.with_counts(session, site)
    filled = [(klass, count) for klass, count in every if count]
    chosen = next((klass for klass, _ in filled if klass.id == wish), filled[0][0] if len(filled) == 1 else None)
    names = [user for user in classes.students(session, chosen.id) if user.password] if chosen is not None else []
    lately = seating.lately(session, access.clock, site, pc) if pc else []
    return Listed(filled, chosen, names, lately)
