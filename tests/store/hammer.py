"""One of several processes that write to one database at once: `python hammer.py URL NAME CONTACT…`."""

import asyncio
import sys

from lab_server.store import jobs
from lab_server.store.engine import open_engine
from lab_server.store.journal import Journal
from lab_server.store.writer import Writer
from telephony.clock import SystemClock

ENTRIES = 200
JOBS = 50


async def main(url: str, name: str, contacts: list[str]) -> None:
    clock, engine = SystemClock(), open_engine(url)
    writer = Writer(engine)
    journal = Journal(writer, source=name, clock=clock)
    for number in range(ENTRIES):
        journal.append(contacts[number % len(contacts)], "hammer", {"number": number})
        if number % 4 == 0:
            key = f"{name}/{number}"
            await writer.run(lambda session, key=key: jobs.enqueue(session, clock, "hammer", key), timeout_s=60)
    await journal.flush(timeout_s=60)
    left = writer.close()
    engine.dispose()
    sys.exit(1 if left or journal.lost else 0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
