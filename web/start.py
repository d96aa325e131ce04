"""The start page: for staff the floor and the classes that were run, for a student the own day. And the reports."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import col, select

from lab_server.desk import reach
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.scorecards import scores_of
from lab_server.ids import is_id
from lab_server.overview import REPORT, SessionView, Settled, sessions
from lab_server.store.tables import Contact, LabSession, Leg
from web.access import Access, Visitor, signed_in
from web.frame import Frame
from web.live import Live

_LATEST = 20


def routes(access: Access, frame: Frame, live: Live) -> APIRouter:
    """`/`, `/api/sessions`, `/api/floor/events` and `/reports`."""
    router = APIRouter()
    Anybody = Annotated[Visitor, Depends(signed_in(Right.PROFILE_EDIT))]  # noqa: N806 (a type)
    Looks = Annotated[Visitor, Depends(signed_in(Right.SESSION_READ))]  # noqa: N806
    Watches = Annotated[Visitor, Depends(signed_in(Right.QUEUE_READ))]  # noqa: N806
    Reads = Annotated[Visitor, Depends(signed_in(Right.REPORT_READ))]  # noqa: N806
    files, settled = StaticFiles(directory=access.settings.reports), Settled(access.clock)

    @router.get("/")
    async def start(request: Request, visitor: Anybody) -> Response:
        if visitor.may(Right.SESSION_READ):
            known = await access.read(visitor, lambda desk: _known(desk, access, settled))
            return frame.page(request, "start.html", visitor, sessions=known)
        calls, scores = await access.read(visitor, _latest)
        return frame.page(request, "day.html", visitor, calls=calls, scores=scores)

    @router.get("/api/sessions")
    async def api_sessions(visitor: Looks) -> list[SessionView]:
        return await access.read(visitor, lambda desk: _known(desk, access, settled))

    @router.get("/api/floor/events")
    async def floor_events(visitor: Watches) -> StreamingResponse:
        return StreamingResponse(access.while_signed_in(visitor, live.events()), media_type="text/event-stream")

    @router.get("/reports/{session_id}/", include_in_schema=False)
    async def report(session_id: str, _visitor: Reads) -> RedirectResponse:
        if not is_id(session_id):
            raise HTTPException(404)
        return RedirectResponse(f"/reports/{session_id}/{REPORT}")

    @router.get("/reports/{session_id}/{path:path}", include_in_schema=False)
    async def report_file(request: Request, session_id: str, path: str, visitor: Reads) -> Response:
        """A report and what lies beside it, of a session within the visitor's reach. Parts of a sound can be asked."""
        if not is_id(session_id) or not await access.read(visitor, lambda desk: _within(desk, session_id)):
            raise HTTPException(404)
        return await files.get_response(f"{session_id}/{path}", request.scope)

    return router


def _within(desk: Desk, session_id: str) -> bool:
    lab = desk.session.get(LabSession, session_id)
    return lab is not None and reach.has_lab_session(desk.session, desk.actor, lab)


def _known(desk: Desk, access: Access, settled: Settled) -> list[SessionView]:
    return sessions(desk.session, access.settings.reports, reach.lab_sessions(desk.session, desk.actor), settled)


def _latest(desk: Desk) -> tuple[list[Contact], dict[str, float]]:
    """The student's newest calls, and the scores of those that are graded."""
    legs = (
        select(Leg.contact_id)
        .where(Leg.user_id == desk.actor.id, Leg.role == "agent")
        .order_by(col(Leg.started_at).desc())
        .limit(3 * _LATEST)  # who was rung twice in one call has two legs in it
    )
    asked = select(Contact).where(col(Contact.id).in_(desk.session.exec(legs).all()))
    calls = list(desk.session.exec(asked.order_by(col(Contact.offered_at).desc()).limit(_LATEST)))
    return calls, scores_of(desk, [call.id for call in calls])
