"""Asterisk's REST interface: a typed client of what we use of it."""

from telephony.ari.client import AriClient
from telephony.ari.errors import (
    AriConflict,
    AriError,
    AriGap,
    AriMalformed,
    AriNotFound,
    AriRefused,
    AriReplaced,
    AriUnavailable,
    AriUnreachable,
)
from telephony.ari.models import Application, Bridge, CallerId, Channel, Endpoint, Playback, ServerInfo
from telephony.ari.waiter import Waiter
from telephony.reconnect import Gap

__all__ = [
    "Application",
    "AriClient",
    "AriConflict",
    "AriError",
    "AriGap",
    "AriMalformed",
    "AriNotFound",
    "AriRefused",
    "AriReplaced",
    "AriUnavailable",
    "AriUnreachable",
    "Bridge",
    "CallerId",
    "Channel",
    "Endpoint",
    "Gap",
    "Playback",
    "ServerInfo",
    "Waiter",
]
