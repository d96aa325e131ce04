"""What a story is given to work with, and the outside world as it may be told of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lab_server.floor.announcer import Announcing, Silent
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.callbacks import Callbacks, NoCallbacks
from lab_server.floor.distribution import Distribution
from lab_server.floor.errors import Refused
from lab_server.floor.knowing import Knowing, KnowsNobody
from lab_server.floor.mailboxes import Mailboxes, NoMailboxes
from lab_server.floor.past import Past
from lab_server.floor.seat_book import NullSeatBook, SeatBook
from lab_server.floor.switch import Switch
from lab_server.routing.agents import Agent, AgentState
from lab_server.routing.plan import FloorPlan
from lab_server.routing.target import Kind
from telephony.ami import AmiClient
from telephony.ari.channels import Reason
from telephony.clock import Clock
from telephony.trunks import Trunk


class Book(Protocol):
    """Where the floor writes down what happens. No method may block or fail: speech goes on whatever the disk does."""

    def began(self, call: Call) -> None: ...
    def entered(self, call: Call, stage: Stage) -> None: ...
    def noted(self, call: Call, kind: str, data: Mapping[str, object]) -> None: ...
    def leg_changed(self, call: Call, leg: Leg) -> None: ...
    def talk_began(self, call: Call) -> None: ...
    def talk_ended(self, call: Call) -> None: ...
    def paired(self, call: Call, pairs: frozenset[tuple[str, str]]) -> None: ...
    def held(self, call: Call, on: bool, seconds: float) -> None: ...
    def ended(self, call: Call, outcome: Outcome) -> None: ...
    def agent_changed(self, agent: Agent) -> None: ...


class Listener(Protocol):
    """Who follows the floor live: the classroom in training, a wallboard. Called in order, must return at once."""

    def stage_entered(self, call: Call, stage: Stage) -> None:
        """`talking` is told when the parties can speak freely, that is after the announcement."""
        ...

    def leg_rings(self, call: Call, leg: Leg) -> None:
        """A phone is about to be rung for this contact, at `leg.seat` if it is a seat's."""
        ...

    def call_ended(self, call: Call, outcome: Outcome) -> None: ...

    def agent_changed(self, agent: Agent) -> None: ...


class Contacts(Protocol):
    """All contacts on the line, for a story that needs another one: `Floor` is it."""

    def calls(self) -> list[Call]: ...
    def call(self, contact: str) -> Call | None: ...
    async def change(self, contact: str, change: "Callable[[Call, Kit], object]", timeout_s: float = 5.0) -> None: ...


class NoContacts:
    """Before there is a floor, nobody is on the line."""

    def calls(self) -> list[Call]:
        return []

    def call(self, contact: str) -> Call | None:
        return None

    async def change(self, contact: str, change: "Callable[[Call, Kit], object]", timeout_s: float = 5.0) -> None:
        raise Refused("unknown_contact", f"contact {contact} is not on the line: there is no floor yet.")


@dataclass(frozen=True)
class FloorSettings:
    """How the floor treats a call. Times in seconds."""

    plan: FloorPlan
    ring_timeout_s: float = 20.0
    max_wait_s: float = 600.0
    wanted_seat_wait_s: float = 60.0
    rating_s: float = 8.0
    dial_timeout_s: float = 30.0
    wrap_up_limit_s: float = 120.0
    park_from: int = 701
    park_slots: int = 20
    park_limit_s: float = 120.0

    @property
    def fallback(self) -> str:
        """The queue of callers who belong to none."""
        operator = self.plan.operator
        return operator.name if operator.kind is Kind.QUEUE else next(iter(self.plan.queues))


async def nobody(_contact: str, _numbers: Sequence[str]) -> None:
    """There are no virtual customers who must be told."""


@dataclass(frozen=True)
class Kit:
    """Everything a story needs; built once in `lab_server.brain`."""

    switch: Switch
    distribution: Distribution
    book: Book
    settings: FloorSettings
    clock: Clock
    trunk_for: Callable[[str, str], Trunk]  # (seat, number) → the trunk that reaches it; raises NumberError
    listeners: list[Listener]
    seats: SeatBook = NullSeatBook()  # noqa: RUF009 (it keeps nothing)
    contacts: Contacts = NoContacts()  # noqa: RUF009 (likewise)
    recordings: Path | None = None  # below this folder lies all that was recorded
    ami: AmiClient | None = None  # what ARI lacks
    announcer: Announcing = Silent()  # noqa: RUF009 (likewise)
    directory: Knowing = KnowsNobody()  # noqa: RUF009 (likewise)
    callbacks: Callbacks = NoCallbacks()  # noqa: RUF009 (likewise)
    mailboxes: Mailboxes = NoMailboxes()  # noqa: RUF009 (likewise)
    expecting: Callable[[str, Sequence[str]], Awaitable[None]] = nobody  # somebody is about to be called at a number
    past: Callable[[], Past] = Past  # what the switch wrote down lately; reads a file
    watchers: list[Callable[[Call, str], None]] = field(default_factory=list)  # told what `note` writes down

    def note(self, call: Call, kind: str, data: Mapping[str, object]) -> None:
        """Write it down, and tell whoever watches how this contact changes from within."""
        self.book.noted(call, kind, data)
        for watcher in self.watchers:
            watcher(call, kind)

    def entered(self, call: Call, stage: Stage) -> None:
        """Write the stage down and tell whoever listens (who is told of `talking` by `talking`, a little later)."""
        self.book.entered(call, stage)
        if stage is not Stage.TALKING:
            self._tell(call, stage)

    async def ring(self, call: Call, leg: Leg) -> None:
        """Ring its phone, and tell whoever listens before it rings; where there is none, the leg is gone."""
        for listener in self.listeners:
            listener.leg_rings(call, leg)
        there = await self.switch.ring(call, leg)
        leg.rung = True
        if not there:
            self.gone(call, leg)

    def gone(self, call: Call, leg: Leg, cause: int | None = None) -> None:
        """The leg is not there any more; written down once."""
        if not leg.gone:
            leg.gone, leg.ours, leg.cause = True, False, cause or leg.cause
            self.book.leg_changed(call, leg)
            if leg.role == "supervisor":  # whatever the contact is doing, his phone is free
                self.free(call, leg)
        call.touch()

    def free(self, call: Call, leg: Leg) -> None:
        """The contact is over for this leg's agent: he writes it down if he talked, else is what he was before."""
        if leg.seat is not None:
            wrote = leg.talked and (leg.role != "supervisor" or leg.notes.get("took_over") == "1")
            after = AgentState.WRAP_UP if wrote else leg.was or AgentState.READY
            self.distribution.free_from(leg.seat, call.contact, after, queue=call.queue)

    def held(self, call: Call, seconds: float) -> None:
        """The customer has been put on hold (`call.held`), or hears the others again after so many seconds."""
        call.speaking = not call.held
        self.book.held(call, call.held, seconds)
        self._tell(call, Stage.HELD if call.held else Stage.TALKING)

    async def hang_up(self, call: Call, leg: Leg, reason: Reason = "normal") -> None:
        """Its end comes as an event; a leg that was gone already is noted here.

        Asked again for a leg that is not gone yet, the first reason stands: the switch would tell the phone the last.
        """
        leg.parting = leg.parting or reason
        if not leg.gone and not await self.switch.hang_up(leg, leg.parting):
            self.gone(call, leg)

    def talking(self, call: Call) -> None:
        """The parties are connected and nothing speaks in between any more; told once."""
        if not call.speaking and not call.held:
            call.speaking = True
            self._tell(call, Stage.TALKING)

    def _tell(self, call: Call, stage: Stage) -> None:
        for listener in self.listeners:
            listener.stage_entered(call, stage)

    def now_utc(self) -> datetime:
        return self.clock.utc()

    async def digits(self, call: Call, enough: Callable[[str, float], bool], timeout_s: Callable[[str], float]) -> None:
        """Wait until `enough(digits, quiet_s)`; `timeout_s(digits)` says how long a pause may be."""
        began = self.clock.monotonic()
        while True:
            quiet_from = max(began, call.last_digit_s) if call.digits else began
            quiet_s = self.clock.monotonic() - quiet_from
            if enough(call.digits, quiet_s):
                return
            keyed = call.digits
            left = max(0.0, timeout_s(keyed) - quiet_s)
            await call.until(lambda keyed=keyed: call.digits != keyed, left + 0.01)  # type: ignore[misc]
            await asyncio.sleep(0)
