"""Messages whose callers hung up while no brain was there: found on the disk, and kept."""

import asyncio
import logging
from collections.abc import Callable

from lab_server.floor import message
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import box_of
from lab_server.floor.message import Verdict
from lab_server.routing.plan import Mailbox

log = logging.getLogger(__name__)

LONG_AGO_S = 3 * 86_400.0


async def keep_left(kit: Kit, on_the_line: Callable[[str], bool]) -> int:
    """Keep what was left and is worth it; how many that were. Messages of contacts on the line are theirs.

    What an earlier brain dropped and could not remove any more is kept too: rather once too often than lost.
    """
    recordings = kit.recordings
    if recordings is None:
        return 0
    since = kit.now_utc().timestamp() - LONG_AGO_S
    found = await asyncio.to_thread(lambda: list(message.there(recordings, since)))
    kept = 0
    for one in await kit.mailboxes.unkept([one for one in found if not on_the_line(one.contact)]):
        box = box_of(kit, one.mailbox) or Mailbox()
        judged = await asyncio.to_thread(message.judge, recordings / one.path, box)
        if judged.verdict is Verdict.GOOD:
            await kit.mailboxes.keep(one, judged.length_s, judged.spoken_s)
            kept += 1
        elif judged.verdict is not Verdict.MISSING:
            await asyncio.to_thread(message.discard, recordings / one.path)
    if kept:
        log.warning("%d messages of callers who hung up while no brain was there are kept", kept)
    return kept
