"""Ringing back: an ordered call-back waits at its place like a caller; its turn come, the agent's phone rings first.

The rows are the truth. `look` brings the queues in line with them, at the start, after an order, and now and then: so
what another process cancelled or opened again, what is due again, and what a dead brain had begun are all one case.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from lab_server.desk import callbacks
from lab_server.desk.errors import CallbackStateError, DeskError
from lab_server.desk.numbers import identity
from lab_server.floor import click_to_dial
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.floor import Floor
from lab_server.ids import new_id
from lab_server.routing.acd import RoutingError, Waiting
from lab_server.routing.agents import NO_ANSWER, AgentState
from lab_server.store.errors import StoreError
from lab_server.store.journal import Journal
from lab_server.store.tables import Contact
from lab_server.store.writer import Reader, Writer
from telephony.clock import Clock

log = logging.getLogger(__name__)

DATABASE_S = 3.0
LATE_S = 0.02


@dataclass(frozen=True)
class Order:
    """An open call-back, as its row tells it."""

    id: str
    number: str
    dialled: str
    queue: str
    priority: int
    since: datetime
    next_try_at: datetime
    state: str
    customer_id: str | None
    dialled_contact: str | None


@dataclass
class Try:
    """One attempt: `contact` is the new contact's id, under which the agent is reserved."""

    order: Order
    contact: str
    seat: str = ""
    dialled: bool = False


class RingingBack:
    """A `Callbacks` and a `Listener` of the floor; `join` gives it the floor. Nothing here may fail a call."""

    taken = True

    def __init__(
        self, reader: Reader, writer: Writer, journal: Journal, clock: Clock, *, site_id: str,
        retry_s: float = callbacks.RETRY_S, most_tries: int = callbacks.MOST_TRIES,
    ) -> None:  # fmt: skip
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._site = site_id
        self._retry_s = retry_s
        self._most_tries = most_tries
        self._floor: Floor | None = None
        self._waiting: dict[str, Try] = {}  # by call-back: places kept in the queues
        self._trying: dict[str, Try] = {}  # by the try's contact
        self._rang_in: dict[str, set[str]] = {}  # call-back → contacts on the line from its own number
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looking = asyncio.Lock()
        self.changed: Callable[[], None] = lambda: None  # some may have begun to wait, or wait no more

    def join(self, floor: Floor) -> None:
        self._floor = floor

    async def close(self) -> None:
        """Ring nobody any more. What is under way is adopted by whoever comes next."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- orders -----------------------------------------------------------------------------------------------------

    async def order(self, call: Call, number: str, queue: str) -> str | None:
        since = self._clock.utc() - timedelta(
            seconds=max(0.0, self._clock.monotonic() - (call.waiting_since_s or self._clock.monotonic()))
        )
        wants = {"language": call.language} if call.language else {}

        def work(session: Session) -> bool:
            row = callbacks.order(
                session, self._clock, contact_id=call.contact, number=number, queue=queue, since=since,
                priority=call.priority, wants=wants,
            )  # fmt: skip
            return row.contact_id == call.contact

        try:
            new = await self._writer.run(work, timeout_s=DATABASE_S)
        except (DeskError, StoreError, SQLAlchemyError) as refused:
            log.warning("contact %s: its call-back was not taken: %s", call.contact, refused)
            return None
        self._note(call.contact, "callback.ordered" if new else "callback.ordered_before", number=number, queue=queue)
        self._soon(self.look())
        return "new" if new else "already"

    async def look(self) -> bool:
        """Bring the queues in line with the rows; False if the database does not answer."""
        async with self._looking:
            known = set(self._trying)
            try:
                async with asyncio.timeout(DATABASE_S):
                    orders = await self._reader.run(self._open)
            except (TimeoutError, StoreError, SQLAlchemyError) as error:
                log.warning("the call-backs cannot be read: %s", error or "no answer")
                return False
            trying = {one.order.id for one in self._trying.values()}
            for gone in set(self._waiting) - {one.id for one in orders if one.state == "waiting"} - trying:
                self._give_up(gone)
            for order in orders:
                if order.id in trying or order.id in self._waiting or known - set(self._trying):
                    continue  # a try that ended while we read: the next look sees its row
                await self._take(order)
            self._look_again(orders)
            return True

    def _look_again(self, orders: list[Order]) -> None:
        """When the next one is due."""
        now = self._clock.utc()
        ahead = [(one.next_try_at - now).total_seconds() for one in orders if one.next_try_at > now]
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if ahead:
            self._timer = asyncio.get_running_loop().call_later(min(ahead) + LATE_S, lambda: self._soon(self.look()))

    def _open(self, session: Session) -> list[Order]:
        return [
            Order(row.id, row.number, row.dialled, row.queue, row.priority, row.since, row.next_try_at, row.state,
                  row.customer_id, row.dialled_contact_id)
            for row in callbacks.waiting_callbacks(session, self._site)
        ]  # fmt: skip

    async def _take(self, order: Order) -> None:
        """An open one nobody here has in hand yet."""
        if order.state == "waiting":
            if order.next_try_at <= self._clock.utc():
                self._queue(order)
            return
        on_line = self._on_the_line(order)
        if on_line is not None:
            self._trying[on_line.contact] = Try(order, on_line.contact, on_line.seat or "", order.state == "dialling")
            if order.state == "offered" and on_line.stage is not Stage.RINGING:
                self._began_dialling(self._trying[on_line.contact])
            return
        await self._run(lambda session: self._settle(session, order), "put back", order)

    def _settle(self, session: Session, order: Order) -> None:
        """What a dead brain had begun and is not on the line: it was reached, or waits again."""
        contact = session.get(Contact, order.dialled_contact) if order.dialled_contact else None
        if order.state == "dialling" and contact is not None and contact.answered_at is not None:
            callbacks.finish(session, self._clock, order.id, "served", reached=True)
        else:
            callbacks.put_back(session, self._clock, order.id)

    def _on_the_line(self, order: Order) -> Call | None:
        for call in self._floor.calls() if self._floor is not None else []:
            noted = [leg.notes.get(click_to_dial.CALLBACK) for leg in call.legs()]
            if order.id in noted or (order.state == "dialling" and call.contact == order.dialled_contact):
                return call
        return None

    # -- places in the queue ------------------------------------------------------------------------------------------

    def _queue(self, order: Order) -> None:
        if self._floor is None or self._rang_in.get(order.id):
            return
        one = self._waiting[order.id] = Try(order, new_id())
        since_s = self._clock.monotonic() - (self._clock.utc() - order.since).total_seconds()
        waiting = Waiting(one.contact, order.queue, since_s, priority=order.priority, callback=True)
        self._floor.kit.distribution.wait_absent(waiting, lambda seats: self._offered(one, seats))
        self.changed()

    def _give_up(self, callback_id: str) -> None:
        one = self._waiting.pop(callback_id, None)
        if one is not None and self._floor is not None:
            self._floor.kit.distribution.leave_absent(one.contact)
            self.changed()

    def _offered(self, one: Try, seats: tuple[str, ...]) -> None:
        self._waiting.pop(one.order.id, None)
        one.seat = seats[0]
        self._trying[one.contact] = one
        self.changed()
        self._soon(self._ring(one, seats))

    async def _ring(self, one: Try, seats: tuple[str, ...]) -> None:
        """The row first: whoever cancelled it in this moment is obeyed."""
        if self._floor is None:
            return
        kit = self._floor.kit
        kit.distribution.only_first(one.contact, seats)
        if not await self._run(
            lambda session: callbacks.offer(session, self._clock, one.order.id, one.seat), "offer", one.order
        ):
            self._trying.pop(one.contact, None)
            kit.distribution.free_from(one.seat, one.contact, AgentState.READY)
            return
        numbers = [one.order.dialled or one.order.number]
        if one.order.customer_id is not None:
            more = await kit.directory.numbers_of(one.order.customer_id)
            numbers += [number for number in more if identity(number) != one.order.number]
        numbers = numbers[: click_to_dial.MOST_NUMBERS]
        await kit.expecting(one.contact, numbers)
        try:
            click_to_dial.dial(self._floor, one.seat, numbers, contact=one.contact)
        except (Refused, RoutingError) as refused:
            await self._not_dialled(one, refused.error_id, str(refused))
            return
        call = self._floor.call(one.contact)
        if call is not None and call.agent is not None:
            call.queue = one.order.queue
            call.agent.notes |= {click_to_dial.CALLBACK: one.order.id, "queue": one.order.queue}
        self._note(one.contact, "callback.offered", callback=one.order.id, seat=one.seat)

    async def _not_dialled(self, one: Try, error: str, why: str) -> None:
        if self._floor is not None:
            self._floor.kit.distribution.free_from(one.seat, one.contact, AgentState.READY)
        self._note(None, "callback.not_dialled", callback=one.order.id, error=error, why=why)
        await self._run(
            lambda session: callbacks.not_dialled(
                session, self._clock, one.order.id, error, retry_s=self._retry_s, most_tries=self._most_tries
            ),
            "try",
            one.order,
        )
        self._trying.pop(one.contact, None)

    # -- what the floor tells -----------------------------------------------------------------------------------------

    def stage_entered(self, call: Call, stage: Stage) -> None:
        one = self._trying.get(call.contact)
        if one is not None:
            if stage in {Stage.DIALLING, Stage.TALKING} and not one.dialled:
                self._began_dialling(one)
        elif call.direction == "in" and stage is Stage.QUEUED:
            self._rings_in(call)
        elif call.direction == "in" and stage is Stage.TALKING:
            self._soon(self._overtaken(call))

    def leg_rings(self, call: Call, leg: Leg) -> None: ...

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        one = self._trying.get(call.contact)
        if one is not None:
            self._soon(self._ended(one, call, outcome))
        for contacts in self._rang_in.values():
            contacts.discard(call.contact)
        if call.direction == "in" and any(not contacts for contacts in self._rang_in.values()):
            self._rang_in = {which: contacts for which, contacts in self._rang_in.items() if contacts}
            self._soon(self.look())

    def agent_changed(self, agent: object) -> None: ...

    def _began_dialling(self, one: Try) -> None:
        one.dialled = True
        self._soon(
            self._run(
                lambda session: callbacks.dial(session, self._clock, one.order.id, one.contact), "dial", one.order
            )
        )

    async def _ended(self, one: Try, call: Call, outcome: Outcome) -> None:
        """Reached, to be tried again later, or, if the agent never answered, back at its place at once."""
        if one.dialled:
            await self._run(
                lambda session: callbacks.finish(
                    session,
                    self._clock,
                    one.order.id,
                    outcome,
                    reached=call.served,
                    retry_s=self._retry_s,
                    most_tries=self._most_tries,
                ),
                "finish",
                one.order,
            )
        else:
            self._set_aside(one)
            await self._run(
                lambda session: callbacks.put_back(session, self._clock, one.order.id), "put back", one.order
            )
        self._note(one.contact, "callback.tried", callback=one.order.id, outcome=outcome, reached=call.served)
        self._trying.pop(one.contact, None)
        await self.look()

    def _set_aside(self, one: Try) -> None:
        distribution = self._floor.kit.distribution if self._floor is not None else None
        if distribution is not None and distribution.knows(one.seat):
            distribution.set_state(one.seat, AgentState.NOT_READY, reason=NO_ANSWER)

    # -- customers who ring again -------------------------------------------------------------------------------------

    def _rings_in(self, call: Call) -> None:
        """The customer rings while the call-back waits: it takes that place itself, and nobody rings back meanwhile."""
        number = identity(call.customer_number)
        same = [one for one in self._waiting.values() if number and one.order.number == number]
        for one in same:
            self._rang_in.setdefault(one.order.id, set()).add(call.contact)
            self._give_up(one.order.id)
            if one.order.queue == call.queue and call.waiting_since_s is not None and not call.offered:
                since_s = self._clock.monotonic() - (self._clock.utc() - one.order.since).total_seconds()
                call.waiting_since_s = min(call.waiting_since_s, since_s)
            self._note(call.contact, "callback.rang_in", callback=one.order.id)

    async def _overtaken(self, call: Call) -> None:
        for callback_id, contacts in list(self._rang_in.items()):
            if call.contact in contacts:
                order = Order(callback_id, "", "", "", 0, self._clock.utc(), self._clock.utc(), "", None, None)
                await self._run(
                    lambda session, which=callback_id: callbacks.overtake(session, self._clock, which),
                    "cancel",
                    order,
                )
                self._note(call.contact, "callback.overtaken", callback=callback_id)

    # -- the book -----------------------------------------------------------------------------------------------------

    async def _run(self, work: Any, what: str, order: Order) -> bool:
        """False: it was not done; the next look sees how the row stands."""
        try:
            await self._writer.run(work)
        except CallbackStateError as other:
            log.info("call-back %s: %s: %s", order.id, what, other)
            return False
        except (DeskError, StoreError, SQLAlchemyError) as failed:
            log.error("call-back %s: %s was not written down: %s", order.id, what, failed)
            return False
        return True

    def _note(self, contact: str | None, kind: str, **data: object) -> None:
        self._journal.append(contact, kind, data)

    def _soon(self, doing: Any) -> None:
        task = asyncio.create_task(doing, name="call-backs")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a call-back's task failed", exc_info=task.exception())
