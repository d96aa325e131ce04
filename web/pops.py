"""The screen pop as an event: told once for each call that rings at the listener's own phone, with who it is."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import aclosing

from lab_server.floor.api import pop_card
from lab_server.floor.api.messages import FloorEvent
from lab_server.floor.api.pop_card import rings_at
from lab_server.store.errors import StoreError
from web.access import Access, Visitor

log = logging.getLogger(__name__)

DEADLINE_S = 1.0
"""A phone rings whether the database answers or not: later than this, the pop comes without the customer."""
_KEPT = 50


class Pops:
    """One for the application."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def among(
        self, visitor: Visitor, events: AsyncIterator[FloorEvent | None]
    ) -> AsyncIterator[FloorEvent | None]:
        """`events`, and after the first that says that the visitor's phone rings for a contact, its `pop`."""
        told: OrderedDict[str, bool] = OrderedDict()
        async with aclosing(events):  # type: ignore[type-var]
            async for event in events:
                yield event
                if event is None or event.contact is None or visitor.seat not in rings_at(event):
                    continue
                if event.contact not in told:
                    told[event.contact] = True
                    if len(told) > _KEPT:
                        told.popitem(last=False)
                    yield await self.pop(event, visitor.seat or "", visitor.user.site_id)

    async def pop(self, event: FloorEvent, seat: str, site_id: str) -> FloorEvent:
        """The event `pop` for who sits at `seat`. Never fails."""
        data = pop_card.plain(event, seat)
        try:
            async with asyncio.timeout(DEADLINE_S):
                customer = await self._access.reader.run(
                    lambda session: pop_card.customer_card(session, site_id, event.contact or "", data["number"])
                )
        except (TimeoutError, StoreError) as error:
            log.warning("who rings at %s could not be read in time (%s)", seat, error or "no answer")
            customer = None
        data["customer"] = customer.model_dump(mode="json") if customer is not None else None
        return FloorEvent(event=pop_card.POP, at=event.at, contact=event.contact, seats=(seat,), data=data)
