"""`/me?key=…`: the seat of the person at the machine in `ringside demo --me`. No password; on this machine only."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from lab_server.desk import guests
from lab_server.desk.errors import LinkError
from web.access import Access, csrf_of, demand_own_origin, fields, source_of
from web.frame import Frame
from web.practice.call import desk_that_takes
from web.refusals import sentence, status_of
from web.seats import from_here

_LONGEST = 100


def routes(access: Access, frame: Frame) -> APIRouter:
    """Opening the link changes nothing (a browser may look at it in advance); its button uses it up."""
    router = APIRouter()

    @router.get("/me")
    async def show(request: Request) -> Response:
        _demand_here(request)
        visitor = await access.visitor(request)
        if visitor is not None and visitor.user.login == guests.GUEST and visitor.seat is not None:
            return RedirectResponse("/desk", 303)
        key = request.query_params.get("key", "")[:_LONGEST]
        try:
            _, seat = await access.reader.run(lambda session: guests.of_key(session, access.clock, key))
        except LinkError as error:
            return gone(request, error)
        return frame.page(request, "practice/me.html", key=key, seat=seat)

    @router.post("/me")
    async def sit(request: Request) -> Response:
        _demand_here(request)
        demand_own_origin(request)
        key, source = (await fields(request)).get("key", "")[:_LONGEST], source_of(request)
        try:
            secret = await access.writer.run(lambda session: guests.enter(session, access.clock, key, source))
        except LinkError as error:
            return gone(request, error)
        answer = RedirectResponse(desk_that_takes(csrf_of(secret)), 303)
        access.cookies.keep_session(request, answer, secret)
        return answer

    def gone(request: Request, error: LinkError) -> Response:
        said = sentence(frame.say(request, None), error)
        return frame.page(request, "refused.html", status=status_of(error), said=said)

    return router


def _demand_here(request: Request) -> None:
    if not from_here(request):
        raise HTTPException(403)
