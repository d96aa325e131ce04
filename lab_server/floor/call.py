"""What the floor knows of one contact while it is on the line."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lab_server.routing.agents import AgentState


class Stage(StrEnum):
    """Where a contact is; the same words stand in the channel variable RS_STAGE, the journal and the contact's row."""

    SCREENED = "screened"
    GREETED = "greeted"
    MENU = "menu"
    QUEUED = "queued"
    RINGING = "ringing"
    DIALLING = "dialling"  # outbound: the customer's phone rings
    TALKING = "talking"
    RATED = "rated"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a contact ended; every contact ends with exactly one of these."""

    SERVED = "served"
    ABANDONED = "abandoned"  # hung up before an agent answered
    NO_ANSWER = "no_answer"  # outbound: the customer did not answer
    BUSY = "busy"
    REFUSED = "refused"  # outbound: no such number
    CLOSED_LOST = "nobody_free"  # waited until the queue's limit
    STOPPED = "stopped"  # the class was ended while it was on the line
    BROKEN = "broken"  # the switch or a caller's worker died


@dataclass
class Leg:
    """One channel of a contact. `up`: answered; `ours`: inside Stasis, so it takes commands; `gone`: hung up.

    Times are the switch's own: a brain that is busy for a moment hears of an answer later than it happened.
    """

    channel: str
    name: str  # customer, agent-1, …
    up: bool = False
    ours: bool = False
    gone: bool = False
    cause: int | None = None
    began_at: datetime | None = None
    up_at: datetime | None = None
    gone_at: datetime | None = None  # None: the moment it is noted


@dataclass
class Call:
    """A contact on the line. Handlers change it and call `touch`; the story waits with `until`."""

    contact: str
    direction: str  # in | out
    trunk: str
    customer_number: str
    dialled: str
    stage: Stage
    folder: str = ""  # where the switch records this contact's legs
    customer: Leg | None = None
    agent: Leg | None = None
    seat: str | None = None
    queue: str | None = None
    wanted_seat: str | None = None
    waiting_since_s: float | None = None
    offers: int = 0  # agent legs so far: the next one is agent-<offers + 1>
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
    agent_was: AgentState | None = None  # outbound: what the agent was before dialling
    begun: dict[str, int] = field(default_factory=dict)  # prompt → how often it was begun
    playbacks: dict[str, str] = field(default_factory=dict)  # id → done | failed
    offered: str | None = None  # the seat the distributor has just given us
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def first(self) -> Leg | None:
        """The leg that began the contact: without it there is none."""
        return self.agent if self.direction == "out" else self.customer

    @property
    def bridge(self) -> str:
        return f"{self.contact}-talk"

    def legs(self) -> list[Leg]:
        return [leg for leg in (self.customer, self.agent) if leg is not None]

    def leg_of(self, channel: str) -> Leg | None:
        return next((leg for leg in self.legs() if leg.channel == channel), None)

    def touch(self) -> None:
        """Something about this call changed: whoever waits looks again."""
        self._changed.set()

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
