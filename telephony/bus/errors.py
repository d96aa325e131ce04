"""What can go wrong on the bus, each with what to do next."""

from typing import ClassVar


class BusError(Exception):
    """Base of every error of the bus."""

    error_id: ClassVar[str] = "bus"


class BusAddressError(BusError):
    """The address cannot be used: malformed, too long, or somebody else's."""

    error_id = "bus-address"


class MalformedEnvelopeError(BusError):
    """Bytes that are no envelope of ours."""

    error_id = "bus-malformed"


class OutboxFullError(BusError):
    """Too many durable messages wait for an acknowledgement: the receiver has been away for long."""

    error_id = "bus-outbox-full"


class RequestTimeoutError(BusError):
    """Nobody answered a request in time."""

    error_id = "bus-request-timeout"
