"""`/desk/score/…`: a call's scorecard, as a page and in the middle of the desk, with the sound that proves it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from lab_server.desk import scorecards
from lab_server.desk.errors import UnknownContactError
from lab_server.desk.rights import Right
from lab_server.ids import is_id
from lab_server.report.audio import AudioError, call_audio
from lab_server.report.words import MEASURES, Words
from web.access import Access, Visitor, signed_in
from web.frame import Frame
from web.practice.ranges import ranged

_PART = "card"


def routes(access: Access, frame: Frame) -> APIRouter:
    """Who may see the scorecard may hear its call: a student the own ones, others those within reach."""
    router = APIRouter()
    Reads = Annotated[Visitor, Depends(signed_in(Right.CALL_READ))]  # noqa: N806 (a type)

    @router.get("/desk/score/{contact_id}")
    async def score(request: Request, contact_id: str, visitor: Reads) -> Response:
        language = frame.language(request, visitor)
        shown = await access.read(visitor, lambda desk: scorecards.card(desk, _known(contact_id), language))
        return frame.page(
            request, "practice/score.html", visitor, part=_PART, card=shown, words=Words(frame.say(request, visitor)),
            measures=MEASURES,
        )  # fmt: skip

    @router.get("/desk/score/{contact_id}/sound")
    async def sound(
        request: Request, contact_id: str, visitor: Reads, mark: Annotated[int | None, Query(ge=1, le=1000)] = None
    ) -> Response:
        """The whole call, or the seconds that prove one mark. Parts of the file can be asked for (Range)."""
        folder = access.settings.recordings
        heard = await access.read(visitor, lambda desk: scorecards.voices(desk, _known(contact_id), folder, mark))
        try:
            content = await asyncio.to_thread(call_audio, heard.caller, heard.agents, heard.clip)
        except AudioError as spoilt:
            raise HTTPException(404) from spoilt
        if content is None:
            raise HTTPException(404)
        return ranged(request, content, "audio/flac")

    return router


def _known(contact_id: str) -> str:
    if not is_id(contact_id):
        raise UnknownContactError("that is no contact's id: take it from the list of your calls")
    return contact_id
