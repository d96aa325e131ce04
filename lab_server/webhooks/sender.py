"""The task that sends what waits, in each process of the web; rows are shared, so that each goes out once."""

import asyncio
import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from lab_server.desk.users import at_seat
from lab_server.floor.api import pop_card
from lab_server.floor.api.messages import FloorEvent
from lab_server.store import jobs
from lab_server.store.errors import StoreError
from lab_server.store.writer import Reader, Writer
from lab_server.webhooks import events, outbox, sending
from telephony.asterisk.secrets import load_secrets
from telephony.clock import Clock

log = logging.getLogger(__name__)

AT_ONCE = 4
LOOK_S = 1.0
SWEEP_EVERY = 600
"""So many looks between two sweeps."""
STALE_S = 60.0
_KEPT = 2000


def key_of(folder: Path) -> str:
    """What receivers' secrets are made of (`folder`: the settings' secrets)."""
    return load_secrets(folder / "web.json", ["webhooks"])["webhooks"]


class Sender:
    """`heard` takes the floor's events; while `at_work` what waits is sent. `site` gives the site's id."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        clock: Clock,
        folder: Path,
        hosts: Sequence[str],
        site: Callable[[], Awaitable[str]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._folder = folder
        self._hosts = hosts
        self._site_of = site
        self._site = ""
        self._wanted: frozenset[str] = frozenset()
        self._popped: OrderedDict[str, bool] = OrderedDict()
        self._worker = f"web-{os.getpid()}"
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        working = asyncio.create_task(self._work(), name="sends webhooks")
        try:
            yield
        finally:
            working.cancel()
            tasks = [working, *self._sending]
            for task in self._sending:
                task.cancel()  # what was not sent to its end is sent again by the next process
            await asyncio.gather(*tasks, return_exceptions=True)

    def wants(self, group: str) -> bool:
        """Whether somebody asked for it, as of the last look."""
        return group in self._wanted

    def look(self) -> None:
        """Something waits, perhaps; or who wants what has changed."""
        self._wake.set()

    def heard(self, event: FloorEvent) -> None:
        """Keep it for whoever asked for it. Several processes hear the same: the rows keep it once."""
        if not self._site:
            return
        if "pop" in self._wanted:
            for seat in sorted(pop_card.rings_at(event)):
                key = f"pop/{event.contact}/{seat}"
                if key not in self._popped:
                    self._popped[key] = True
                    if len(self._popped) > _KEPT:
                        self._popped.popitem(last=False)
                    self._keep("pop", pop_card.POP, key, pop_card.plain(event, seat))
        if event.event in self._wanted and event.event in events.FLOOR:
            digest = hashlib.sha256(event.model_dump_json().encode()).hexdigest()[:60]
            self._keep(event.event, event.event, digest, {"contact": event.contact, "at": event.at, **event.data})

    def _keep(self, group: str, event: str, key: str, data: dict[str, Any]) -> None:
        site = self._site

        def work(session: Session) -> None:
            told = data
            if event == pop_card.POP:
                card = pop_card.customer_card(session, site, str(data["contact"]), str(data["number"]))
                user = at_seat(session, site, str(data["seat"]))
                told = data | {
                    "customer": card.model_dump() if card is not None else None,
                    "user": {"id": user.id, "login": user.login, "name": user.name} if user is not None else None,
                }
            outbox.put(session, self._clock, site, group, event, key, told)

        loop = asyncio.get_running_loop()
        self._writer.post(work).add_done_callback(lambda _: _wake(loop, self.look))

    async def _work(self) -> None:
        looks = 0
        async with httpx.AsyncClient(
            follow_redirects=False, trust_env=False, timeout=httpx.Timeout(sending.TRY_S, connect=5.0)
        ) as client:
            while True:
                try:
                    self._site = self._site or await self._site_of()
                    if self._site:
                        self._wanted = await self._reader.run(lambda session: outbox.wanted(session, self._site))
                        if looks % SWEEP_EVERY == 0:
                            await self._writer.run(self._sweep)
                        await self._send_all(client)
                except (StoreError, SQLAlchemyError) as error:  # the rows wait until the database answers again
                    log.warning("webhooks wait: %s", error)
                looks += 1
                self._wake.clear()
                try:
                    async with asyncio.timeout(LOOK_S):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def _send_all(self, client: httpx.AsyncClient) -> None:
        """Everything that is due, a few at once."""
        while await self._reader.run(lambda session: jobs.is_due(session, self._clock, outbox.JOB)):
            if len(self._sending) >= AT_ONCE:
                await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            letter = await self._writer.run(lambda session: sending.take(session, self._clock, self._worker))
            if letter is None:
                continue
            task = asyncio.create_task(self._deliver(client, letter))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _deliver(self, client: httpx.AsyncClient, letter: sending.Letter) -> None:
        key = await asyncio.to_thread(key_of, self._folder)
        outcome = await sending.send(client, letter, key, self._hosts, self._clock.utc())
        try:
            aside = await self._writer.run(lambda session: sending.settle(session, self._clock, letter, outcome))
        except (StoreError, SQLAlchemyError) as error:  # sent perhaps, and sent again: the receiver knows the id
            log.warning("what came of webhook %s could not be written down: %s", letter.delivery_id, error)
            return
        if aside:
            log.error("webhook %s is set aside: %s (%s)", letter.webhook_id, outcome.error, letter.url)

    def _sweep(self, session: Session) -> None:
        jobs.release(session, self._clock, outbox.JOB, self._worker + "/dead", older_than_s=STALE_S)
        outbox.forget_old(session, self._clock)


def _wake(loop: asyncio.AbstractEventLoop, look: Callable[[], None]) -> None:
    """From the writer's thread."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(look)
