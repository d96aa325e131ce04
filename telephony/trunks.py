"""Trunks: the ways out to customers. In class the lab trunk, whose numbers are our callers; in service a carrier."""

import re
from collections.abc import Callable, Collection
from typing import Protocol

from telephony.numbers import NumberError, NumberMalformed, NumberVirtual, spelled

_ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,40}")
_HOST = re.compile(r"[0-9.]{7,15}|\[[0-9A-Fa-f:]{2,39}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


class NumberNotServed(NumberError):  # noqa: N818 - says what is wrong
    """Nobody answers this number on this trunk."""

    error_id = "number_not_served"


class Trunk(Protocol):
    """A way out."""

    name: str

    def endpoint_for(self, number: str) -> str:
        """What ARI's originate dials for `number`, in any spelling. Raises `NumberError`, which says why it may not."""
        ...


class NullTrunk:
    """No way out: inbound only."""

    name = "none"

    def endpoint_for(self, number: str) -> str:
        raise NumberNotServed(number, "no trunk is configured for outbound calls")


class LabTrunk:
    """The virtual public network: `where` says at which host and port a number's caller worker listens, if any does."""

    name = "lab"

    def __init__(self, where: Callable[[str], tuple[str, int] | None], *, endpoint: str = "lab") -> None:
        self._where = where
        self._endpoint = _checked_endpoint(endpoint)

    def endpoint_for(self, number: str) -> str:
        dialled = spelled(number)
        place = self._where(dialled)
        if place is None:
            raise NumberNotServed(number, "no virtual customer has this number now")
        host, port = place
        if not _HOST.fullmatch(host) or not 0 < port < 65536:
            raise ValueError(f"a caller worker cannot be at {host!r} port {port}")
        return f"PJSIP/{self._endpoint}/sip:{dialled.replace('#', '%23')}@{host}:{port}"


class HouseTrunk:
    """From seat to seat: nothing leaves the house. `seats` are the numbers that have a phone here."""

    name = "house"

    def __init__(self, seats: Collection[str]) -> None:
        self._seats = frozenset(seats)

    def holds(self, number: str) -> bool:
        """Whether this is a seat's number, exactly as it is written."""
        return number in self._seats

    def endpoint_for(self, number: str) -> str:
        dialled = spelled(number)
        if dialled not in self._seats:
            raise NumberNotServed(number, "no seat has this number")
        return f"PJSIP/{dialled}"


class CarrierTrunk:
    """A real carrier. `is_virtual` says whether a number, as `spelled` gives it, could reach a virtual customer's.

    Such a number never gets past here: should its range be put into service one day, a class would phone strangers.
    """

    name = "carrier"

    def __init__(self, endpoint: str, is_virtual: Callable[[str], bool]) -> None:
        self._endpoint = _checked_endpoint(endpoint)
        self._is_virtual = is_virtual

    def endpoint_for(self, number: str) -> str:
        dialled = spelled(number)
        if self._is_virtual(dialled):
            raise NumberVirtual(number, "this number belongs to a virtual customer and never leaves by a carrier")
        if not dialled.removeprefix("+").isdigit() or dialled.startswith("+0"):
            raise NumberMalformed(number, "a carrier takes digits only, or + and a country code")
        return f"PJSIP/{dialled}@{self._endpoint}"


def _checked_endpoint(endpoint: str) -> str:
    if not _ENDPOINT.fullmatch(endpoint):
        raise ValueError(f"{endpoint!r} is not the name of an endpoint in pjsip.conf")
    return endpoint
