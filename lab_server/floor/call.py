"""What the floor knows of one contact while it is on the line."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from datasets.language import Language
from lab_server.floor.playing import Playing
from lab_server.floor.tap import Tap
from lab_server.routing.agents import AgentState
from lab_server.routing.ivr_state import Facts
from lab_server.routing.plan import Arrival
from telephony.ari.channels import Reason
from telephony.trunks import HouseTrunk


class Stage(StrEnum):
    """Where a contact is; the same words stand in the channel variable RS_STAGE, the journal and the contact's row."""

    SCREENED = "screened"
    GREETED = "greeted"
    MENU = "menu"
    QUEUED = "queued"
    RINGING = "ringing"
    DIALLING = "dialling"  # outbound: the customer's phone rings
    FORWARDED = "forwarded"  # outside numbers are rung for the caller, one after the other
    TALKING = "talking"
    HELD = "held"  # told to listeners only: a talking contact whose customer hears music
    PARKED = "parked"
    MAILBOX = "mailbox"
    CALLBACK = "callback"  # the caller orders to be called back
    CONFERENCE = "conference"
    RATED = "rated"
    ENDED = "ended"


class Place(StrEnum):
    """Where a leg that is ours is to be. A story that settles brings every leg to its place."""

    ALONE = "alone"  # in no bridge: it hears prompts, or rings
    TALK = "talk"  # in the contact's own bridge
    CONSULT = "consult"  # in its second bridge: an agent and whoever he asks
    HOLD = "hold"  # hears music
    MONITOR = "monitor"  # a supervisor's phone, with a snoop on an agent's leg
    OUT = "out"  # its part in this contact is over: to be hung up


class Outcome(StrEnum):
    """How a contact ended; every contact ends with exactly one of these."""

    SERVED = "served"
    ABANDONED = "abandoned"  # hung up before an agent answered
    NO_ANSWER = "no_answer"  # outbound: the customer did not answer
    BUSY = "busy"
    REFUSED = "refused"  # outbound: no such number; inbound: not let in
    MESSAGE = "message"  # left one in a mailbox
    CALLBACK = "callback"  # ordered a call-back
    INFORMED = "informed"  # was answered by a menu alone
    CLOSED_LOST = "nobody_free"  # waited until the queue's limit
    STOPPED = "stopped"  # the class was ended while it was on the line
    BROKEN = "broken"  # the switch or a caller's worker died


@dataclass
class Leg:
    """One channel of a contact. `up`: answered; `ours`: inside Stasis, so it takes commands; `gone`: hung up.

    `place` is where it is to be, `seated` where it is, as far as we know. `endpoint` is what is dialled to reach it,
    and `rung` says that this has been done. Times are the switch's own: a brain that is busy for a moment hears of an
    answer later than it happened.
    """

    channel: str
    name: str  # customer, agent-1, party-1, supervisor-1 …
    up: bool = False
    ours: bool = False
    gone: bool = False
    cause: int | None = None
    began_at: datetime | None = None
    up_at: datetime | None = None
    gone_at: datetime | None = None  # None: the moment it is noted
    seat: str | None = None
    number: str = ""  # a party's
    place: Place = Place.ALONE
    seated: Place = Place.ALONE
    endpoint: str = ""
    ring_s: float = 0.0
    rung: bool = False
    auto_answer: bool = False  # the phone is asked to answer by itself
    page: bool = False  # it is a seat's page, which its reload takes away
    awaited: bool = False  # to be rung once the seat's page is there again
    muted: bool = False  # what it says is to be heard by nobody
    quiet: bool = False  # and is
    silent: bool = False  # silence is recorded in place of what it says
    talked: bool = False  # with the customer
    parting: Reason | None = None  # why it was let go
    digits: str = ""  # what it keyed, if it is not the customer's (those are the call's)
    was: AgentState | None = None  # what its agent did before
    notes: dict[str, str] = field(default_factory=dict)  # what the next brain must know; to be written on the channel
    written: str = ""  # what stands there (RS_NOTE)

    @property
    def role(self) -> str:
        """customer, agent, party or supervisor."""
        return self.name.partition("-")[0]


@dataclass
class Call:
    """A contact on the line. Handlers change it and call `touch`; the story waits with `until`.

    A command changes what is intended and calls `interrupt`: the story is begun again, at the stage that is then
    intended, and does what is missing.
    """

    contact: str
    direction: str  # in | out | conf
    trunk: str
    customer_number: str
    dialled: str
    stage: Stage
    folder: str = ""  # where the switch records this contact's legs
    customer: Leg | None = None
    agent: Leg | None = None  # who serves the customer now, or is rung to
    others: list[Leg] = field(default_factory=list)  # whoever else: rung, asked, joined, listening
    seat: str | None = None
    queue: str | None = None
    wanted_seat: str | None = None
    waiting_since_s: float | None = None
    back_since_s: float | None = None  # sent into a queue again: its place counts from before, its patience from here
    offers: int = 0  # agent legs so far: the next one is agent-<offers + 1>
    dropped: int = 0  # agent legs up to this number have been given up
    language: Language | None = None  # what it hears; None: the site's own
    priority: int = 0
    music: str = "default"  # on hold
    menu: str = ""  # its place in the menus, as `routing.ivr_state.State` writes it; the last one once it has left them
    arrival: Arrival | None = None  # where it began: line, hours, screening
    facts: Facts | None = None  # what is known of it when it comes to a menu
    last_seat: str | None = None  # where who served this number last sits
    wanted_s: float | None = None  # so long it waits for `wanted_seat` alone; None: the floor's own
    digits: str = ""
    last_digit_s: float = 0.0
    last_key: tuple[str, datetime] | None = None  # with the moment it was let go
    rating: int | None = None
    announced: bool = False
    outcome: Outcome | None = None
    released_by: str | None = None
    served: bool = False
    ended_at: datetime | None = None  # when it really ended, if nobody was there to see it
    dismissed: bool = False  # to be hung up, whatever its story is doing
    adopted: bool = False  # begun by an earlier brain
    begun: dict[str, int] = field(default_factory=dict)  # prompt → how often it was begun
    playbacks: dict[str, str] = field(default_factory=dict)  # id → done | failed
    recorded: dict[str, str] = field(default_factory=dict)  # recordings that have ended: name → done | failed
    offered: tuple[str, ...] = ()  # the seats the distributor has just given us
    unheld: bool = False  # it was given them at once, and does not hear its queue's music yet
    notes: dict[str, str] = field(default_factory=dict)  # more to remember on the channels, by whoever needs it
    taps: dict[str, Tap] = field(default_factory=dict)  # by channel: what hangs onto its legs
    playing: Playing | None = None  # an earlier recording, for the customer to hear
    unrecorded: str = ""  # by whom the recording was stopped
    rooms: set[Place] = field(default_factory=set)  # bridges of this contact that may be there
    entered: Stage | None = None  # the last stage that was written down
    speaking: bool = False  # everybody has been told that the parties can speak freely
    held: bool = False  # the customer hears music, and everybody has been told
    tone: bool | None = None  # the ringing tone is heard by who asks a colleague; None: an earlier brain knows
    story: "asyncio.Task[Any] | None" = None
    errands: "dict[str, asyncio.Task[Any]]" = field(
        default_factory=dict
    )  # what goes on though the story is interrupted
    wishes: int = 0  # commands so far
    met: int = 0  # how many of them the story has carried out
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def first(self) -> Leg | None:
        """The leg that began the contact: without it there is none."""
        return self.agent if self.direction == "out" else self.customer

    @property
    def bridge(self) -> str:
        return self.room(Place.TALK)

    def room(self, place: Place) -> str:
        """The id of the bridge of those who are at `place`."""
        return f"{self.contact}-{place}"

    @property
    def internal(self) -> bool:
        """From seat to seat: no customer takes part, and nobody has anything to write down."""
        return self.trunk == HouseTrunk.name

    @property
    def over(self) -> bool:
        """Whoever the contact is about, or began it, has gone: nothing is left but to release it."""
        if self.dismissed:
            return True
        if self.direction == "in":
            return self.customer is None or self.customer.gone
        if self.direction == "out" and not self.served:
            return self.agent is None or self.agent.gone
        if self.direction == "out" and self.stage is not Stage.TALKING:  # handed on, and waits like any caller
            return self.customer is None or self.customer.gone
        return False

    @property
    def heard_stage(self) -> Stage:
        """The stage as the customer hears it: `held` is a part of talking."""
        return Stage.HELD if self.held and self.stage is Stage.TALKING else self.stage

    def legs(self) -> list[Leg]:
        return [leg for leg in (self.customer, self.agent, *self.others) if leg is not None]

    def leg_of(self, channel: str) -> Leg | None:
        return next((leg for leg in self.legs() if leg.channel == channel), None)

    def leg_at(self, seat: str) -> Leg | None:
        """The leg of this seat's phone that has not ended; one that stays before one that is let go."""
        there = [leg for leg in self.legs() if leg.seat == seat and not leg.gone]
        return min(there, key=lambda leg: leg.place is Place.OUT, default=None)

    def new_leg(self, role: str, began_at: datetime, **fields: Any) -> Leg:
        """A leg that is to be rung, with a name that no other leg of this contact ever had."""
        if role == "agent":
            self.offers += 1
            name = f"agent-{self.offers}"
            if self.customer is not None:
                self.customer.notes["offers"] = str(self.offers)
        else:
            known = [one.get(role, "0") for one in (self.notes, *(leg.notes for leg in self.legs()))]
            known += [leg.name.rpartition("-")[2] for leg in self.legs() if leg.role == role]
            number = max(int(one) for one in known if one.isdecimal()) + 1
            self.notes[role] = str(number)
            name = f"{role}-{number}"
        return Leg(f"{self.contact}-{name}", name, began_at=began_at, **fields)

    def touch(self) -> None:
        """Something about this call changed: whoever waits looks again."""
        self._changed.set()

    def interrupt(self) -> int:
        """What is intended has changed: the story begins anew where it is now. Which wish this is (see `met`)."""
        self.wishes += 1
        if self.story is not None:
            self.story.cancel()
        return self.wishes

    def carried_out(self) -> None:
        """The story has done what was intended when it last looked."""
        self.met = self.wishes
        self.touch()

    async def until(self, condition: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Wait until `condition()` holds; False if `timeout_s` seconds passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return condition()
        return True
