"""A seat's two phones: the SIP phone `PJSIP/1001`, and the page `PJSIP/1001-web` while one is open and registered."""

import re
from collections.abc import Callable

from telephony.ari import AriClient, AriNotFound
from telephony.asterisk.settings import web_user

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


async def reachable(ari: AriClient, endpoint: str, page_of: Callable[[str], str] = web_user) -> tuple[str, bool]:
    """What to dial for a seat's `PJSIP/1001`: the page if it is registered, else the SIP phone as before.

    So one of both rings, never both, and a page that is opened takes over from a desk phone until it is closed. Every
    other endpoint comes back unchanged. The second value says whether it is a page. Raises `AriUnreachable`.
    """
    seat = _SEAT.fullmatch(endpoint)
    if seat is None:
        return endpoint, False
    page = await page_is_open(ari, seat[1], page_of)
    return (f"PJSIP/{page_of(seat[1])}" if page else endpoint), page
