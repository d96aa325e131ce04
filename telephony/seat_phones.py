"""A seat's two phones: the SIP phone `PJSIP/1001`, and the page `PJSIP/1001-web` while one is open and registered."""

import re

from telephony.ari import AriClient, AriNotFound
from telephony.asterisk.settings import web_user

PAGE_LOST = frozenset({41, 44})
"""Causes (Q.850) with which an agent's leg ends although nobody hung up: the page is being left (it says 41, "temporary
failure", in its BYE), or nothing was heard from it for `rtp_timeout` (44)."""

_SEAT = re.compile(r"PJSIP/([0-9]{1,15})")


async def reachable(ari: AriClient, endpoint: str) -> str:
    """What to dial for a seat's `PJSIP/1001`: the page if it is registered, else the SIP phone as before.

    So one of both rings, never both, and a page that is opened takes over from a desk phone until it is closed. Every
    other endpoint comes back unchanged. One question to ARI on loopback, about 1 ms. Raises `AriUnreachable`.
    """
    seat = _SEAT.fullmatch(endpoint)
    if seat is None:
        return endpoint
    page = web_user(seat[1])
    try:
        return f"PJSIP/{page}" if (await ari.endpoints.get(page)).state == "online" else endpoint
    except AriNotFound:
        return endpoint
