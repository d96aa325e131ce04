"""Which of a seat's phones is dialled: what is known is not asked for, and no change is missed."""

from datetime import UTC, datetime
from typing import Any

from telephony.ari import AriNotFound
from telephony.ari.events import ContactStatusChange
from telephony.ari.models import Endpoint
from telephony.seat_phones import SeatPhones

PAGE, PHONE = ("PJSIP/1001-web", True), ("PJSIP/1001", False)


class Exchange:
    """As much of an `AriClient` as is asked here; `pages` are registered."""

    def __init__(self, *pages: str) -> None:
        self.pages = set(pages)
        self.asked = 0
        self.while_asked: Any = None
        self.endpoints = self

    def subscribe(self, handler: Any) -> None:
        self.tell = handler

    def on_connected(self, handler: Any) -> None:
        self.connected = handler

    async def get(self, resource: str) -> Endpoint:
        self.asked += 1
        there = resource in self.pages
        if self.while_asked is not None:
            self.while_asked()
        if not there:
            raise AriNotFound("no such endpoint")
        return Endpoint("PJSIP", resource, "online", ())

    def changes(self, page: str, status: str) -> None:
        (self.pages.discard if status == "Removed" else self.pages.add)(page)
        endpoint = Endpoint("PJSIP", page, "unknown", ())
        self.tell(ContactStatusChange("ringside", datetime.now(UTC), endpoint, page, f"sip:{page}@x", status))


def phones(exchange: Any) -> SeatPhones:
    return SeatPhones(exchange)


async def test_who_has_been_asked_once_is_not_asked_again() -> None:
    exchange = Exchange("1001-web")
    seat_phones = phones(exchange)
    assert [await seat_phones.reachable("PJSIP/1001") for _ in range(3)] == [PAGE] * 3
    assert exchange.asked == 1


async def test_a_page_that_comes_or_goes_is_noticed() -> None:
    exchange = Exchange()
    seat_phones = phones(exchange)
    assert await seat_phones.reachable("PJSIP/1001") == PHONE
    exchange.changes("1001-web", "NonQualified")
    assert await seat_phones.reachable("PJSIP/1001") == PAGE
    exchange.changes("1001-web", "Removed")
    assert await seat_phones.reachable("PJSIP/1001") == PHONE


async def test_an_answer_that_a_change_overtook_is_not_kept() -> None:
    exchange = Exchange()
    seat_phones = phones(exchange)
    exchange.while_asked = lambda: exchange.changes("1001-web", "NonQualified")
    await seat_phones.reachable("PJSIP/1001")
    exchange.while_asked = None
    assert await seat_phones.reachable("PJSIP/1001") == PAGE


async def test_after_a_gap_and_after_a_failure_it_is_asked_again() -> None:
    exchange = Exchange("1001-web")
    seat_phones = phones(exchange)
    await seat_phones.reachable("PJSIP/1001")
    exchange.pages.clear()
    exchange.connected(None)
    assert await seat_phones.reachable("PJSIP/1001") == PHONE
    exchange.pages.add("1001-web")
    seat_phones.forget("PJSIP/1001")
    assert await seat_phones.reachable("PJSIP/1001") == PAGE


async def test_other_endpoints_are_dialled_as_they_are() -> None:
    exchange = Exchange()
    assert await phones(exchange).reachable("PJSIP/613@carrier") == ("PJSIP/613@carrier", False)
    assert exchange.asked == 0
