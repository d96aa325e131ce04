"""What a supervisor hears of calls: those of the own group, of robots, and what waits for anybody."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from lab_server.desk import reach
from lab_server.desk.rights import Right
from lab_server.floor.api.group import are_others
from lab_server.floor.api.hearing import EVENTS
from lab_server.floor.api.messages import FloorEvent
from web.access import Access, Visitor

LOOK_S = 5.0
"""So often it is looked up who sits where: people move in mid-lesson."""


async def of_own_group(
    access: Access, visitor: Visitor, events: AsyncIterator[FloorEvent | None]
) -> AsyncIterator[FloorEvent | None]:
    """`events` without the calls of students who are all of other groups. Others than supervisors hear them all."""
    bound, known, looked_s = visitor.role == "supervisor", frozenset[str](), -LOOK_S
    user = visitor.user
    async with aclosing(events):  # type: ignore[type-var]
        async for event in events:
            if not bound or event is None or EVENTS.get(event.event) is not Right.CALL_READ:
                yield event
                continue
            if access.clock.monotonic() - looked_s >= LOOK_S:
                looked_s = access.clock.monotonic()
                known = await access.reader.run(lambda session: reach.others_seats(session, user.site_id, user.id))
            if not are_others(event.seats, known):
                yield event
