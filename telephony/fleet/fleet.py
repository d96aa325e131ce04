"""The fleet: starts workers, watches them, hands commands to the right one, tells the truth about dead ones' calls."""

import asyncio
import contextlib
import logging
import os
import signal
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

from telephony.bus import Heartbeat, Hub
from telephony.clock import Clock
from telephony.fleet.messages import AskFleet, EnsureFleet, FleetState, Host, WhereIs
from telephony.fleet.roster import Post, Roster
from telephony.useragent.messages import (
    Brief,
    CallBroken,
    CallClosed,
    DialOut,
    EndAll,
    EndCall,
    ExpectCall,
    HoldCall,
    PlaceCall,
    RegisterAccount,
    Registered,
    Role,
    TransferCall,
    Unregister,
    WorkerReady,
)

FROZEN_S = 3.0
STARTING_S = 20.0
WATCH_S = 0.25
STOP_S = 8.0
SHORT_LIFE_S = 5.0
PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
PUBLISH_S = 0.1
KNOWN_LIMIT = 20_000
log = logging.getLogger(__name__)

Command = Callable[[str, str], list[str]]


class Fleet:
    """Lives in the hub's process under the name `fleet`.

    `command(name, role)` gives the arguments that start a worker; `log_dir/<name>.log` takes its output.
    """

    def __init__(
        self, hub: Hub, clock: Clock, command: Command, log_dir: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._hub = hub
        self._bus = hub.endpoint("fleet")
        self._clock = clock
        self._command = command
        self._log_dir = log_dir
        self._environment = dict(environment) if environment is not None else None
        self._roster = Roster()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._beats: dict[str, float] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._watching: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()

    async def start(self) -> None:
        """Listen to orders; workers start when `EnsureFleet` (or `ensure`) asks for them."""
        bus = self._bus
        bus.on(EnsureFleet, lambda order, _: self.ensure(order.role, order.capacity))
        bus.on(PlaceCall, self._to_caller)
        bus.on(ExpectCall, self._to_caller)
        bus.on(RegisterAccount, self._register)
        bus.on(Unregister, self._unregister)
        bus.on(DialOut, self._to_seat)
        bus.on(Brief, self._to_seat)
        bus.on(EndCall, self._on_call)
        bus.on(TransferCall, self._on_call)
        bus.on(HoldCall, self._on_call)
        bus.on(EndAll, self._end_all)
        bus.on(WhereIs, self._where_is)
        bus.on(AskFleet, lambda _message, _sender: self.state())
        bus.on(WorkerReady, self._ready)
        bus.on(Registered, self._registered)
        bus.on(CallClosed, self._closed)
        bus.on(Heartbeat, self._beat)
        self._watching = [asyncio.create_task(self._watch()), asyncio.create_task(self._publish())]

    async def close(self) -> None:
        """Stop every worker: each hangs up and unregisters; who does not within 8 s is killed."""
        self._closing.set()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        for post in self._roster.all():
            _signal(post, signal.SIGCONT)
            _signal(post, signal.SIGTERM)
        keepers = list(self._keepers.values())
        if keepers:
            _, late = await asyncio.wait(keepers, timeout=STOP_S)
            for post in self._roster.all() if late else []:
                _signal(post, signal.SIGKILL)
            await asyncio.gather(*keepers, return_exceptions=True)

    def state(self) -> FleetState:
        """What everybody is doing now."""
        return FleetState(workers=tuple(post.state() for post in self._roster.all()))

    async def ensure(self, role: Role, capacity: int) -> None:
        """Keep room for so many calls or accounts; returns when the processes have been started, not when ready."""
        new, surplus = self._roster.change(role, capacity)
        # A worker of a fleet that died finishes its calls under its name: ours must not take it over.
        for post in [self._roster.add(role, self._hub.peers) for _ in range(new)]:
            started = asyncio.Event()
            self._keepers[post.name] = asyncio.create_task(self._keep(post, started), name=f"keeper of {post.name}")
            await started.wait()
        for post in surplus:
            self._retire_if_idle(post)
        self._changed.set()

    # --- the processes ---

    async def _keep(self, post: Post, started: asyncio.Event) -> None:
        """Keep one worker running until it retires."""
        deaths = 0
        try:
            while self._wants(post):
                born = self._clock.monotonic()
                code = await self._run(post, started)
                if not self._wants(post):
                    break
                deaths = deaths + 1 if self._clock.monotonic() - born < SHORT_LIFE_S else 0
                post.failing = deaths > 1
                log.error("%s has died (%s); it is started again", post.name, code)
                self._bury(post, code)
                await self._pause(PAUSES_S[min(deaths, len(PAUSES_S) - 1)])
        finally:
            started.set()
            self._bury(post, "stopped")
            self._roster.remove(post.name)
            self._keepers.pop(post.name, None)
            self._changed.set()

    def _wants(self, post: Post) -> bool:
        return not (post.retiring or self._closing.is_set())

    async def _pause(self, seconds: float) -> None:
        """So long, or until we close: nobody is to wait for a worker that is not started any more."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _run(self, post: Post, started: asyncio.Event) -> str:
        """Run one process to its end; how it ended."""
        try:
            process = await self._spawn(post)
        except OSError as error:
            return str(error)
        finally:
            started.set()
        post.pid, post.ready = process.pid, None
        if self._closing.is_set() or (post.retiring and post.idle):  # the order came while it was being started
            _signal(post, signal.SIGTERM)
        self._beats[post.name] = self._clock.monotonic() + STARTING_S - FROZEN_S
        self._changed.set()
        for order in post.seats.values():
            await self._bus.send(post.name, order, durable=True)
        code = await process.wait()
        post.pid = None
        return f"exit status {code}" if code >= 0 else f"signal {-code}"

    async def _spawn(self, post: Post) -> asyncio.subprocess.Process:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with (self._log_dir / f"{post.name}.log").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self._command(post.name, post.role),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,  # a Ctrl-C in our terminal is ours to hand on, in order
            )

    def _bury(self, post: Post, why: str) -> None:
        """Its process is gone: every call it had is broken, once, and nothing on its way reaches its successor."""
        post.pid, post.ready = None, None
        post.registered.clear()
        self._bus.withdraw(post.name)
        for call_id, contact in post.calls.items():
            self._tell_broken(call_id, contact, f"its worker {post.name} has died: {why}")
        post.calls.clear()
        post.numbers.clear()
        self._changed.set()

    def _retire_if_idle(self, post: Post) -> None:
        if post.retiring and post.idle:
            _signal(post, signal.SIGTERM)

    async def _watch(self) -> None:
        """Kill who has stopped beating. If we were late ourselves, everybody gets another chance."""
        looked = self._clock.monotonic()
        while True:
            await asyncio.sleep(WATCH_S)
            now = self._clock.monotonic()
            late_s, looked = now - looked - WATCH_S, now
            for post in self._roster.all():
                beat = self._beats.get(post.name, now)
                if late_s > 1.0:
                    self._beats[post.name] = max(beat, now)
                elif post.pid is not None and now - beat > FROZEN_S:
                    log.error("%s (pid %d) does not beat; it is killed", post.name, post.pid)
                    _signal(post, signal.SIGKILL)

    async def _publish(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._bus.send("brain", self.state())
            await asyncio.sleep(PUBLISH_S)

    # --- news of the workers ---

    def _ready(self, message: WorkerReady, sender: str) -> None:
        post = self._roster.get(sender)
        if post is not None and post.pid == message.pid:
            post.ready = message
            self._beats[sender] = self._clock.monotonic()
            self._changed.set()

    def _beat(self, message: Heartbeat, sender: str) -> None:
        post = self._roster.get(sender)
        if post is not None and post.pid == message.pid:
            self._beats[sender] = max(self._beats.get(sender, 0.0), self._clock.monotonic())

    def _registered(self, message: Registered, sender: str) -> None:
        post = self._roster.get(sender)
        if post is not None and message.seat in post.seats:
            post.registered[message.seat] = message.ok
            self._changed.set()

    def _closed(self, message: CallClosed, sender: str) -> None:
        post = self._roster.get(sender)
        if post is not None and post.calls.pop(message.call_id, None) is not None:
            post.numbers.pop(message.call_id, None)
            self._retire_if_idle(post)
            self._changed.set()

    # --- orders ---

    async def _give(self, order: PlaceCall | ExpectCall | DialOut | Brief, post: Post | None, otherwise: str) -> None:
        """Hand a call to a worker; the same call id a second time is the same order."""
        if order.call_id in self._known and not isinstance(order, Brief):
            return  # (a brief may come again for the same seat and contact, offered a second time)
        self._known[order.call_id] = None
        while len(self._known) > KNOWN_LIMIT:
            self._known.popitem(last=False)
        if post is None or post.failing:
            self._tell_broken(order.call_id, order.contact, otherwise)
            return
        post.calls[order.call_id] = order.contact
        if isinstance(order, ExpectCall):
            post.numbers[order.call_id] = order.number
        self._changed.set()
        await self._bus.send(post.name, order, durable=True)

    async def _to_caller(self, order: PlaceCall | ExpectCall, _: str) -> None:
        await self._give(order, self._roster.free("callers"), "no free place")

    async def _to_seat(self, order: DialOut | Brief, _: str) -> None:
        await self._give(order, self._roster.with_seat(order.seat), f"seat {order.seat} has no phone")

    async def _register(self, order: RegisterAccount, _: str) -> None:
        post = self._roster.with_seat(order.seat) or self._roster.free("robots")
        if post is None:
            refusal = Registered(seat=order.seat, ok=False, code=0, reason="no free place: ask for more robots first")
            await self._bus.send("brain", refusal, durable=True)
            return
        post.seats[order.seat] = order
        self._changed.set()
        await self._bus.send(post.name, order, durable=True)

    async def _unregister(self, order: Unregister, _: str) -> None:
        post = self._roster.with_seat(order.seat)
        if post is not None:
            del post.seats[order.seat]
            post.registered.pop(order.seat, None)
            await self._bus.send(post.name, order, durable=True)
            self._retire_if_idle(post)  # it unregisters before it goes, also if it has not read the order yet
            self._changed.set()

    async def _on_call(self, order: EndCall | TransferCall | HoldCall, _: str) -> None:
        post = self._roster.with_call(order.call_id)
        if post is not None:
            await self._bus.send(post.name, order, durable=True)

    async def _end_all(self, order: EndAll, _: str) -> None:
        for post in self._roster.all():
            await self._bus.send(post.name, order, durable=True)

    def _where_is(self, message: WhereIs, _: str) -> Host:
        return self._roster.host(message.number)

    def _tell_broken(self, call_id: str, contact: str, why: str) -> None:
        log.warning("call %s is broken: %s", call_id, why)
        self._bus.post("brain", CallBroken(call_id=call_id, contact=contact, why=why), durable=True)


def _signal(post: Post, number: signal.Signals) -> None:
    if post.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(post.pid, number)
