"""A seat's two phones: the SIP phone `PJSIP/1001`, and the page `PJSIP/1001-web` while one is open and registered."""

import re
from collections.abc import Callable

from telephony.ari import AriClient, AriNotFound
from telephony.ari.events import ContactStatusChange, Event
from telephony.asterisk.settings import web_user
from telephony.reconnect import Gap

PAGE_LOST = frozenset({41, 44})
"""Causes (Q.850) with which an agent's leg ends although nobody hung up: the page is being left (it says 41, "temporary
failure", in its BYE), or nothing was heard from it for `rtp_timeout` (44)."""

_SEAT = re.compile(r"PJSIP/([0-9]{1,15})")


def is_page(channel_name: str, seat: str) -> bool:
    """Whether a channel (`PJSIP/1001-web-00000012`) is that of the seat's page."""
    return channel_name.startswith(f"PJSIP/{web_user(seat)}-")


async def page_is_open(ari: AriClient, seat: str, page_of: Callable[[str], str] = web_user) -> bool:
    """Whether the seat's page is registered. One question to ARI on loopback, about 1 ms. Raises `AriUnreachable`."""
    try:
        return (await ari.endpoints.get(page_of(seat))).state == "online"
    except AriNotFound:
        return False


class SeatPhones:
    """Which of a seat's phones is to be dialled. What the switch has answered holds until it tells of a change there,
    so that a phone that rings need not be asked for first.

    `ari` hears all endpoints (`hear_all`).
    """

    def __init__(self, ari: AriClient, page_of: Callable[[str], str] = web_user) -> None:
        self._ari = ari
        self.page_of = page_of
        self._open: dict[str, bool] = {}  # by the page's endpoint
        self._changes = 0
        ari.subscribe(self._heard)
        ari.on_connected(self._connected)

    async def reachable(self, endpoint: str) -> tuple[str, bool]:
        """What to dial for a seat's `PJSIP/1001`: the page if it is registered, else the SIP phone as before.

        So one of both rings, never both, and a page that is opened takes over from a desk phone until it is closed.
        Every other endpoint comes back unchanged. The second value says whether it is a page. Raises `AriUnreachable`.
        """
        seat = _SEAT.fullmatch(endpoint)
        if seat is None:
            return endpoint, False
        name = self.page_of(seat[1])
        known = self._open.get(name)
        page = await self.page_is_open(seat[1]) if known is None else known
        return (f"PJSIP/{name}" if page else endpoint), page

    async def page_is_open(self, seat: str) -> bool:
        """Asked of the switch now. Raises `AriUnreachable`."""
        changes = self._changes
        page = await page_is_open(self._ari, seat, self.page_of)
        if changes == self._changes:  # else the answer may be older than the change
            self._open[self.page_of(seat)] = page
        return page

    def forget(self, endpoint: str) -> None:
        """It could not be dialled: ask again."""
        seat = _SEAT.fullmatch(endpoint)
        if seat is not None:
            self._open.pop(self.page_of(seat[1]), None)

    def _heard(self, event: Event) -> None:
        if isinstance(event, ContactStatusChange):
            self._changes += 1
            self._open.pop(event.endpoint.resource, None)

    def _connected(self, _gap: Gap | None) -> None:
        """What changed meanwhile was told to nobody."""
        self._changes += 1
        self._open.clear()
