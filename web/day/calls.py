"""`/day`: the own calls of a day or of all, with filters, and the numbers of today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import col, select

from lab_server.desk.day import board
from lab_server.desk.day.board import MyCall, MyFigures
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.store.tables import ContactDirection, Scorecard
from web.access import Access, Visitor, signed_in
from web.frame import Frame

PAGE = 50
_DIRECTIONS: dict[str, ContactDirection] = {"in": "in", "out": "out"}


@dataclass(frozen=True)
class Wanted:
    """What the filters say; what is none of ours counts for nothing."""

    on: str = ""
    way: str = ""
    kind: str = ""
    queue: str = ""
    text: str = ""
    before: str = ""

    def query(self, **other: str) -> dict[str, str]:
        """For a link: these filters with some changed."""
        asked = {"on": self.on, "way": self.way, "kind": self.kind, "queue": self.queue, "q": self.text, **other}
        return {name: value for name, value in asked.items() if value}


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/day`."""
    router = APIRouter()
    Works = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]  # noqa: N806 (a type)

    @router.get("/day")
    async def day(request: Request, visitor: Works) -> Response:
        asked = request.query_params
        wanted = Wanted(
            asked.get("on", "")[:10], asked.get("way", "")[:4], asked.get("kind", "")[:10], asked.get("queue", "")[:40],
            " ".join(asked.get("q", "").replace("\0", "").split())[:40], asked.get("before", "")[:40],
        )  # fmt: skip
        calls, scores, figures = await access.read(visitor, lambda desk: _read(desk, wanted, access))
        return frame.page(
            request, "day/calls.html", visitor, part="calls", calls=calls, scores=scores, figures=figures,
            wanted=wanted, queues=access.settings.queues,
            more=calls[-1].at.isoformat() if len(calls) == PAGE else "",
        )  # fmt: skip

    return router


def _read(desk: Desk, wanted: Wanted, access: Access) -> tuple[tuple[MyCall, ...], dict[str, float], MyFigures]:
    since, until = _day(wanted.on, access)
    before = _moment(wanted.before)
    found = board.calls(
        desk, since=since, before=min(filter(None, (before, until)), default=None), most=PAGE,
        direction=_DIRECTIONS.get(wanted.way), missed={"missed": True, "answered": False}.get(wanted.kind),
        queue=wanted.queue, text=wanted.text,
    )  # fmt: skip
    rows = select(Scorecard.contact_id, Scorecard.score).where(
        col(Scorecard.contact_id).in_([one.contact_id for one in found]), Scorecard.user_id == desk.actor.id
    )
    scores = {contact: score for contact, score in desk.session.exec(rows) if score is not None}
    return found, scores, board.figures(desk)


def _day(text: str, access: Access) -> tuple[datetime | None, datetime | None]:
    """A day of the site's clock, from and until."""
    try:
        begin = datetime.combine(date.fromisoformat(text), time(), access.settings.zone)
        return begin, begin + timedelta(days=1)
    except (ValueError, OverflowError):
        return None, None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
