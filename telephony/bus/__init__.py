"""One bus of typed messages between our processes: it reconnects by itself and loses no durable message.

`Hub` stands in the supervisor; `BusClient` (asyncio) and `SyncBus` (polled) are the other processes' ends.
"""

from telephony.bus.client import BusClient
from telephony.bus.endpoint import Endpoint
from telephony.bus.errors import BusAddressError, BusError, MalformedEnvelopeError, OutboxFullError, RequestTimeoutError
from telephony.bus.hub import Hub
from telephony.bus.message import Heartbeat, Message
from telephony.bus.sync import SyncBus

__all__ = [
    "BusAddressError",
    "BusClient",
    "BusError",
    "Endpoint",
    "Heartbeat",
    "Hub",
    "MalformedEnvelopeError",
    "Message",
    "OutboxFullError",
    "RequestTimeoutError",
    "SyncBus",
]
