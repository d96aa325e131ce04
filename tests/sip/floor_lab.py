"""The real floor in the test's own event loop: real switch, callers and phones; what it writes down is kept here."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from private_pbx import SEATS, write_tone
from worker_lab import WorkerLab, says, script, until

from datasets.numbers import NumberRanges
from datasets.prompts import AGENT_PROMPT, PROMPTS
from lab_server.floor.announcer import Announcing, Silent
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.distribution import Distribution
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Book, FloorSettings, Kit, Listener
from lab_server.floor.knowing import Knowing, KnowsNobody
from lab_server.floor.switch import Switch
from lab_server.ids import new_id
from lab_server.routing.agents import Agent, AgentState
from lab_server.routing.plan import FloorPlan, built_in
from telephony.ami import AmiClient
from telephony.ari import AriClient, Channel
from telephony.asterisk.process import Pbx
from telephony.bus import Endpoint, Hub
from telephony.clock import Clock, SystemClock
from telephony.fleet import Host, WhereIs
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk, Trunk
from telephony.useragent.messages import AskStage, Brief, DialOut, EndCall, ExpectCall, Registered, StageChanged

READY, NOT_READY, TALKING, WRAP_UP = AgentState.READY, AgentState.NOT_READY, AgentState.TALKING, AgentState.WRAP_UP


def quick(plan: FloorPlan, **times: Any) -> FloorPlan:
    """The plan with impatient questions: a test's caller keys at once or never."""
    times = {"first_s": 0.6, "inter_s": 1.5, "tries": 2} | times
    menus = {
        name: menu.model_copy(
            update={
                "nodes": {
                    node: one.model_copy(update={key: value for key, value in times.items() if hasattr(one, key)})
                    for node, one in menu.nodes.items()
                }
            }
        )
        for name, menu in plan.menus.items()
    }
    return plan.model_copy(update={"menus": menus})


PLAN = quick(built_in(("complaint", "order"), {"1": "complaint", "2": "order"}, SEATS, language="en"))
SETTINGS: dict[str, Any] = {
    "ring_timeout_s": 5.0, "max_wait_s": 60.0, "rating_s": 0.8, "dial_timeout_s": 5.0,
}  # fmt: skip
PHONES = SEATS[:4]


@dataclass(frozen=True)
class Entry:
    """What the floor wrote down: `at_s` on the steady clock."""

    contact: str
    kind: str
    data: dict[str, Any]
    at_s: float


@dataclass
class Notebook:
    """A `Book` that keeps everything in memory, in order."""

    clock: SystemClock
    entries: list[Entry] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)
    """All there were, in order: who looks at the floor may come too late."""
    legs: dict[str, dict[str, Leg]] = field(default_factory=lambda: defaultdict(dict))
    agents: list[Agent] = field(default_factory=list)
    pairs: dict[str, list[frozenset[tuple[str, str]]]] = field(default_factory=lambda: defaultdict(list))
    """Who talked with whom, each time that changed."""

    def _add(self, contact: str, kind: str, data: Mapping[str, object]) -> None:
        self.entries.append(Entry(contact, kind, dict(data), self.clock.monotonic()))

    def began(self, call: Call) -> None:
        self.calls[call.contact] = call
        self._add(call.contact, "began", {"trunk": call.trunk, "number": call.customer_number, "adopted": call.adopted})

    def entered(self, call: Call, stage: Stage) -> None:
        self._add(call.contact, "stage", {"stage": stage, "queue": call.queue})

    def noted(self, call: Call, kind: str, data: Mapping[str, object]) -> None:
        self._add(call.contact, kind, data)

    def leg_changed(self, call: Call, leg: Leg) -> None:
        self.legs[call.contact][leg.name] = leg
        state = "ended" if leg.gone else "answered" if leg.up else "began"
        self._add(call.contact, f"leg.{state}", {"leg": leg.name, "seat": leg.seat or call.seat})

    def talk_began(self, call: Call) -> None:
        self._add(call.contact, "talk.began", {"seat": call.seat})

    def talk_ended(self, call: Call) -> None:
        self._add(call.contact, "talk.ended", {})

    def paired(self, call: Call, pairs: frozenset[tuple[str, str]]) -> None:
        if not self.pairs[call.contact] or self.pairs[call.contact][-1] != pairs:
            self.pairs[call.contact].append(pairs)

    def held(self, call: Call, on: bool, seconds: float) -> None:
        self._add(call.contact, "held" if on else "resumed", {"seconds": seconds})

    def ended(self, call: Call, outcome: Outcome) -> None:
        self._add(call.contact, "ended", {"outcome": outcome, "by": call.released_by, "rating": call.rating})

    def agent_changed(self, agent: Agent) -> None:
        self.agents.append(agent)

    def of(self, contact: str, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.contact == contact and entry.kind == kind]

    def stages(self, contact: str) -> list[Stage]:
        return [entry.data["stage"] for entry in self.of(contact, "stage")]

    def seats(self, contact: str) -> list[str]:
        """Whose phones rang for it, in order."""
        return [
            str(entry.data["seat"]) for entry in self.of(contact, "leg.began") if entry.data["leg"].startswith("agent")
        ]


class Held(Switch):
    """Stops a story where it begins `stage`, until `go`: some stages are over too soon to hang up in them."""

    stage: Stage | None = None
    go: asyncio.Event

    async def mark(self, call: Call, stage: Stage) -> None:
        if stage is self.stage:
            await self.go.wait()
        await super().mark(call, stage)


class Teller:
    """A `Listener` that tells the workers each stage, as the classroom does."""

    def __init__(self, bus: Endpoint) -> None:
        self._bus = bus
        self._tasks: set[asyncio.Task[None]] = set()
        self.told: list[tuple[str, Stage]] = []

    def stage_entered(self, call: Call, stage: Stage) -> None:
        self.told.append((call.contact, stage))
        self._tell(call.contact, stage)

    def leg_rings(self, call: Call, leg: Leg) -> None: ...

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        self._tell(call.contact, Stage.ENDED)

    def agent_changed(self, agent: Agent) -> None: ...

    def _tell(self, contact: str, stage: Stage) -> None:
        task = asyncio.create_task(
            self._bus.send(f"contact/{contact}", StageChanged(contact=contact, stage=stage.value))
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@dataclass
class House:
    """A floor at work, with all that it was given."""

    ari: AriClient
    floor: Floor
    distribution: Distribution
    book: Notebook
    teller: Teller
    switch: Held
    ami: AmiClient

    async def close(self) -> None:
        """As when the program ends: the calls stay as they are."""
        await self.floor.close()
        await self.ami.close()

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    def ready(self, *seats: str) -> None:
        """These agents are signed on and idle, the first one longest."""
        for seat in seats:
            self.distribution.sign_on(seat)
            self.distribution.set_state(seat, READY)

    def state(self, seat: str) -> AgentState:
        return self.distribution.agent(seat).state

    def stage(self, contact: str) -> Stage | None:
        call = self.floor.call(contact)
        return call.stage if call is not None else None

    async def reaches(self, contact: str, stage: Stage, within_s: float = 10.0) -> Call:
        await until(lambda: self.stage(contact) is stage, within_s, f"{contact} in {stage}")
        call = self.floor.call(contact)
        assert call is not None
        return call

    async def talks(self, contact: str) -> None:
        """The announcement is over."""
        await until(lambda: (contact, Stage.TALKING) in self.teller.told, 10.0, f"{contact} talking")

    async def channels(self, contact: str = "") -> list[Channel]:
        return [
            channel
            for channel in await self.ari.channels.list()
            if not contact or channel.channelvars.get("RS_CONTACT") == contact
        ]

    async def on_the_line(self, contact: str, leg: str) -> None:
        """Its channel is on the switch: what was ordered a moment ago may not be there yet."""
        async with asyncio.timeout(5.0):
            while f"{contact}-{leg}" not in {channel.id for channel in await self.channels(contact)}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def bridges(self, contact: str = "") -> list[str]:
        """All but those of the queues, which stay; or one contact's."""
        found = [bridge.id for bridge in await self.ari.bridges.list() if not bridge.id.startswith("queue-")]
        return [bridge for bridge in found if bridge.startswith(contact)]

    async def ends(self, contact: str, within_s: float = 15.0) -> tuple[Outcome, str | None]:
        """Outcome and who ended it, once the contact is closed; it has left nothing behind."""
        await until(lambda: self.book.of(contact, "ended"), within_s, f"end of {contact}")
        await until_async(lambda: self.channels(contact), f"channels of {contact}")
        await until_async(lambda: self.bridges(contact), f"bridges of {contact}")
        assert self.floor.call(contact) is None
        assert contact not in {waiting.contact for waiting in self.distribution.waiting()}
        await until_async(lambda: tasks_of(contact), f"tasks of {contact}")
        assert all(leg.gone for leg in self.book.legs[contact].values())
        for agent in self.distribution.agents():
            assert agent.contact != contact or agent.state is WRAP_UP
        (end,) = self.book.of(contact, "ended")
        return end.data["outcome"], end.data["by"]


async def tasks_of(contact: str) -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if contact in task.get_name()]


async def until_async(ask: Any, what: str, within_s: float = 5.0) -> None:
    """Wait until `ask()` gives nothing any more."""
    deadline = asyncio.get_running_loop().time() + within_s
    while left := await ask():
        assert asyncio.get_running_loop().time() < deadline, f"{what} left behind: {left}"
        await asyncio.sleep(0.02)


class FloorLab(WorkerLab):
    """A switch, callers and registered phones, for the tests of one module."""

    def __init__(self, pbx: Pbx, folder: Path) -> None:
        self.houses: list[House] = []
        self.hosts: dict[str, tuple[str, int]] = {}
        self._prompts = 0
        super().__init__(pbx, folder)

    async def load_applications(self) -> None:
        """The floor itself answers: nothing is needed in its place."""

    def note_reports(self, hub: Hub) -> Endpoint:
        brain = super().note_reports(hub)
        brain.on(AskStage, self._answer_stage)
        return brain

    async def _answer_stage(self, message: AskStage, _sender: str) -> None:
        call = self.houses[-1].floor.call(message.contact) if self.houses else None
        stage = call.heard_stage if call is not None else Stage.ENDED
        await self.brain.send(f"contact/{message.contact}", StageChanged(contact=message.contact, stage=stage.value))

    async def staff(self, callers: int = 8, phones: tuple[str, ...] = PHONES) -> None:
        await self.ensure("callers", callers)
        await self.ensure("robots", len(phones))
        await self.register(*phones)

    async def __aexit__(self, *_: object) -> None:
        for house in self.houses:
            await house.close()
        await super().__aexit__(*_)

    async def sweep(self) -> None:
        """After a test that broke off: no floor of its is at work, and nobody is on the line."""
        for house in self.houses:
            await house.close()
        self.houses = []
        await self.pbx.console("channel request hangup all")
        pbx = self.pbx.settings
        async with AriClient(pbx.ari_url, pbx.ari_user, pbx.ari_password, pbx.app, self.clock) as ari:
            await until_async(ari.channels.list, "channels")
            for bridge in await ari.bridges.list():
                await ari.bridges.destroy(bridge.id)

    # -- floors -----------------------------------------------------------------------------------------------------

    def house(
        self, *, prompts: Mapping[str, float] | None = None, book: Book | None = None,
        listeners: tuple[Listener, ...] = (), trunk: Trunk | None = None, plan: FloorPlan = PLAN,
        clock: Clock | None = None, directory: Knowing | None = None, announcer: Announcing | None = None,
        more: Mapping[str, Any] | None = None, **settings: Any,
    ) -> House:  # fmt: skip
        """A floor that is not started yet, wired as the brain wires it. `prompts`: lengths other than 0.1 s;
        `more`: other fields of its kit."""
        pbx, notebook, teller = self.pbx.settings, Notebook(self.clock), Teller(self.brain)
        ari = AriClient(pbx.ari_url, pbx.ari_user, pbx.ari_password, pbx.app, self.clock, hear_all=True)
        ami = AmiClient("127.0.0.1", pbx.ami_port, pbx.ami_user, pbx.ami_password, self.clock)
        ami.start()
        distribution = Distribution(self.clock, notebook.agent_changed, 60.0, plan.queues.values(), plan.seats)
        switch = Held(ari, self._spoken(prompts or {}, plan), "en")
        switch.go = asyncio.Event()
        virtual, lab, seats = NumberRanges(), LabTrunk(self.hosts.get), HouseTrunk(SEATS)
        kit = Kit(
            switch=switch,
            distribution=distribution,
            book=book or notebook,
            settings=FloorSettings(**{**SETTINGS, "plan": plan, **settings}),
            clock=clock or self.clock,
            trunk_for=lambda _seat, number: (
                seats if seats.holds(number) else lab if virtual.hold(number) else trunk or NullTrunk()
            ),
            listeners=[teller, *listeners],
            recordings=pbx.recordings,
            ami=ami,
            announcer=announcer or Silent(),
            directory=directory or KnowsNobody(),
            **(more or {}),
        )
        self.houses.append(House(ari, Floor(ari, kit), distribution, notebook, teller, switch, ami))
        return self.houses[-1]

    @asynccontextmanager
    async def open(self, *ready: str, **how: Any) -> AsyncIterator[House]:
        """A floor at work; whoever is still on the line in the end is hung up, and nobody is left."""
        house = self.house(**how)
        house.ready(*ready)
        await house.floor.start()
        try:
            yield house
        finally:
            await self.shut(house)

    async def shut(self, house: House) -> None:
        for call in house.floor.calls():
            house.floor.end(call.contact, Outcome.STOPPED)
        await until(lambda: not house.floor.calls(), 10.0, "the floor is empty")
        await until_async(house.channels, "channels")
        await house.floor.close()

    def _spoken(self, lengths_s: Mapping[str, float], plan: FloorPlan) -> Path:
        """A folder of prompts; the announcement of seat 1001 is heard at 1001 Hz, the music at 300 Hz.

        English prompts are heard at 440 Hz, Chinese ones at 700 Hz.
        """
        self._prompts += 1
        folder = self.folder / f"prompts-{self._prompts}"
        built_in_prompts = {prompt for prompt, _, _ in PROMPTS} - {AGENT_PROMPT} | {f"agent-{seat}" for seat in SEATS}
        languages = {"en": 440.0} if plan is PLAN else {"en": 440.0, "zh-CN": 700.0}
        for language, usual_hz in languages.items():
            for prompt in built_in_prompts | plan.prompts.keys():
                pitch_hz = float(prompt.removeprefix("agent-")) if prompt.startswith("agent-") else usual_hz
                write_tone(folder / language / f"{prompt}.wav", pitch_hz, lengths_s.get(prompt, 0.1))
        return folder

    # -- parties ----------------------------------------------------------------------------------------------------

    async def rings(self, *steps: dict[str, Any], contact: str = "", begin: str = "answered", **fields: Any) -> str:
        """A caller rings; its contact, which is also the id of its call."""
        contact = contact or new_id()
        number = fields.pop("number", "95000")
        order = self.call(fields.pop("call_id", contact), number, script(*steps, begin=begin), contact=contact)
        await self.tell(order.model_copy(update=fields))
        return contact

    async def brief(self, contact: str, seat: str, *steps: dict[str, Any], begin: str = "talking", **how: Any) -> None:
        """What the seat's phone does when it rings for this contact."""
        order = Brief(
            seat=seat, contact=contact, conversation=script(*steps, begin=begin), **{"answer_after_s": 0.05, **how}
        )
        await self.tell(order)

    async def customer(
        self, number: str, *steps: dict[str, Any], contact: str = "", begin: str = "talking", **how: Any
    ) -> str:
        """Somebody waits to be phoned at `number`; the id of that call."""
        call_id = f"customer-{contact or new_id()}"
        order = ExpectCall(
            call_id=call_id, contact=contact, number=number, conversation=script(*steps, begin=begin),
            **{"answer_after_s": 0.05, **how},
        )  # fmt: skip
        await self.tell(order)

        async def host() -> tuple[str, int] | None:
            found = await self.brain.request("fleet", WhereIs(number=number), Host)
            return (found.address, found.port) if found.port else None

        for _ in range(200):
            if (place := await host()) is not None:
                # The worker must have read it too, or it would turn the call away.
                await until(lambda: not self.brain.unacknowledged and not self.fleet._bus.unacknowledged)
                self.hosts[number] = place
                return call_id
            await asyncio.sleep(0.02)
        raise AssertionError(f"nobody waits at {number}")

    async def dials(self, seat: str, number: str, *steps: dict[str, Any]) -> str:
        """The seat's phone dials; the id of that call."""
        call_id = f"dial-{new_id()}"
        await self.tell(
            DialOut(call_id=call_id, seat=seat, number=number, conversation=script(*steps, begin="talking"))
        )
        return call_id

    async def hangs_up(self, call_id: str) -> None:
        await self.tell(EndCall(call_id=call_id))

    def registered(self, seat: str) -> bool:
        news = [report.ok for report in self.all(Registered) if report.seat == seat]
        return bool(news) and news[-1]


def keys(digits: str, after_s: float = 0.1) -> dict[str, Any]:
    return {"press": {"digits": digits, "after_s": after_s}}


__all__ = ["FloorLab", "House", "keys", "says"]
