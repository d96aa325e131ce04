"""A one-time link's page: set a password, be signed in. Also what a fresh installation shows."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select

from lab_server.desk import links, web_sessions
from lab_server.desk.errors import LinkError
from lab_server.desk.passwords import LONGEST, SHORTEST, hashed
from lab_server.store.tables import User
from web.access import Access, demand_own_origin, fields, source_of
from web.frame import Frame
from web.refusals import sentence, status_of


def nobody_can_sign_in(session: Session, site_id: str) -> bool:
    """Whether the installation is so fresh that nobody has a password."""
    asked = select(User.id).where(
        User.site_id == site_id,
        col(User.password) != "",
        col(User.is_robot).is_(False),
        col(User.disabled_at).is_(None),
    )
    return session.exec(asked).first() is None


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/first`: opening the link changes nothing, so that a preview of it does no harm."""
    router = APIRouter()

    def page(request: Request, user: User, key: str, wrong: str = "") -> Response:
        return frame.page(
            request, "door/first.html", status=422 if wrong else 200, user=user, key=key, wrong=wrong,
            shortest=SHORTEST, longest=LONGEST,
        )  # fmt: skip

    @router.get("/first")
    async def show(request: Request) -> Response:
        key = request.query_params.get("key", "")[:100]
        try:
            user = await access.reader.run(lambda session: links.user_of(session, access.clock, key))
        except LinkError as error:
            return gone(request, error)
        return page(request, user, key)

    @router.post("/first")
    async def use(request: Request) -> Response:
        demand_own_origin(request)
        form = await fields(request)
        key, password = form.get("key", "")[:100], form.get("password", "")
        wrong = fault(password, form.get("again", ""))
        try:
            user = await access.reader.run(lambda session: links.user_of(session, access.clock, key))
            if wrong:
                return page(request, user, key, wrong)
            kept = await access.hashed(lambda: hashed(password))
            source = source_of(request)
            secret = await access.writer.run(lambda session: _let_in(session, access, key, kept, source))
        except LinkError as error:
            return gone(request, error)
        answer = RedirectResponse("/", 303)
        access.cookies.keep_session(request, answer, secret)
        return answer

    def gone(request: Request, error: LinkError) -> Response:
        said = sentence(frame.say(request, None), error)
        return frame.page(request, "refused.html", status=status_of(error), said=said)

    return router


def fault(password: str, again: str) -> str:
    """What is wrong with a new password: "length", "again", or "" for nothing."""
    if not SHORTEST <= len(password) <= LONGEST:
        return "length"
    return "" if password == again else "again"


def _let_in(session: Session, access: Access, key: str, kept: str, source: str) -> str:
    user = links.use(session, access.clock, key, kept, source)
    return web_sessions.open_session(session, access.clock, user, source)[1]
