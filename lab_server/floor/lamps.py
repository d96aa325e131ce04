"""Message lamps: each phone is told how many messages its seat has, when that changes and when it registers."""

import asyncio
import logging

from lab_server.desk.mailboxes import Counts
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import boxes_of
from telephony.ami import AmiError
from telephony.ari.events import ContactStatusChange, Event

log = logging.getLogger(__name__)

AWAY = frozenset({"Removed", "Unreachable"})


class Lamps:
    """Tell it what changed: `look` for counts, `handle` for phones. A phone that is away is told when it comes."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._shown: dict[str, Counts] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self) -> None:
        """Some count may have changed."""
        for seat in self._kit.settings.plan.seats:
            if self._shown.get(seat) != self._of(seat):
                self._soon(seat)

    def handle(self, event: Event) -> None:
        """A phone has registered, which may have been switched off and knows nothing; or it has gone."""
        if not isinstance(event, ContactStatusChange) or event.aor not in self._kit.settings.plan.seats:
            return
        self._shown.pop(event.aor, None)
        if event.status not in AWAY:
            self._soon(event.aor)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _of(self, seat: str) -> Counts:
        found = [self._kit.mailboxes.counts(box) for box in boxes_of(self._kit, seat)]
        return Counts(sum(one.new for one in found), sum(one.old for one in found))

    def _soon(self, seat: str) -> None:
        task = asyncio.create_task(self._show(seat), name=f"lamp {seat}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, seat: str) -> None:
        counts = self._of(seat)
        if self._kit.ami is None:
            return
        try:
            await self._kit.ami.notify_messages(seat, counts.new, counts.old)
        except AmiError as away:
            log.info("the lamp of %s could not be told: %s", seat, away)
        else:
            self._shown[seat] = counts
