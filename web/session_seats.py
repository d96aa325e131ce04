"""Who sits where, by his session: what the phone's pages ask (`web.seats.Seating`) once people sign in."""

from starlette.requests import HTTPConnection

from web.access import Access
from web.seats import Seated, Seating


class SeatingBySession:
    """The seat of who is signed in; `otherwise` answers for a browser in which nobody is."""

    def __init__(self, access: Access, otherwise: Seating) -> None:
        self._access = access
        self._otherwise = otherwise

    async def seated(self, connection: HTTPConnection) -> Seated | None:
        """Looked up anew each time, so that the next question notices the bell, a sign-out or a move."""
        visitor = await self._access.visitor(connection)
        if visitor is None:
            return await self._otherwise.seated(connection)
        return Seated(visitor.seat, visitor.user.name) if visitor.seat is not None else None
