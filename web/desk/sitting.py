"""Sitting down without choosing: at the own seat, else at the first that is free."""

from sqlmodel import Session

from lab_server.desk import seating
from lab_server.desk.errors import DeskError, SeatTakenError
from lab_server.store.tables import User, WebSession
from web.access import Access, Visitor


async def sat_down(access: Access, visitor: Visitor) -> Visitor | None:
    """The visitor at a seat; None if there is none free."""
    if visitor.seat is not None or visitor.session_id is None:
        return visitor if visitor.seat is not None else None
    found = await access.writer.run(lambda session: _sit(session, access, visitor))
    return Visitor(visitor.user, found, visitor.session_id, visitor.csrf, visitor.source) if found else None


def _sit(session: Session, access: Access, visitor: Visitor) -> str:
    row, user = session.get_one(WebSession, visitor.session_id), session.get_one(User, visitor.user.id)
    for number in seating.free(session, access.clock, user.site_id):
        try:
            seating.take(session, access.clock, row, user, number)
        except SeatTakenError:
            continue
        except DeskError:
            break
        return number
    return ""
