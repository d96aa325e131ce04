"""What the switch has at this moment, and which events it is to send from then on."""

import asyncio
import logging
from dataclasses import replace

from lab_server.floor.life import RETRY_S
from telephony.ari import AriClient, AriConflict, AriError, AriNotFound, AriReplaced, Bridge, Channel

log = logging.getLogger(__name__)

NOTED = ("RS_STAGE", "RS_NOTE")
"""What the stories write on their legs, for whoever comes after us."""

HEARD = (
    "ApplicationReplaced",
    "ContactStatusChange",
    "StasisStart",
    "StasisEnd",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelStateChange",
    "ChannelTransfer",
    "ChannelUnhold",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
)
"""All that the client and `events` take note of: the switch need not send the rest, which is most of it."""


async def inventory(ari: AriClient) -> tuple[tuple[Channel, ...], tuple[Bridge, ...]]:
    """Every channel, with what is written on it now, and every bridge.

    Asked until answered: without it we would be deaf for ever. Raises `AriReplaced`: another brain has the floor.
    """
    while True:
        try:
            await ari.applications.only(HEARD)
            channels = await ari.channels.list()
            fresh = await asyncio.gather(*(_fresh(ari, channel) for channel in channels))
            return tuple(fresh), await ari.bridges.list()
        except AriReplaced:
            raise
        except AriError as silent:
            log.warning("the switch does not say what it has, asking again: %s", silent)
            await asyncio.sleep(RETRY_S)


async def _fresh(ari: AriClient, channel: Channel) -> Channel:
    """The channel with what is written on it now: the list shows a variable only after the channel's next event."""
    if not channel.in_stasis or not channel.var("RS_CONTACT"):
        return channel
    values = await asyncio.gather(*(_written(ari, channel, name) for name in NOTED))
    return replace(channel, channelvars=channel.channelvars | dict(zip(NOTED, values, strict=True)))


async def _written(ari: AriClient, channel: Channel, name: str) -> str:
    try:
        return await ari.channels.get_var(channel.id, name)
    except (AriNotFound, AriConflict):
        return channel.var(name)  # never written, or the channel has just gone, which the next event says
