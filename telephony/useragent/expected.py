"""Calls that are to come in, and which INVITE is which of them."""

from dataclasses import dataclass

from telephony.useragent.messages import Brief, ExpectCall

BRIEF_EXPIRES_S = 180.0


@dataclass(frozen=True)
class _Waiting:
    order: ExpectCall | Brief
    until: float


class Expected:
    """Orders for incoming calls until their INVITE comes or their time is over."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def add(self, order: ExpectCall | Brief, now: float) -> None:
        expires_s = order.expires_s if isinstance(order, ExpectCall) else BRIEF_EXPIRES_S
        self._waiting[order.call_id] = _Waiting(order, now + expires_s)

    def take(self, seat: str, number: str, contact: str) -> ExpectCall | Brief | None:
        """The order which this INVITE fulfils: the seat's brief for that contact, or whoever is phoned at that number.

        An INVITE without a contact fulfils the oldest that fits.
        """
        for call_id, waiting in self._waiting.items():
            order = waiting.order
            called = order.seat == seat if isinstance(order, Brief) else not seat and order.number == number
            if called and (not contact or not order.contact or contact == order.contact):
                del self._waiting[call_id]
                return order
        return None

    def remove(self, call_id: str) -> None:
        self._waiting.pop(call_id, None)

    def expired(self, now: float) -> list[str]:
        """Take out those whose time is over."""
        late = [call_id for call_id, waiting in self._waiting.items() if waiting.until <= now]
        for call_id in late:
            del self._waiting[call_id]
        return late
