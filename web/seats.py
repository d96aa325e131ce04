"""Who sits where: the one question that the phone's pages, its account and its WebSocket ask.

`Seating` is the seam for signing in: whoever knows users and sessions gives another implementation to `create_app`.
"""

import ipaddress
from dataclasses import dataclass
from typing import Protocol

from fastapi import HTTPException
from starlette.requests import HTTPConnection

from lab_server.seat_pass import SeatPasses

COOKIE = "ringside_seat"


@dataclass(frozen=True)
class Seated:
    """Somebody at a seat: `seat` is its number, `name` what to call him (empty: nobody has signed in by name)."""

    seat: str
    name: str = ""


class Seating(Protocol):
    """Who sits there. Asked again every few seconds while a WebSocket is open: an ended session closes it."""

    async def seated(self, connection: HTTPConnection) -> Seated | None:
        """Who asks, by his cookie; None if he has no seat, or no longer."""
        ...


class SeatingByPass:
    """Without a sign-in: on this machine only, for whoever was given a seat's link (`ringside seat 1001`)."""

    def __init__(self, passes: SeatPasses, seats: frozenset[str]) -> None:
        self._passes = passes
        self._seats = seats

    async def seated(self, connection: HTTPConnection) -> Seated | None:
        if not from_here(connection):
            return None
        seat = self._passes.seat(connection.cookies.get(COOKIE, ""))
        return Seated(seat) if seat in self._seats else None


def from_here(connection: HTTPConnection) -> bool:
    """Whether who asks is on this machine."""
    try:
        return connection.client is not None and ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


def own_origin(connection: HTTPConnection) -> bool:
    """Whether it is a page of ours that asks: browsers always say a WebSocket's origin, and no page can change it."""
    origin, host = connection.headers.get("origin", ""), connection.headers.get("host", "")
    secure = connection.url.scheme in {"https", "wss"}
    return bool(host) and origin.lower() == f"{'https' if secure else 'http'}://{host}".lower()


async def demand(seating: Seating, connection: HTTPConnection) -> Seated:
    """Raises 401 for who has no seat."""
    found = await seating.seated(connection)
    if found is None:
        raise HTTPException(401)
    return found
